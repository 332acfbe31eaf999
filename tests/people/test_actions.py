"""What a director or an administrator does with an account: name, link, closing, roles on the whole course."""

from __future__ import annotations

import re

import pytest

import commands.letters
from models import History, Link, Person, Staff, db
from tests.client import Client
from tests.people.conftest import sent_to, someone
from workflows.accounts import accounts
from workflows.history import verification
from workflows.notices import letters
from workflows.people import administration, links, people
from workflows.people.contact_details import Change
from workflows.refusals import Conflict, Invalid, NotFound, Refused

pytestmark = pytest.mark.both_in_full


def verbs() -> list[str]:
    return [verb for (verb,) in History.select(History.verb).order_by(History.seq).tuples()]


def told(client, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).text.split("<main")[1]).split())


def test_a_name_is_corrected_once_and_work_and_ways_in_stay(browse, cast):
    page = f"/people/{cast.tom.id}"
    dana = browse(cast.dana)
    assert dana.post(f"{page}/name", {"name": "  Thomas   Bright "}).location == page
    assert "The name is Thomas Bright." in told(dana, page)
    assert Person.get_by_id(cast.tom.id).name == "Thomas Bright"
    before = len(verbs())
    assert dana.post(f"{page}/name", {"name": "Thomas Bright"}).status_code == 303
    assert len(verbs()) == before, "the same once more is no action"
    assert verification.verify().sound


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "\u200b"])
def test_a_name_that_cannot_be_kept_is_told_beside_its_field(browse, cast, name):
    answer = browse(cast.dana).post(f"/people/{cast.tom.id}/name", {"name": name})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert Person.get_by_id(cast.tom.id).name == "Tom Bright"


def test_a_new_link_goes_by_letter_to_their_own_address_and_lets_them_in(browse, cast, app, alma):
    old = links.make(cast.tom)
    answer = browse(alma).post(f"/people/{cast.tom.id}/link")
    assert answer.status_code == 303
    (letter,) = sent_to(cast.tom.email)
    assert letter["by"] == "Alma Reyes"
    assert letter["token"] not in browse(alma).get(f"/people/{cast.tom.id}").text
    assert Link.select().where(Link.used_at.is_null()).count() == 1
    with pytest.raises(NotFound):
        links.owner(old)
    assert links.owner(letter["token"]) == cast.tom
    assert Client(app).get(f"/welcome/{letter['token']}").status_code == 200


def test_the_letters_can_be_read_and_lead_to_the_page_of_their_link(cast, app, alma):
    administration.send_link(cast.tom.id, by=alma)
    with db.atomic():
        administration.write_address_changed(Change(cast.ravi, "ravi@old.test", cast.ravi.name))
    with app.app_context():
        mails = {
            (mail["To"], mail["Subject"]): mail.get_body(("plain",)).get_content()
            for number in letters.due()
            if (mail := commands.letters.compose(letters.take(number)))
        }
    (link,) = [text for (to, subject), text in mails.items() if subject == "Your account on Sonofolio"]
    assert link.startswith("Dear Tom Bright,\n\nAlma Reyes sends you a link") and "/welcome/" in link
    moved = [text for (to, subject), text in mails.items() if subject == "Your address on Sonofolio"]
    assert len(moved) == 2 and all("and no longer ravi@old.test" in text for text in moved)


def test_a_closed_account_signs_out_at_once_and_is_opened_again(browse, cast):
    tom, dana = browse(cast.tom), browse(cast.dana)
    assert tom.get("/").status_code == 200
    assert dana.post(f"/people/{cast.tom.id}/closing").status_code == 303
    assert tom.get("/").status_code == 303, "signed out at the next request"
    assert "This account is closed." in told(dana, f"/people/{cast.tom.id}")
    assert dana.post(f"/people/{cast.tom.id}/link").status_code == 409
    count = len(verbs())
    assert dana.post(f"/people/{cast.tom.id}/closing").status_code == 303
    assert len(verbs()) == count, "a second tap changes nothing"
    assert dana.post(f"/people/{cast.tom.id}/closing/undo").status_code == 303
    assert browse(cast.tom).get("/").status_code == 200


