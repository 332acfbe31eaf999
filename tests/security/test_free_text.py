"""Every free text on the way in is screened (R8). Which fields are free is found out, so that no new one is forgotten:
each field of each form is sent words of its own, and whatever keeps them must refuse a patient's number and ask about
a patient's name.
"""

import pytest

from tests.security.table import POSTS, ROUTE_FIELDS
from tests.security.world import World, path_to

WORDS = "quokka sighted"
SURE, LIKELY = "Seen as 943 476 5919.", "Mrs Quokka came."
# Names of people, with titles as they have them. A patient's number is part of none.
NAMES = {("POST /join/<token>", "name"), ("POST /invitations", "name")}
# What is kept as it was sent, and is no patient's: the address that somebody signs in with, names of our people.
OF_OUR_PEOPLE = {
    ("POST /sign-in", "email"),
    ("POST /people", "name"),
    ("POST /people/<int:person_id>/name", "name"),
}
FREE = {  # those that there are now
    ("POST /people/<int:person_id>/refusal", "why"),
    ("POST /confirmations/<int:number>/ending", "why"),
    ("POST /scans", "report"),
    ("POST /scans/<uuid:scan_id>", "report"),
    ("POST /scans/<uuid:scan_id>/audit", "comment"),
    ("POST /scans/<uuid:scan_id>/return", "why"),
    ("POST /scans/<uuid:scan_id>/reopening", "why"),
    ("POST /scans/<uuid:scan_id>/reopening/request", "why"),
    ("POST /scans/<uuid:scan_id>/reply", "why"),
    ("POST /students/<int:enrolment_id>/contacts", "note"),
    ("POST /editions/<int:edition_id>/shares", "label"),
    ("POST /scans/<uuid:scan_id>/words", "report"),
    ("POST /portfolio/earlier", "source"),
    ("POST /editions/<int:edition_id>/void", "why"),
    ("POST /me/passkeys/name", "passkey_name"),
    ("POST /invitations", "site_name"),
    ("POST /people", "site"),
    ("POST /people", "machines"),
    ("POST /people/cohorts", "name"),
}


def kept(world: World, words: str) -> bool:
    """The words stand somewhere in the database."""
    return any(words in str(value) for rows in world.snapshot().values() for row in rows for value in row)


def send(world: World, post: tuple, field: str, words: str) -> tuple[int, str, bool]:
    """Send the form of one post with these words in the field: status, the JSON's `error`, whether they are kept."""
    route, row, who, thing, _ = post
    path, number = path_to(world, route.split()[1], thing)
    with world.undone():
        row.before(world)
        answer = world.ask(who, "POST", path, {**row.sends(world, number), field: words}, json=True)
        error = (answer.get_json(silent=True) or {}).get("error", "")
        return answer.status_code, error, kept(world, words)


@pytest.mark.slow
@pytest.mark.parametrize("route", sorted({route for route, *_ in POSTS}))
def test_what_keeps_words_refuses_a_patients_number_and_asks_about_a_name(world, route):
    for post in (post for post in POSTS if post[0] == route):
        for field in ROUTE_FIELDS[route].split():
            if (route, field) in OF_OUR_PEOPLE:
                continue
            status, error, lands = send(world, post, field, SURE)
            assert not lands, f"{route} keeps a patient's number in {field}"
            if (route, field) not in NAMES and send(world, post, field, WORDS)[2]:
                assert (route, field) in FREE, f"name {route} {field} among the free ones"
                assert (status, error) == (422, "invalid"), (route, field)
                assert send(world, post, field, LIKELY) == (422, "warned", False), (route, field)


def test_the_free_fields_are_those_that_are_said_to_be(world):
    found = {
        (post[0], field)
        for post in POSTS
        for field in ROUTE_FIELDS[post[0]].split()
        if (post[0], field) in FREE and send(world, post, field, WORDS)[2]
    }
    assert found == FREE
