"""What every page and piece of ours must be, read as a careful reader would; each fault is said with its repair.

`Page(html)` is read once; `faults(page, ...)` lists what is wrong with it. A page has a doctype; anything else is a
piece, which has the same duties but those of a whole page, and may point to what is on the page that it goes into.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from urllib.parse import urlsplit

from tests.tree import Element, Page, sends, words

# The htmx words of this house. Another one is either a slip (htmx ignores it in silence) or wants a decision.
HTMX = words("get post target swap trigger swap-oob include indicator disabled-elt sync select ext headers")
MORPHS = words("morph:innerHTML morph:outerHTML")  # of the extension "morph"; with options it would need eval
SWAPS = MORPHS | words("innerHTML outerHTML beforebegin afterbegin beforeend afterend delete none")
SWAP_MODIFIERS = re.compile(
    r"(swap|settle):\d+m?s|(scroll|show):(none|top|bottom|window:top|#[\w-]+:(top|bottom))|focus-scroll:(true|false)"
)
TRIGGER_MODIFIERS = re.compile(
    r"once|changed|consume|delay:\d+m?s|throttle:\d+m?s|from:\S+|target:\S+|queue:(first|last|all|none)"
)
SYNCS = words("drop abort replace queue") | {"queue first", "queue last", "queue all"}
POINTERS = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "aria-errormessage", "aria-details")
ARIA = words(
    "atomic busy checked colcount controls current describedby description details disabled errormessage "
    "expanded haspopup hidden invalid label labelledby level live multiselectable orientation owns placeholder "
    "posinset pressed readonly relevant required roledescription rowcount selected setsize sort valuemax "
    "valuemin valuenow valuetext"
)
NOT_FIELDS = ("hidden", "submit", "button", "reset", "image")
Knows = Callable[[str, str], bool]


def faults(page: Page, knows: Knows, *, at: str = "", around: Collection[str] | None = None) -> list[str]:
    """What is wrong with a page or a piece, each with its repair.

    Args:
        knows: whether (method, path) is an address of ours.
        at: the page's own path, to which a form without an action is sent.
        around: ids of the page that a piece goes into; None when that is not known: then it may point out of itself.
    """
    found = list(page.tree.faults)
    for reader in (_whole, _ids, _fields, _forms, _htmx, _policy, _names, _headings, _tables, _nesting):
        if reader is not _whole or page.whole:
            found += reader(page)
    found += _addresses(page, knows, at)
    if page.whole or around is not None:
        found += _pointers(page, set(page.ids) | set(around or ()))
    if not page.whole and around is not None:
        found += _out_of_band(page, around)
    return found


# --- A whole page ----------------------------------------------------------------------------------------------


def _whole(page: Page) -> Iterator[str]:
    html = page.tree.tagged("html")
    if len(html) != 1 or not html[0].get("lang"):
        yield 'the page does not say its language; write <html lang="en-GB">'
    titles = [title for title in page.tree.tagged("title") if not title.within("svg")]
    if len(titles) != 1 or not titles[0].text.strip(" ·"):
        yield "the page has no <title> of its own; fill block title"
    count = len([one for one in page.tree.tagged("h1") if one.text])
    if count != 1:
        yield f"the page has {count} h1 with text; give it exactly one"
    if len(page.tree.tagged("main")) != 1:
        yield "the page has not exactly one <main>; extend layout.html"
    if re.search(r"user-scalable\s*=\s*no|maximum-scale", page.html[:4000]):
        yield "the page blocks zooming; take user-scalable and maximum-scale out"
    if len([one for one in page.elements if "autofocus" in one.attrs]) > 1:
        yield "several elements have autofocus; leave it to one"


# --- What points where -----------------------------------------------------------------------------------------


def _ids(page: Page) -> Iterator[str]:
    for number, count in page.ids.items():
        if count > 1:
            yield f'id="{number}" is there {count} times; make each id unique, with the row\'s own id in it'
        if not number or re.search(r"\s", number):
            yield f'id="{number}" is empty or has a space; an id is one word'


def _pointers(page: Page, known: set[str]) -> Iterator[str]:
    for element in page.elements:
        for name in POINTERS:
            for number in element.get(name).split():
                if number not in known:
                    yield f'{element}: {name} points to "{number}", which is not on the page; give that id or drop it'
        if element.tag == "label" and element.get("for") and element.get("for") not in known:
            yield f'{element}: for="{element.get("for")}" is no field on the page; use the field\'s id'
        href = element.get("href")
        if href.startswith("#") and href != "#" and href[1:] not in known and href != "#top":
            yield f'{element}: "{href}" leads nowhere; give that id or drop the link'
        if element.get("form") and element.get("form") not in known:
            yield f'{element}: form="{element.get("form")}" is no form on the page; use the form\'s id'
        for name in ("hx-target", "hx-include", "hx-indicator", "hx-disabled-elt", "hx-sync"):
            for number in re.findall(r"#([\w-]+)", element.get(name)):
                if number not in known:
                    yield f'{element}: {name} points to "#{number}", which is not on the page; give that id or drop it'


def _out_of_band(page: Page, around: Collection[str]) -> Iterator[str]:
    for element in page.elements:
        if "hx-swap-oob" in element.attrs:
            selector = re.search(r":#([\w-]+)$", element.get("hx-swap-oob"))
            number = selector.group(1) if selector else element.get("id")
            if number not in around:
                yield f'{element}: out of band to "#{number}", which is not on the page: htmx drops it in silence'


def _addresses(page: Page, knows: Knows, at: str) -> Iterator[str]:
    for element in page.elements:
        asked = [("GET", name) for name in ("href", "src", "hx-get") if name in element.attrs]
        asked += [("POST", "hx-post")] if "hx-post" in element.attrs else []
        if "formaction" in element.attrs:
            asked.append(((element.get("formmethod") or "post").upper(), "formaction"))
        if element.tag == "form" and ("action" in element.attrs or element.get("method").lower() == "post"):
            asked.append(((element.get("method") or "get").upper(), "action"))
        for method, name in asked:
            value = element.attrs.get(name, at) if name == "action" else element.get(name)
            parts = urlsplit(value)
            if value.startswith("#") or (element.tag == "a" and parts.scheme in ("https", "mailto")):
                continue
            if parts.scheme or parts.netloc:
                yield f'{element}: {name}="{value}" leaves our host; serve it from here'
            elif not parts.path.startswith("/") and not (value.startswith("?") and method == "GET"):
                yield f'{element}: {name}="{value}" is no full path; write url_for(...)'
            elif parts.path and not knows(method, parts.path):
                yield f'{element}: {name}="{value}" is no address for {method}; look at flask routes'


# --- Forms -----------------------------------------------------------------------------------------------------


def _fields(page: Page) -> Iterator[str]:
    for element in page.tree.tagged("input", "select", "textarea"):
        kind = element.get("type") or "text"
        if element.tag == "input" and kind in NOT_FIELDS:
            continue
        if not _label_of(page, element):
            yield f"{element}: has no label; write a <label> for it, around it, or an aria-label"
        if (
            not element.get("name")
            and "readonly" not in element.attrs
            and "form" not in element.attrs
            and element.within("form")
        ):
            yield f"{element}: has no name, so it is never sent; name it"
        if kind == "radio" and not _grouped(element):
            yield f"{element}: stands in no <fieldset> with a <legend>; group it, so that the question is heard"
    for fieldset in page.tree.tagged("fieldset"):
        legends = [child for child in fieldset.children if isinstance(child, Element) and child.tag == "legend"]
        if (not legends or not legends[0].text) and not fieldset.get("aria-label") + fieldset.get("aria-labelledby"):
            yield f"{fieldset}: has no <legend> with text; write one"


def _label_of(page: Page, element: Element) -> str:
    if element.get("aria-label"):
        return element.get("aria-label")
    for number in element.get("aria-labelledby").split():
        if page.found.get(number) is not None or not page.whole:
            return number
    around = element.within("label")
    label = page.labels.get(element.get("id")) if element.get("id") else None
    return (label.text if label else "") or (around.text if around else "")


def _grouped(element: Element) -> bool:
    around = element.parent
    while around is not None:
        if around.tag == "fieldset" or around.get("role") in ("radiogroup", "group"):
            return True
        around = around.parent
    return False


def _forms(page: Page) -> Iterator[str]:
    for form in page.tree.tagged("form"):
        method = form.get("method").lower() or "get"
        if form.within("form"):
            yield f"{form}: stands inside another form, which a browser drops; move it out"
        if method not in ("get", "post"):
            yield f'{form}: method="{method}" is sent as GET by a browser; use post'
        if not [one for one in page.controls(form, "button", "input") if sends(one)]:
            yield f"{form}: has no submit button, so it cannot be sent without JavaScript; give it one"
        if method == "post":
            tokens = [one for one in page.controls(form, "input") if one.get("name") == "csrf_token"]
            if len(tokens) != 1 or not tokens[0].get("value"):
                yield f"{form}: has {len(tokens)} csrf_token, not one; write form.hidden_tag() or the hidden input"
        if "hx-post" in form.attrs and (method != "post" or form.get("hx-post") != form.get("action")):
            yield f'{form}: hx-post="{form.get("hx-post")}" is not what it does alone; give it that action, posted'
    for element in page.elements:
        if "hx-post" in element.attrs and element.tag != "form" and not _form_of(page, element):
            yield f"{element}: hx-post outside a form does nothing without JavaScript; put it on a form"


def _form_of(page: Page, element: Element) -> Element | None:
    return page.found.get(element.get("form")) if "form" in element.attrs else element.within("form")


# --- htmx ------------------------------------------------------------------------------------------------------


def _htmx(page: Page) -> Iterator[str]:
    for element in page.elements:
        for name, value in element.attrs.items():
            if not name.startswith(("hx-", "data-hx-")):
                continue
            if name.removeprefix("hx-") not in HTMX:
                yield f"{element}: {name} is none of our htmx words ({', '.join(sorted(HTMX))})"
            elif wrong := _wrong_word(name, value):
                yield f'{element}: {name}="{value}": {wrong}'
        if element.get("hx-swap").split(" ")[0] in MORPHS and page.whole and not _morphs(element):
            yield f'{element}: morphs without its extension; write hx-ext="morph" on it or around it'
        if "hx-target" in element.attrs and not {"hx-get", "hx-post"} & set(element.attrs):
            yield f"{element}: hx-target without a request of its own; put it beside hx-get or hx-post"


def _wrong_word(name: str, value: str) -> str:
    words = value.split()
    if name == "hx-swap":
        wrong = [word for word in words[1:] if not SWAP_MODIFIERS.fullmatch(word)]
        if not words or words[0] not in SWAPS:
            return "htmx would take it for innerHTML; say " + ", ".join(sorted(SWAPS))
        return f"{wrong[0]} is no modifier of a swap" if wrong else ""
    if name == "hx-ext" and value != "morph":
        return "the only extension here is morph"
    if name == "hx-headers" and not _says_headers(value):
        return "say a JSON object of texts; anything else needs eval, which the content policy forbids"
    if name == "hx-swap-oob":
        known = value == "true" or value.split(":")[0] in SWAPS
        return "" if known else "say true, or how to swap"
    if name == "hx-trigger":
        if "[" in value:
            return "a filter in brackets needs eval, which the content policy forbids; listen in static/app.js"
        for one in value.split(","):
            first, *modifiers = one.split() or [""]
            if first == "every" and modifiers and re.fullmatch(r"\d+m?s", modifiers[0]):
                modifiers = modifiers[1:]
            wrong = [word for word in modifiers if not TRIGGER_MODIFIERS.fullmatch(word)]
            if not re.fullmatch(r"[a-zA-Z][\w:.-]*", first) or wrong:
                return f"{(wrong or [first])[0]!r} is not understood in a trigger"
    if name == "hx-sync" and ":" in value and value.rsplit(":", 1)[1].strip() not in SYNCS:
        return "say drop, abort, replace or queue"
    if name in ("hx-target", "hx-indicator", "hx-include", "hx-select") and not value:
        return "is empty"
    return ""


def _says_headers(value: str) -> bool:
    try:
        found = json.loads(value)
    except ValueError:
        return False
    return isinstance(found, dict) and all(isinstance(one, str) for one in found.values())


def _morphs(element: Element) -> bool:
    """Whether the extension that a morphing swap needs is switched on here or around."""
    return "hx-ext" in element.attrs or (element.parent is not None and _morphs(element.parent))


# --- What the content policy refuses ---------------------------------------------------------------------------


def _policy(page: Page) -> Iterator[str]:
    for element in page.elements:
        if element.tag == "style" or "style" in element.attrs:
            yield f"{element}: inline style, which the content policy refuses; use a class of app.css"
        if element.tag == "script" and (not element.get("src") or "".join(map(str, element.children)).strip()):
            yield f"{element}: inline script, which the content policy refuses; write it in a file under static/"
        if element.tag in ("iframe", "object", "embed", "base", "frame"):
            yield f"{element}: <{element.tag}> has no place on a page of ours"
        for name, value in element.attrs.items():
            if name.startswith(("on", "hx-on")):
                yield f"{element}: {name} is inline script; listen for it in a file under static/"
            if re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE) and name in (
                "href",
                "src",
                "action",
                "formaction",
            ):
                yield f'{element}: {name}="{value[:30]}" runs what it is given; lead to an address of ours'
            if value in ("None", "Undefined", "[]", "{}") and not name.startswith(("value", "content", "data-")):
                yield f'{element}: {name}="{value}" is Python, not a value; leave the attribute out when there is none'


# --- Names and order, as a screen reader hears them ------------------------------------------------------------


def _names(page: Page) -> Iterator[str]:
    for element in page.elements:
        named = element.get("aria-labelledby") or element.get("aria-label")
        if (
            element.tag in ("a", "button", "summary")
            and not (element.text or named or _out_of_reach(element))
            and (element.tag != "a" or "href" in element.attrs)
        ):
            yield f"{element}: has no name; give it text, or an aria-label beside its icon"
        if element.tag == "input" and element.get("type") in ("submit", "button") and not element.get("value"):
            yield f"{element}: has no name; give it a value"
        if element.tag == "img" and "alt" not in element.attrs:
            yield f'{element}: has no alt; describe it, or write alt="" when it only decorates'
        if element.tag == "svg" and not element.within("svg") and not (element.text or named or _hidden(element)):
            yield f'{element}: has no text; give it role="img" and a <title> or aria-label, or aria-hidden="true"'
        if element.get("role") == "img" and not (element.text or named or _hidden(element)):
            yield f'{element}: role="img" without a name; give it an aria-label'
        if element.get("tabindex").isdigit() and int(element.get("tabindex")) > 0:
            yield f"{element}: tabindex above 0 breaks the order of the page; use 0 or leave it out"
        for name in element.attrs:
            if name.startswith("aria-") and name[5:] not in ARIA:
                yield f"{element}: {name} is no aria attribute; look at its spelling"


def _out_of_reach(element: Element) -> bool:
    """Neither heard nor reached by keyboard: what is not shown yet, a form's first button, pressed by Enter alone."""
    return "hidden" in element.attrs or (element.get("tabindex") == "-1" and _hidden(element))


