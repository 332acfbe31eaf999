"""Accepting an invitation: the part, the account, who is told, and what a known address changes: nothing."""

from __future__ import annotations

import json

import pytest

import clock
from models import (
    Address,
    Enrolment,
    History,
    Invitation,
    Letter,
    Move,
    Notice,
    Party,
    Person,
    Placement,
    Scan,
    SignIn,
    Site,
    Staff,
)
from rules import states
from tests.cast import logged
from tests.client import queries_of
from tests.workflows.inviting import BEDSIDE, JOY, code, leaves, mailed, parts, placement_of, saved, sound
from workflows.accounts import accounts
from workflows.people import invitations, joining
from workflows.people.invitations import GONE
from workflows.people.joining import Browser
from workflows.refusals import Conflict, Invalid, NotFound, Refused

# --- Accepting ---------------------------------------------------------------------------------------------------


def test_somebody_new_becomes_a_mentor_signed_in_and_known_by_no_proved_address(cast):
    of, token = joining.accept_new(code(cast.amara, cast.amara), **JOY, browser=BEDSIDE)
    joy = Person.get(Person.name == "Joy Mensah")
    assert (joy.email, joy.password) == (None, None) and len(joy.handle) == 64
    address = Address.get(Address.person == joy)
    assert (address.email, address.proved_at) == ("joy@clinic.example.org", None)
    assert parts(joy) == {(placement_of(cast.amara), "mentor")}
    visitor = accounts.visitor(token)
    assert visitor.person == joy and "mentor" in visitor.roles
    assert SignIn.get(SignIn.person == joy).means == "link"
    kept = Invitation.get_by_id(of.id)
    assert (kept.accepted_by, kept.same_browser) == (joy, False)
    told = {notice.recipient.name for notice in Notice.select().where(Notice.kind == "invitation_accepted")}
    assert told == {"Amara Okafor", "Dana Director"}
    letter = Letter.get()
    assert (letter.kind, letter.address, letter.person) == ("joined", "joy@clinic.example.org", joy)
    sound()


def test_a_token_is_good_once(cast):
    token = code(cast.amara, cast.amara)
    joining.accept_new(token, **JOY, browser=BEDSIDE)
    for again in (
        lambda: joining.accept_new(token, name="Another", email="another@example.org", browser=BEDSIDE),
        lambda: joining.accept(token, person=cast.grace, browser=BEDSIDE),
        lambda: invitations.find_live(token),
    ):
        with pytest.raises(NotFound, match=GONE):
            again()
    assert not Person.select().where(Person.name == "Another").exists()
    with pytest.raises(Conflict):
        invitations.withdraw(Invitation.get().id, by=cast.amara)


def test_what_will_not_do_keeps_the_invitation(cast):
    token = code(cast.amara, cast.amara)
    for name, email, fields in (
        ("", "joy@clinic.example.org", ["name"]),
        ("Joy", "joy", ["email"]),
        ("", "", ["name", "email"]),
        ("Joy 943 476 5919", "joy@clinic.example.org", ["name"]),
    ):
        with pytest.raises(Invalid) as wrong:
            joining.accept_new(token, name=name, email=email, browser=BEDSIDE)
        assert list(wrong.value.problems) == fields
    joining.accept_new(token, **JOY, browser=BEDSIDE)


def test_somebody_with_an_account_takes_the_part(cast):
    joining.accept(code(cast.amara, cast.amara), person=cast.grace, browser=BEDSIDE)
    assert (placement_of(cast.amara), "mentor") in parts(cast.grace)
    assert not Letter.select().exists()
    sound()


def test_the_student_themselves_and_who_is_that_mentor_get_a_sentence_and_spend_nothing(cast):
    token = code(cast.amara, cast.amara)
    for person, says in ((cast.amara, "your own mentor"), (cast.ravi, "already")):
        with pytest.raises(Refused, match=says):
            joining.accept(token, person=person, browser=BEDSIDE)
    joining.accept(token, person=cast.grace, browser=BEDSIDE)


def test_the_browser_in_which_it_was_made_is_known_again(cast):
    token = code(cast.amara, cast.amara, browser="the phone of Amara")
    of, _ = joining.accept_new(token, **JOY, browser=Browser("the phone of Amara"))
    assert Invitation.get_by_id(of.id).same_browser
    row = History.get(History.verb == "invite")
    assert "phone" not in row.payload
    other = code(cast.amara, cast.amara, browser="the phone of Amara")
    of, _ = joining.accept_new(other, name="Kim", email="kim@example.org", browser=Browser(""))
    assert not Invitation.get_by_id(of.id).same_browser


def test_a_mentor_who_had_left_comes_back_by_an_invitation(cast):
    Party.update(ended_on=clock.today()).where(Party.person == cast.ravi).execute()
    joining.accept(code(cast.amara, cast.amara), person=cast.ravi, browser=BEDSIDE)
    assert parts(cast.ravi) == {(placement_of(cast.amara), "mentor")}
    assert Party.select().where(Party.person == cast.ravi, Party.placement == placement_of(cast.amara)).count() == 2


