"""No text becomes a part of a question to the database, and no route takes a file."""

from blueprints import uploads
from blueprints.field_limits import SEARCH_LIMIT
from tests.security.table import POSTS, ROUTE_FIELDS, TAKES_FILES
from tests.security.world import path_to

SEARCHED = ("/scans", "/students", "/cohort")  # they say when a search is too long, instead of making it
HOSTILE = (
    "%' OR '1'='1' UNION SELECT password, email, name FROM person --",
    '\'; DROP TABLE scan; -- " OR ""="',
    "\\'; SELECT pg_sleep(9) -- {mark} {} %s %(x)s ? :1 $1",
)
ASKED = (
    "q",
    "like",
    "support",
    "student",
    "state",
    "region",
    "kind",
    "sort",
    "cohort",
    "show",
    "site",
    "mentor",
    "back",
)


def test_what_is_typed_is_never_a_part_of_a_question_to_the_database(world):
    for text in HOSTILE:
        for route, row, who, thing, _ in {route: post for post in POSTS for route in [post[0]]}.values():
            path, number = path_to(world, route.split()[1], thing)
            with world.undone():
                row.before(world)
                sent = {**dict.fromkeys(ROUTE_FIELDS[route].split(), text), "version": 1}
                answer = world.ask(who, "POST", path, sent)
            assert answer.status_code < 500 and "$argon2" not in answer.text, (route, text)


def test_nor_is_what_is_asked_in_the_address(world):
    paths = {
        "amara": ("/", "/scans", "/scans/new"),
        "ravi": ("/inbox", "/students"),
        "dana": ("/cohort", "/cohort.csv"),
    }
    for who, theirs in paths.items():
        for path in theirs:
            nobodys = world.ask(who, "GET", path, query_string={"q": "no such words at all"}).text
            for text in HOSTILE:
                answer = world.ask(who, "GET", path, query_string=dict.fromkeys(ASKED, text))
                too_long = path in SEARCHED and len(text) > SEARCH_LIMIT
                expected = (404, 422 if too_long else 200)
                assert answer.status_code in expected or answer.location == "/inbox", (path, text)
                assert "$argon2" not in answer.text, (path, text)
                found = world.ask(who, "GET", path, query_string={"q": text[:SEARCH_LIMIT]}).text
                assert len(found) <= len(nobodys) + 40 * len(text), (path, text)  # each filter's link repeats it


def test_no_route_takes_a_file_but_those_that_say_so(world):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="report"; filename="scan.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n"
    )
    before = world.snapshot()
    for route, _, who, thing, _ in POSTS:
        path, _ = path_to(world, route.split()[1], thing)
        answer = world.ask(who, "POST", path, body, content_type="multipart/form-data; boundary=b")
        assert answer.status_code == (422 if route in TAKES_FILES else 400), route
    said = {str(rule) for rule in world.app.url_map.iter_rules() if uploads.taken_by(world.app, rule.endpoint)}
    assert {f"POST {rule}" for rule in said} == TAKES_FILES
    assert world.snapshot() == before
