"""A form that our own page did not make, in the browser of the person who sends it, changes nothing."""

import pytest

from tests.faults.ground import FULL
from tests.security.table import ONE_CLICK, POSTS
from tests.security.world import path_to

FORGED = {
    "without a token": {"token": None},
    "with a made-up token": {"token": "IjEyMyI.made-up"},
    "with an empty token": {"token": "   "},
    "with another person's token": {"token": "another's"},
    "from another site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "from a neighbouring site": {"headers": {"Sec-Fetch-Site": "same-site"}},
}
KINDS = ({}, {"htmx": True}, {"json": True})


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("way", FORGED)
def test_a_forged_form_is_refused_and_nothing_is_written(world, way):
    """In the short run each form is sent as one kind of request, another one the next time it is forged."""
    options = dict(FORGED[way])
    if options.get("token") == "another's":
        options["token"] = world.token("the secret of another browser's session")
    done = []
    posts = [post for post in POSTS if post[0] not in ONE_CLICK]
    for turn, (route, row, who, thing, _) in enumerate(posts, list(FORGED).index(way)):
        path, number = path_to(world, route.split()[1], thing)
        for kind in KINDS if FULL else [KINDS[turn % len(KINDS)]]:
            with world.undone():
                row.before(world)
                before = world.snapshot()
                answer = world.ask(who, "POST", path, row.sends(world, number), **kind, **options)
                if answer.status_code not in (400, 403) or world.snapshot() != before:
                    done.append(f"{route} by {who}: {answer.status_code}")
    assert not done, f"{way}:\n  " + "\n  ".join(done)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_do_nothing(world, method):
    before = world.snapshot()
    for route, _, who, thing, _ in POSTS:
        path, _ = path_to(world, route.split()[1], thing)
        answer = world.ask(who, method, path, headers={"X-CSRFToken": world.token()})
        assert answer.status_code == 405, (method, route)
    assert world.snapshot() == before


def test_the_token_in_the_form_is_as_good_as_the_one_in_the_header(world):
    with world.undone():
        sent = {"theme": "dark", "csrf_token": world.token()}
        assert world.ask("amara", "POST", "/me/theme", sent, token=None).status_code == 303


def test_a_token_of_weeks_ago_still_goes_with_its_session(world, monkeypatch):
    import time

    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now - 40 * 24 * 3600)
    old = world.token()
    monkeypatch.undo()
    with world.undone():
        assert world.ask("amara", "POST", "/me/theme", {"theme": "dark"}, token=old).status_code == 303