def _hidden(element: Element | None) -> bool:
    while element is not None:
        if element.get("aria-hidden") == "true":
            return True
        element = element.parent
    return False


def _headings(page: Page) -> Iterator[str]:
    before = 0
    for heading in page.tree.tagged("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(heading.tag[1])
        if not heading.text:
            yield f"{heading}: is empty; give it text or take it out"
        if level > before + 1 and (before or page.whole):
            yield (
                f"{heading}: follows h{before}; use h{before + 1}, and a class for its look"
                if before
                else (f"{heading}: is the first heading; the first is the h1")
            )
        if level == 1 and not page.whole:
            yield f"{heading}: a piece goes into a page that has its h1; use h2 or lower"
        before = level


def _tables(page: Page) -> Iterator[str]:
    for table in page.tree.tagged("table"):
        headers = [one for one in table if one.tag == "th"]
        if not headers:
            yield f"{table}: has no headers; write <th scope=...>"
        for header in headers:
            if not header.text:
                yield f'{header}: an empty header; write its text, in class="hidden" if need be'


INTERACTIVE = ("a", "button", "select", "textarea", "summary")


def _nesting(page: Page) -> Iterator[str]:
    for element in page.elements:
        if element.tag in (*INTERACTIVE, "input", "form") and (around := element.within("a", "button")):
            yield f"{element}: stands inside {around}, which a browser takes apart; put them side by side"
        if element.tag in ("ul", "ol"):
            for child in element.children:
                if isinstance(child, Element) and child.tag not in ("li", "template", "script"):
                    yield f"{child}: stands straight in a list; put it in an <li>"
        if element.tag == "details" and not any(
            isinstance(one, Element) and one.tag == "summary" for one in element.children
        ):
            yield f"{element}: has no <summary>, so nobody knows what it opens; write one"