def test_what_waits_for_a_mentor_who_left_comes_to_the_new_one_where_there_is_no_other(cast):
    scan = logged(cast.amara, cast.ravi)
    leaves(cast.ravi, placement_of(cast.amara))
    joining.accept(code(cast.amara, cast.amara), person=cast.grace, browser=BEDSIDE)
    assert Scan.get_by_id(scan.id).mentor == cast.ravi, "Priya mentors there too: Amara chooses"
    for mentor in (cast.priya, cast.grace):
        leaves(mentor, placement_of(cast.amara))
    _, token = joining.accept_new(code(cast.amara, cast.amara), **JOY, browser=BEDSIDE)
    joy = accounts.visitor(token).person
    assert Scan.get_by_id(scan.id).mentor == joy
    last = Move.select().where(Move.scan == scan).order_by(Move.id.desc()).get()
    assert (last.verb, last.by, last.why) == ("hand_over", cast.amara, "To Joy Mensah.")
    sound()


def test_scans_that_lack_only_a_mentor_go_to_who_joins_if_their_student_says_so(cast):
    for mentor in (cast.ravi, cast.priya):
        leaves(mentor, placement_of(cast.amara))
    complete, unfinished, of_tom = saved(cast.amara), saved(cast.amara, side=""), saved(cast.tom)
    assert complete.state == unfinished.state == states.DRAFT
    joining.accept_new(code(cast.amara, cast.amara), name="Kim", email="kim@example.org", browser=BEDSIDE)
    assert Scan.get_by_id(complete.id).state == states.DRAFT, "she has not said so"
    _, token = joining.accept_new(code(cast.amara, cast.amara, send_drafts=True), **JOY, browser=BEDSIDE)
    joy = accounts.visitor(token).person
    sent = Scan.get_by_id(complete.id)
    assert (sent.state, sent.mentor, sent.version) == (states.WITH_MENTOR, joy, complete.version)
    assert [Scan.get_by_id(one.id).state for one in (unfinished, of_tom)] == [states.DRAFT, states.DRAFT]
    last = Move.select().where(Move.scan == complete).order_by(Move.id.desc()).get()
    assert (last.verb, last.by) == ("send", cast.amara)
    sound()


def test_nobody_but_the_student_has_their_drafts_sent(cast):
    made, _ = invitations.invite(cast.ravi, "mentor", placement=placement_of(cast.amara), send_drafts=True)
    assert not made.sends_drafts


def test_a_student_joins_a_cohort_with_a_placement_at_a_new_site(cast):
    to = {"programme": "msk-pgcert", "cohort": cast.cohort.id, "site": "Purley  clinic"}
    of, token = invitations.invite(cast.dana, "student", **to)
    assert invitations.sentence_of(invitations.find_live(token)).endswith("with a placement at Purley clinic")
    _, signed_in = joining.accept_new(token, name="Nadia New", email="nadia@example.org", browser=BEDSIDE)
    nadia = accounts.visitor(signed_in)
    assert nadia.roles == {"student"} and nadia.enrolled
    enrolment = Enrolment.get(Enrolment.person == nadia.person)
    assert enrolment.cohort == cast.cohort
    assert Placement.get(Placement.enrolment == enrolment).site.name == "Purley clinic"
    assert invitations.find_live(code(nadia.person, nadia.person)).by == nadia.person
    assert Site.select().where(Site.name == "Purley clinic").count() == 1
    sound()


def test_a_new_sites_name_passes_the_screen(cast):
    with pytest.raises(Invalid) as wrong:
        invitations.invite(
            cast.dana, "student", programme="msk-pgcert", cohort=cast.cohort.id, site="Ward of 943 476 5919"
        )
    assert "site_name" in wrong.value.problems
    with pytest.raises(Invalid) as wrong:
        invitations.invite(cast.dana, "student", programme="msk-pgcert", cohort=987654)
    assert list(wrong.value.problems) == ["cohort"]


def test_staff_join_a_programme(cast):
    _, token = invitations.invite(cast.dana, "internal_assessor", programme="msk-pgcert")
    joining.accept(token, person=cast.grace, browser=BEDSIDE)
    assert Staff.select().where(Staff.person == cast.grace, Staff.role == "internal_assessor").exists()


def test_a_known_and_an_unknown_address_are_answered_by_the_same_statements(cast, database):
    def asked(email: str) -> list[str]:
        token = code(cast.amara, cast.amara)
        with queries_of(database) as found:
            joining.accept_new(token, name="Joy Mensah", email=email, browser=BEDSIDE)
        return found

    asked("warm@clinic.example.org")  # so that both find the same things prepared
    assert asked("grace@example.test") == asked("joy@clinic.example.org")


def test_nothing_personal_of_an_invitation_is_in_history(cast):
    joining.accept_new(code(cast.amara, cast.amara), **JOY, browser=BEDSIDE)
    mailed(cast.amara, cast.amara)
    said = json.dumps([row.payload for row in History.select()])
    for word in ("Joy", "joy@", "Mensah"):
        assert word not in said