def test_nobody_closes_their_own_account_or_the_last_directors(browse, cast, alma):
    assert browse(cast.dana).post(f"/people/{cast.dana.id}/closing").status_code == 403
    second = someone("second", "Second Director", director="msk-pgcert")
    administration.close(cast.dana.id, by=second)
    with pytest.raises(Conflict, match="only director"):
        administration.dismiss(second, "msk-pgcert", "director")
    assert Person.get_by_id(second.id).disabled_at is None


def test_an_administrator_does_nothing_to_the_account_of_who_has_a_role_on_the_whole_course(browse, cast, alma):
    client = browse(alma)
    for person in (cast.dana, cast.ian):
        assert client.post(f"/people/{person.id}/closing").status_code == 403
        assert client.post(f"/people/{person.id}/name", {"name": "Other"}).status_code == 403
        assert "only a director changes their account" in told(client, f"/people/{person.id}")
    assert client.post(f"/people/{cast.tom.id}/closing").status_code == 303


def test_only_a_director_gives_and_takes_a_role(browse, cast, alma, elsewhere):
    part = {"part": "msk-pgcert:administrator"}
    for person, status in ((alma, 403), (cast.ravi, 403), (elsewhere, 404)):
        assert browse(person).post(f"/people/{cast.helen.id}/roles", part).status_code == status
    dana = browse(cast.dana)
    for _ in range(2):
        assert dana.post(f"/people/{cast.helen.id}/roles", part).status_code == 303
    assert Staff.select().where(Staff.person == cast.helen).count() == 1
    assert browse(cast.helen).get("/people").status_code == 200
    for _ in range(2):
        assert dana.post(f"/people/{cast.helen.id}/roles/ending", part).status_code == 303
    assert browse(cast.helen).get("/people").status_code == 403
    assert (verbs().count("appoint"), verbs().count("dismiss")) == (1, 1)


@pytest.mark.parametrize(
    "part", ["", "msk-pgcert:mentor", "msk-pgcert:boss", "no-such:director", "limb-diploma:director"]
)
def test_a_role_that_is_none_or_not_theirs_to_give_is_refused(browse, cast, part):
    answer = browse(cast.dana).post(f"/people/{cast.helen.id}/roles", {"part": part})
    assert answer.status_code in (404, 422)
    assert Staff.select().where(Staff.person == cast.helen).count() == 0


def test_the_last_director_stays(browse, cast):
    dana = browse(cast.dana)
    part = {"part": "msk-pgcert:director"}
    assert dana.post(f"/people/{cast.dana.id}/roles/ending", part).status_code == 409
    assert dana.post(f"/people/{cast.ian.id}/roles", part).status_code == 303
    assert dana.post(f"/people/{cast.dana.id}/roles/ending", part).status_code == 303
    assert dana.get("/people").status_code == 403
    with pytest.raises(Conflict):
        administration.take_role(cast.ian.id, "msk-pgcert", "director", by=cast.ian)


def test_who_cannot_sign_in_is_no_other_director(cast):
    second = someone("second", "Second Director", director="msk-pgcert")
    accounts.disable(second)
    with pytest.raises(Conflict, match="only director"):
        administration.dismiss(cast.dana, "msk-pgcert", "director")
    with pytest.raises(Conflict, match="closed"):
        administration.give_role(second.id, "msk-pgcert", "administrator", by=cast.dana)


def test_who_has_a_part_elsewhere_too_is_changed_by_whoever_runs_it(cast, elsewhere):
    people.appoint(cast.grace, "limb-diploma", "internal_assessor")
    for action in (
        lambda: administration.close(cast.grace.id, by=cast.dana),
        lambda: administration.rename(cast.grace.id, "X Y", by=cast.dana),
    ):
        with pytest.raises(Refused, match="another course"):
            action()
    assert administration.send_link(cast.grace.id, by=cast.dana) == cast.grace, "their own mail is no harm to anybody"


def test_a_refused_action_changes_nothing_and_writes_no_history(cast, alma):
    before = len(verbs())
    for action in (
        lambda: administration.rename(cast.ian.id, "Other", by=alma),
        lambda: administration.rename(cast.tom.id, "", by=alma),
        lambda: administration.close(cast.ian.id, by=alma),
        lambda: administration.take_role(cast.dana.id, "msk-pgcert", "director", by=cast.dana),
        lambda: administration.find(987654, by=alma),
    ):
        with pytest.raises((Refused, Invalid)):
            action()
    assert len(verbs()) == before
    assert not db.in_transaction()
