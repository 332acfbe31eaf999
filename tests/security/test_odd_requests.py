"""What no page of ours would send is answered with a sentence: never with a 500, and nothing of it is kept by half."""

import itertools

import pytest

from tests.faults.ground import FULL
from tests.security.table import POSTS, ROUTE_FIELDS, TABLE, TAKES_FILES, answers
from tests.security.world import path_to

FORM = "application/x-www-form-urlencoded"
BODIES = {
    "json": (b'{"report": "x"}', "application/json"),
    "broken json": (b'{"report": ', "application/json"),
    "plain text": (b"report", "text/plain"),
    "xml": (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        "application/xml",
    ),
    "no type": (b"report=x", ""),
    "a type that is none": (b"report=x", "x" * 200),
    "bytes": (bytes(range(256)), "application/octet-stream"),
    "multipart without a boundary": (b"report=x", "multipart/form-data"),
    "multipart cut off": (
        b'--b\r\nContent-Disposition: form-data; name="report"\r\n\r\nx',
        "multipart/form-data; boundary=b",
    ),
    "multipart with a file": (
        b'--b\r\nContent-Disposition: form-data; name="report"; filename="../../x"\r\n\r\nx\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "multipart of too many parts": (
        b"".join(b'--b\r\nContent-Disposition: form-data; name="normal"\r\n\r\nx\r\n' for _ in range(2100))
        + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "bad utf-8": (b"report=%ff%fe%c3%28&region=\xff\xfe&scan_id=%ff&version=%ff&mentor=%ff", FORM),
    "half a character": (b"report=%e2%82&why=%f0%9f", FORM),
    "lone surrogates": (b"report=%ed%a0%80&why=%ed%b0%80", FORM),
    "null bytes": (b"report=%00&region=%00&why=%00&scan_id=%00&version=%00&mentor=%00", FORM),
    "only separators": (b"&&==&=&;", FORM),
    "5,000 fields": (b"a=1&" * 5_000, FORM),
    "one field 400 times": (b"finding=ssp%3Atear&" * 400, FORM),
    "one field nested": (b"report[a][b]=1&report[]=2&scan_id[]=3", FORM),
    "empty": (b"", FORM),
}
NUMBERS = ("-1", "1e9", "9" * 19, "9" * 5000, "1.5", "\u0661", "NaN", "", "1\x00", "1;2")


ROUTES = {route: (route, row, who, thing) for route, row, who, thing, _ in reversed(POSTS)}.values()  # each once


def sent(world, among=ROUTES, **options):
    """Send this to each of the routes that take a form, as who may: yields route and answer; all is taken back."""
    for route, row, who, thing in among:
        path, number = path_to(world, route.split()[1], thing)
        with world.undone():
            row.before(world)
            yield route, world.ask(who, "POST", path, **options)


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_no_page_sends_is_answered_with_a_sentence(world, body):
    """In the short run by every third route, others for each body."""
    data, kind = BODIES[body]
    among = list(ROUTES) if FULL else list(ROUTES)[list(BODIES).index(body) % 3 :: 3]
    for route, answer in sent(world, among, data=data, content_type=kind):
        assert answer.status_code < 500, (route, answer.status_code)


@pytest.mark.slow
def test_two_megabytes_are_too_much_everywhere(world):
    before = world.snapshot()
    for kind in (FORM, "multipart/form-data; boundary=b", "application/json"):
        for route, answer in sent(world, data=b"x" * 2_000_000, content_type=kind):
            if route in TAKES_FILES:  # two are not too much there, but this is no form of ours
                assert answer.status_code in (400, 413, 422), (route, kind)
            else:
                assert answer.status_code == 413 and "at once" in answer.text, (route, kind)
    assert world.snapshot() == before


@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}], ids=["any server", "one that ends the input"])
def test_a_body_that_was_cut_off_is_not_taken_for_the_whole(world, server):
    whole = "scan_id=6b1f8a52-8f0e-4a43-9d0c-2f4a6f3a1c11&later=1&region=shoulder&side=right&report=the+first+half+of"
    before = world.snapshot()
    for length in (len(whole) + 1, len(whole) + 500):
        environ = {"CONTENT_LENGTH": str(length), **server}
        answer = world.ask("amara", "POST", "/scans", whole, content_type=FORM, environ_overrides=environ)
        assert answer.status_code == 400
    assert world.snapshot() == before
    with world.undone():
        assert world.ask("amara", "POST", "/scans", whole, content_type=FORM).status_code == 303


@pytest.mark.parametrize("name", ["finding", "normal", "limitation", "modifier", "scan", "anything"])
def test_more_fields_than_any_page_has_are_too_much(world, name):
    many = {name: [f"a{number}: b{number}" for number in range(2_000)], "region": "shoulder"}
    for path, who in (("/scans", "amara"), ("/scans/report", "amara"), ("/inbox/approvals", "ravi")):
        assert world.ask(who, "POST", path, many).status_code == 413


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: repr(number)[:12])
def test_a_number_that_is_none_is_answered_with_a_sentence(world, number):
    for route, row, who, thing in ROUTES:
        path, given = path_to(world, route.split()[1], thing)
        for name in sorted({"version", "step", "mentor", "site", "scan", "prints"} & set(ROUTE_FIELDS[route].split())):
            value = f"{given}:{number}:{number}" if name == "scan" else number
            with world.undone():
                row.before(world)
                answer = world.ask(who, "POST", path, {**row.sends(world, given), name: value})
            assert answer.status_code < 500, (route, name)


