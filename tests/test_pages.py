"""The reader of pages sees each fault, says its repair, and says nothing of a good page."""

import pytest

from tests.pages import faults
from tests.tree import Page

GOOD = """<!DOCTYPE html>
<html lang="en-GB">
  <head><title>Inbox · Sonofolio</title><meta charset="utf-8"><link rel="stylesheet" href="/static/app.css?v=1"></head>
  <body>
    <a href="#main">Skip to the page</a>
    <h1>Inbox</h1>
    <main id="main">
      <div id="error"><h2><svg aria-hidden="true"><use href="/static/icons.svg#x"></use></svg>Mend</h2></div>
      <form method="post" action="/scans" id="log" hx-post="/scans" hx-target="#main" hx-swap="outerHTML show:top"
            hx-trigger="submit, change delay:300ms from:#log">
        <input type="hidden" name="csrf_token" value="abc">
        <fieldset><legend>Support</legend><label><input type="radio" name="kind" value="aided">Aided</label></fieldset>
        <label for="why">Why</label><textarea id="why" name="why" aria-describedby="error">
Line one</textarea>
        <select name="site" aria-label="Site"><option value="1" selected>Croydon</option></select>
        <button>Save scan</button>
      </form>
      <button type="submit" form="log"><svg role="img" aria-label="Finish later"><path d="M0"/></svg></button>
      <table><tr><th scope="col">Name</th></tr><tr><td>Amara</td></tr></table>
      <ul><li><a href="/scans">Scans</a></li></ul>
      <details><summary>More</summary><img src="/static/a.png" alt=""></details>
    </main>
  </body>
</html>"""


def knows(method: str, path: str) -> bool:
    return path.startswith("/static/") or (path == "/scans" and method in ("GET", "POST"))


def page(inner: str) -> str:
    head = '<!DOCTYPE html><html lang="en"><head><title>A</title></head>'
    return f"{head}<body><main><h1>A</h1>{inner}</main></body></html>"


