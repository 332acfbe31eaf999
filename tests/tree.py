"""An HTML text as a tree, read strictly: what a browser would quietly repair is noted as a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


VOID = words("area base br col embed hr img input link meta source track wbr")
DRAWING = words("circle ellipse line path polygon polyline rect stop use")  # SVG may close these itself
CLOSES_P = words(
    "address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr main nav ol p pre section table ul"
)


@dataclass(eq=False)
class Element:
    """One element; `children` are elements and texts in order."""

    tag: str
    attrs: dict[str, str]
    line: int
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """Every element below, in the order of the text."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def get(self, name: str) -> str:
        return self.attrs.get(name, "")

    def within(self, *tags: str) -> Element | None:
        """The nearest element around this one with one of these tags."""
        around = self.parent
        while around is not None and around.tag not in tags:
            around = around.parent
        return around

    @property
    def text(self) -> str:
        """Its text as a screen reader has it: labels and alternatives in, what is hidden from it out."""
        return " ".join(" ".join(_spoken(self)).split())

    def __str__(self) -> str:
        shown = "".join(f' {name}="{value}"' for name, value in self.attrs.items() if name in SHOWN)
        return f"line {self.line}: <{self.tag}{shown}>"


SHOWN = ("id", "name", "type", "href", "action", "class", "hx-post", "hx-get")


def _spoken(element: Element) -> Iterator[str]:
    if element.get("aria-hidden") == "true" or "hidden" in element.attrs:
        return
    if element.get("aria-label"):
        yield element.get("aria-label")
        return
    if element.tag == "img":
        yield element.get("alt")
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif element.tag != "svg" or child.tag == "title":
            yield from _spoken(child)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("", {}, 0)
        self.faults: list[str] = []
        self.doctype = ""

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID | DRAWING:
            self.faults.append(f"{element}: a browser does not close it here; write </{tag}>")

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        element = Element(tag, {name: value or "" for name, value in reversed(attrs)}, self.getpos()[0], self.at)
        if len(element.attrs) < len(attrs):
            self.faults.append(f"{element}: has an attribute twice; a browser keeps the first")
        if tag in CLOSES_P and (around := element.within("p")) and not element.within("svg"):
            self.faults.append(f"{element}: inside <p> of line {around.line}, which a browser ends here; use a <div>")
        self.at.children.append(element)
        return element

    def handle_endtag(self, tag: str) -> None:
        if self.at.tag == tag:
            self.at = self.at.parent or self.root
            return
        line = self.getpos()[0]
        opened: Element | None = self.at
        while opened is not None and opened.tag != tag:
            opened = opened.parent
        if opened is None:
            self.faults.append(f"line {line}: </{tag}> closes nothing; take it out")
            return
        self.faults.append(f"line {line}: </{tag}> comes before the end of {self.at}; close that first")
        self.at = opened.parent or self.root

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)

    def close(self) -> None:
        super().close()
        if self.at is not self.root:
            self.faults.append(f"{self.at}: is never closed; write </{self.at.tag}>")


@dataclass
class Form:
    """A form as a browser would send it untouched: `fields` are its successful controls, without the buttons."""

    method: str
    action: str
    fields: list[tuple[str, str]]
    choices: list[tuple[str, str]]  # every value that could be chosen instead
    buttons: list[str]


class Page:
    """A page or a piece, read."""

    def __init__(self, html: str):
        self.html = html
        self.tree = read(html)
        self.elements = self.tree.elements
        self.whole = self.tree.doctype != ""
        self.ids = Counter(element.attrs["id"] for element in self.elements if "id" in element.attrs)
        self.found = {element.get("id"): element for element in reversed(self.elements)}
        self.labels = {element.get("for"): element for element in self.tree.tagged("label") if element.get("for")}

    @property
    def addresses(self) -> set[str]:
        """Where this page may send a request to, or be asked to."""
        names = ("action", "formaction", "hx-get", "hx-post")
        return {path_of(element.get(name)) for element in self.elements for name in names if element.get(name)}

    @property
    def links(self) -> list[str]:
        """Every address of ours that a link leads to."""
        return [element.get("href") for element in self.tree.tagged("a") if element.get("href").startswith("/")]

    @property
    def queries(self) -> list[str]:
        """Every link to this same page with other words after the question mark."""
        return [element.get("href") for element in self.tree.tagged("a") if element.get("href").startswith("?")]

    @property
    def forms(self) -> list[Form]:
        return [_form(self, form) for form in self.tree.tagged("form")]

    def controls(self, form: Element, *tags: str) -> list[Element]:
        """The form's controls of these tags, those outside that name it included."""
        number = form.get("id")
        return [
            element
            for element in self.tree.tagged(*tags)
            if (element.get("form") == number if "form" in element.attrs else element.within("form") is form)
        ]


def path_of(address: str) -> str:
    return urlsplit(address).path


def sends(element: Element) -> bool:
    kind = element.get("type").lower()
    return kind in ("submit", "image") or (element.tag == "button" and kind == "")


def _form(page: Page, form: Element) -> Form:
    fields, choices = [], []
    for element in page.controls(form, "input", "select", "textarea"):
        name, kind = element.get("name"), element.get("type") or "text"
        if not name or "disabled" in element.attrs:
            continue
        if element.tag == "select":
            options = [
                (one.attrs.get("value", one.text), "selected" in one.attrs) for one in element if one.tag == "option"
            ]
            choices += [(name, value) for value, _ in options]
            fields += [(name, value) for value, chosen in options if chosen][:1] or [
                (name, value) for value, _ in options[:1]
            ]
        elif element.tag == "textarea":
            fields.append(
                (name, "".join(child for child in element.children if isinstance(child, str)).removeprefix("\n"))
            )
        elif kind in ("radio", "checkbox"):
            choices.append((name, element.attrs.get("value", "on")))
            fields += [choices[-1]] if "checked" in element.attrs else []
        elif kind not in ("submit", "button", "reset", "image", "file"):
            fields.append((name, element.get("value")))
    buttons = [one.text or one.get("value") for one in page.controls(form, "button", "input") if sends(one)]
    return Form(form.get("method").lower() or "get", form.get("action"), fields, choices, buttons)


@dataclass
class Tree:
    """What was read: the elements, those that have an id, and what was wrong with the writing."""

    root: Element
    doctype: str
    faults: list[str]
    elements: list[Element]

    def tagged(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]


def read(html: str) -> Tree:
    """Read a whole page or a piece of one."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return Tree(builder.root, builder.doctype, builder.faults, list(builder.root))