@pytest.mark.parametrize(
    "field", ["scan_id", "scanned_on", "finding", "normal", "support", "region", "site", "machine"]
)
@pytest.mark.parametrize(
    "value", ["", "\x00", "x" * 5000, "0000-00-00", "9999-12-31", "-1", ":", "ssp:", ":tear", "\U0001f9b4", "all"]
)
def test_an_odd_value_in_the_log_form_is_answered_with_a_sentence(world, field, value):
    sends = {"support": "unaided", "region": "shoulder", "side": "right", "normal": "all", field: value}
    draft = f"/scans/{world.ids['amara.draft']}"
    for path, way in (
        ("/scans", {}),
        ("/scans/report", {"htmx": True}),
        (f"{draft}/edit", {}),
        (draft, {"json": True}),
    ):
        with world.undone():
            assert world.ask("amara", "POST", path, {"version": 1, **sends}, **way).status_code < 500, path


ODD_IDS = ["0", "-1", "1.0", "9" * 20, "9" * 300, "%00", "%ff", "..", "a", "%2e%2e%2f", "1%00", "null", "None"]


@pytest.mark.slow
@pytest.mark.parametrize("odd", [*ODD_IDS, "{scan}%0a", "{scan}0", " {scan}", "{SCAN}"])
def test_an_id_that_is_none_finds_nothing(world, odd):
    scan = world.ids["mei.counted"]
    odd = odd.replace("{scan}", scan).replace("{SCAN}", scan.upper())
    for route, row in TABLE.items():
        method, rule = route.split()
        if "<" not in rule or "static" in rule:
            continue
        path = "".join((rule.partition("<")[0], odd, rule.partition(">")[2]))
        for who in row.roles.split()[:2]:
            with world.undone():
                answer = world.ask(who, method, path, {} if method == "POST" else None)
            assert answer.status_code in (303, 403, 404, 405, 422), (route, who, answer.status_code)
            assert world.ids["mei.counted"] not in answer.text


@pytest.mark.parametrize("number", [2**63, 10**20])
def test_a_number_that_no_database_can_take_is_no_address_whatever_is_sent_with_it(world, number):
    fields = {"mentor": world.people["priya"].id, "person": 1, "spoken_on": "2026-11-27", "note": "Well."}
    for route, row in TABLE.items():
        method, rule = route.split()
        if "<int:" in rule:
            path = "".join((rule.partition("<")[0], str(number), rule.partition(">")[2]))
            for who in row.roles.split():
                answer = world.ask(who, method, path, fields if method == "POST" else None)
                assert answer.status_code == 404, (route, who, answer.status_code)


@pytest.mark.parametrize("who", ["nobody", "amara", "ravi", "dana"])
@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 50_000,
        "a=1&" * 2000,
        "q=%ff%fe&region=%ff&sort=%ff&support[]=1",
        "q=%00&student=%00&cohort=%00&like=%00&next=%00&state=%00",
        "student=" + "9" * 5000,
        "page=-1&month=9999-99&until=x&site=-1&mentor=1e9",
        "page=99999999999999999999&cohort=99999999999999999999",
        "q=1&q=2&&&",
    ],
    ids=lambda query: query[:20],
)
def test_an_odd_question_in_the_address_is_answered(world, who, query):
    for path in (
        "/",
        "/scans",
        "/scans/new",
        "/scans.csv",
        "/inbox",
        "/students",
        "/cohort",
        "/cohort.csv",
        "/cohort.xlsx",
        "/me",
        "/sign-in",
        "/nowhere",
    ):
        answer = world.ask(who, "GET", f"{path}?{query}")
        assert answer.status_code in (200, 302, 303, 400, 403, 404, 414, 422), (path, answer.status_code)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "x", "POST", "PUT", "DELETE"])
def test_a_method_that_a_route_has_not_is_refused(world, method):
    before = world.snapshot()
    for route, row in TABLE.items():
        known, rule = route.split()
        if known != "GET" or (method == "POST" and f"POST {rule}" in TABLE):
            continue
        path, _ = path_to(world, rule, next(iter(row.finds)))
        for who in ("nobody", "amara", "dana"):
            answer = world.ask(who, method, path, headers={"X-CSRFToken": world.token()})
            assert answer.status_code < 500
            if method not in ("HEAD", "OPTIONS"):
                assert answer.status_code == 405
    assert world.snapshot() == before


def test_head_is_answered_as_get_without_the_text(world):
    for route, row in TABLE.items():
        method, rule = route.split()
        if method == "GET":
            thing = next(iter(row.finds))
            path, _ = path_to(world, rule, thing)
            for who, status in itertools.islice(answers(row, thing, world.everybody).items(), 4):
                answer = world.ask(who, "HEAD", path)
                assert answer.data == b"" and answer.status_code == (status or 303), (route, who)


ODD_HEADERS = [
    "Accept",
    "User-Agent",
    "HX-Current-URL",
    "HX-Trigger",
    "If-None-Match",
    "Range",
    "Cookie",
    "Content-Type",
    "Accept-Encoding",
]


@pytest.mark.parametrize("header", ODD_HEADERS)
@pytest.mark.parametrize("value", ["", "x" * 20_000, "\xff", "*/*;q=x", "bytes=5-1"])
def test_an_odd_header_is_answered(world, header, value):
    for who, path in (("amara", "/scans"), ("ravi", "/inbox"), ("nobody", "/sign-in"), ("nobody", "/static/app.css")):
        assert world.ask(who, "GET", path, headers={header: value}).status_code < 500
    with world.undone():
        assert world.ask("amara", "POST", "/me/theme", {"theme": "dark"}, headers={header: value}).status_code < 500