def test_nothing_is_said_of_a_good_page():
    assert faults(Page(GOOD), knows) == []


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (' lang="en-GB"', "", "its language"),
        ("<title>Inbox · Sonofolio</title>", "<title> </title>", "no <title>"),
        ("<h1>Inbox</h1>", "<h1></h1>", "0 h1"),
        ("<h1>Inbox</h1>", "<h1>Inbox</h1><h1>Again</h1>", "2 h1"),
        ('<main id="main">', '<main id="main"><main>', "exactly one <main>"),
        ('href="#main"', 'href="#there"', "leads nowhere"),
        ('id="error"', 'id="why"', "is there 2 times"),
        ('aria-describedby="error"', 'aria-describedby="error why-hint"', 'points to "why-hint"'),
        ('for="why"', 'for="because"', "no field on the page"),
        ('<label for="why">Why</label>', "", "has no label"),
        ('<select name="site"', "<select", "never sent"),
        ("<legend>Support</legend>", "", "no <legend>"),
        (' name="csrf_token" value="abc"', ' name="csrf_token" value=""', "csrf_token"),
        ('<input type="hidden" name="csrf_token" value="abc">', "", "0 csrf_token"),
        ('action="/scans" id="log" hx-post="/scans"', 'action="/scan" id="log"', "no address for POST"),
        ('hx-post="/scans"', 'hx-post="/static/x"', "not what it does alone"),
        ('hx-target="#main"', 'hx-target="#mian"', '"#mian"'),
        ('hx-swap="outerHTML show:top"', 'hx-swap="outer"', "for innerHTML"),
        ('hx-swap="outerHTML show:top"', 'hx-swap="outerHTML softly"', "no modifier"),
        ("hx-trigger=", "hx-on-click=", "none of our htmx words"),
        ("change delay:300ms", "change[ctrlKey]", "needs eval"),
        ("change delay:300ms", "change wait:300ms", "not understood"),
        ('aria-label="Site"', 'aria-lable="Site"', "no aria attribute"),
        (' aria-label="Finish later"', "", "no name"),
        ("<legend>Support</legend>", "<legend>Support</legend><p><div></div></p>", "inside <p>"),
        ('href="/scans"', 'href="/scanz"', "no address for GET"),
        ('href="/scans"', 'href="scans"', "no full path"),
        ('src="/static/a.png"', 'src="https://elsewhere.test/a.png"', "leaves our host"),
        (">Scans</a>", "></a>", "has no name"),
        (' alt=""', "", "has no alt"),
        ('<th scope="col">Name</th>', "<td>Name</td>", "no headers"),
        ('<th scope="col">Name</th>', "<th></th>", "empty header"),
        ("</h2></div>", "</div></h2>", "</div> comes before"),
        ("<summary>More</summary>", "", "no <summary>"),
        ("<ul><li>", "<ul><b></b><li>", "put it in an <li>"),
    ],
)
def test_a_fault_of_a_page_is_seen_and_its_repair_is_said(was, becomes, says):
    assert was in GOOD
    assert says in "\n".join(faults(Page(GOOD.replace(was, becomes, 1)), knows))


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ('<p style="color:red">x</p>', "inline style"),
        ("<style>p{}</style>", "inline style"),
        ("<script>alert(1)</script>", "inline script"),
        ('<p onclick="x()">x</p>', "onclick is inline script"),
        ('<p hx-on:click="x()">x</p>', "inline script"),
        ('<a href="javascript:x()">x</a>', "runs what it is given"),
        ('<form method="post" action="/scans"><form></form></form>', "inside another form"),
        ('<form action="/scans"><input name="q" aria-label="Find"></form>', "no submit button"),
        ('<form method="delete" action="/scans"><button>x</button></form>', "sent as GET"),
        ('<button hx-post="/scans">x</button>', "outside a form"),
        ('<form action="/scans"><input type="radio" name="a" aria-label="A"><button>x</button></form>', "<fieldset>"),
        ('<p hx-get="/scans" hx-swap="morph:outerHTML">x</p>', "morphs without its extension"),
        ('<p hx-ext="morph" hx-get="/scans" hx-swap="morph:{a:1}">x</p>', "for innerHTML"),
        ('<p hx-ext="sse">x</p>', "only extension here is morph"),
        ('<p hx-headers="js:{a: b}">x</p>', "needs eval"),
        ('<p hx-headers="{&quot;A&quot;: 1}">x</p>', "a JSON object of texts"),
        ("<h3>Deep</h3>", "follows h1"),
        ("<svg><circle/></svg>", "has no text"),
        ('<a href="/scans"><button>x</button></a>', "side by side"),
        ('<p tabindex="3">x</p>', "tabindex"),
        ('<p id="">x</p>', "one word"),
        ('<p id="None">x</p>', "is Python"),
        ("<p>never closed", "comes before the end"),
        ('<div class="a" class="b"></div>', "twice"),
        ("<span/>", "does not close it"),
        ("</section>", "closes nothing"),
    ],
)
def test_a_fault_in_what_a_page_holds_is_seen(inner, says):
    assert says in "\n".join(faults(Page(page(inner)), knows))


def test_a_piece_may_point_to_the_page_that_it_goes_into_and_nowhere_else():
    piece = Page(
        '<form method="post" action="/scans" hx-post="/scans" hx-target="#card"><input type="hidden" '
        'name="csrf_token" value="a"><button>Undo</button></form>'
    )
    assert faults(piece, knows) == []
    assert faults(piece, knows, around={"card"}) == []
    assert '"#card"' in "\n".join(faults(piece, knows, around={"inbox"}))


def test_what_goes_out_of_band_has_a_place_to_go():
    piece = Page('<p id="card">Approved</p><p id="waiting" hx-swap-oob="true">3</p>')
    assert faults(piece, knows, around={"card", "waiting"}) == []
    assert 'out of band to "#waiting"' in "\n".join(faults(piece, knows, around={"card"}))


def test_a_piece_has_no_h1_of_its_own():
    assert "use h2" in "\n".join(faults(Page("<h1>Approved</h1>"), knows))


def test_a_form_is_found_as_a_browser_would_send_it():
    (form,) = Page(GOOD).forms
    assert (form.method, form.action, form.buttons) == ("post", "/scans", ["Save scan", "Finish later"])
    assert form.fields == [("csrf_token", "abc"), ("why", "Line one"), ("site", "1")]
    assert ("kind", "aided") in form.choices


def test_a_piece_that_asks_by_itself_with_its_validator_is_sound():
    asks = """<div hx-ext="morph"><p hx-get="/scans" hx-trigger="every 20s, visibilitychange from:document"
      hx-swap="morph:outerHTML" hx-headers='{"If-None-Match": "W/1"}'>x</p></div>"""
    assert faults(Page(page(asks)), knows) == []
