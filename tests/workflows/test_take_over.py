"""The letter that follows: an address is proved, or its owner takes the invitation over."""

from __future__ import annotations

import pytest

from models import (
    Address,
    Enrolment,
    Invitation,
    Letter,
    Link,
    Notice,
    Person,
    Scan,
    SignIn,
)
from rules import states
from tests.cast import logged
from tests.workflows.inviting import BEDSIDE, code, parts, placement_of, sound, words_of
from workflows.accounts import accounts
from workflows.people import invitations, joining, links, take_over
from workflows.refusals import Conflict, NotFound
from workflows.reviews import reviews

# --- The letter that follows -------------------------------------------------------------------------------------


def joined(cast, email: str = "joy@clinic.example.org", name: str = "Joy Mensah") -> tuple[Person, str]:
    """Somebody new who accepted Amara's code with this address, and the token of the letter."""
    _, token = joining.accept_new(code(cast.amara, cast.amara), name=name, email=email, browser=BEDSIDE)
    letter = Letter.select().order_by(Letter.id.desc()).first()
    return accounts.visitor(token).person, words_of(letter)["token"]


def test_the_letter_proves_an_unknown_address_once(cast):
    joy, token = joined(cast)
    assert take_over.find(token).owner is None
    assert accounts.visitor(take_over.use(token, browser=BEDSIDE)).person == joy
    assert Person.get_by_id(joy.id).email == "joy@clinic.example.org"
    assert Address.get(Address.person == joy).proved_at is not None
    for again in (take_over.find, lambda token: take_over.use(token, browser=BEDSIDE)):
        with pytest.raises(NotFound, match=links.GONE):
            again(token)
    sound()


def test_a_link_of_another_purpose_or_run_out_opens_nothing_here(cast, later):
    joy, token = joined(cast)
    Link.update(purpose="reset").execute()
    with pytest.raises(NotFound, match=links.GONE):
        take_over.find(token)
    Link.update(purpose="prove").execute()
    later(days=7, seconds=1)
    with pytest.raises(NotFound, match=links.GONE):
        take_over.find(token)


def test_the_owner_of_a_known_address_takes_the_invitation_over_with_scans_and_part(cast):
    shadow, token = joined(cast, "grace@example.test", "Grace A")
    approved, waits, returned = (logged(cast.amara, shadow) for _ in range(3))
    reviews.approve(approved.id, by=shadow, version=1)
    reviews.send_back(returned.id, by=shadow, version=1, why="Which side?")
    assert take_over.find(token).owner == cast.grace
    assert accounts.visitor(take_over.use(token, browser=BEDSIDE)).person == cast.grace
    assert Person.get_by_id(shadow.id).disabled_at is not None
    assert not SignIn.select().where(SignIn.person == shadow, SignIn.ended_at.is_null()).exists()
    assert parts(shadow) == set()
    assert (placement_of(cast.amara), "mentor") in parts(cast.grace)
    void = Scan.get_by_id(approved.id)
    assert (void.state, void.mentor, void.approved_by) == (states.WITH_MENTOR, cast.grace, None)
    assert Scan.get_by_id(waits.id).mentor == cast.grace
    assert Scan.get_by_id(returned.id).mentor == cast.grace
    assert Invitation.get().accepted_by == cast.grace
    with pytest.raises(NotFound, match=links.GONE):
        take_over.find(token)
    sound()


def test_no_approval_stands_in_the_name_of_who_did_not_give_it(cast):
    shadow, token = joined(cast, "grace@example.test", "Grace A")
    for _ in range(3):
        reviews.approve(logged(cast.amara, shadow).id, by=shadow, version=1)
    take_over.use(token, browser=BEDSIDE)
    assert not Scan.select().where(Scan.approved_by.in_([shadow, cast.grace])).exists()


def test_a_student_whose_own_address_was_given_gets_no_part_in_their_own_placement(cast):
    shadow, token = joined(cast, "amara@example.test", "Amara Too")
    scan = logged(cast.amara, shadow)
    reviews.approve(scan.id, by=shadow, version=1)
    take_over.use(token, browser=BEDSIDE)
    assert parts(cast.amara) == set() and parts(shadow) == set()
    kept = Scan.get_by_id(scan.id)
    assert (kept.state, kept.approved_by) == (states.WITH_MENTOR, None)
    sound()


def test_a_student_takes_over_their_enrolment(cast):
    _, token = invitations.invite(cast.dana, "student", programme="msk-pgcert", cohort=cast.cohort.id)
    joining.accept_new(token, name="Grace A", email="grace@example.test", browser=BEDSIDE)
    letter = words_of(Letter.get())["token"]
    take_over.use(letter, browser=BEDSIDE)
    assert Enrolment.get(Enrolment.person == cast.grace).cohort == cast.cohort
    sound()


def test_who_is_in_that_cohort_already_keeps_both_as_they_are(cast):
    _, token = invitations.invite(cast.dana, "student", programme="msk-pgcert", cohort=cast.cohort.id)
    joining.accept_new(token, name="Amara O", email="amara@example.test", browser=BEDSIDE)
    letter = words_of(Letter.get())["token"]
    with pytest.raises(Conflict):
        take_over.use(letter, browser=BEDSIDE)
    assert Link.get().used_at is None
    sound()


def test_who_has_not_joined_says_so_and_the_account_under_their_address_is_closed(cast):
    shadow, token = joined(cast, "grace@example.test", "Grace A")
    scan = logged(cast.amara, shadow)
    reviews.approve(scan.id, by=shadow, version=1)
    take_over.refuse(token)
    assert Person.get_by_id(shadow.id).disabled_at is not None
    assert Person.get_by_id(cast.grace.id).disabled_at is None
    assert parts(shadow) == set() and (placement_of(cast.amara), "mentor") not in parts(cast.grace)
    kept = Scan.get_by_id(scan.id)
    assert (kept.state, kept.approved_by) == (states.WITH_MENTOR, None)
    told = {notice.recipient.name for notice in Notice.select().where(Notice.kind == "joining_refused")}
    assert told == {"Amara Okafor", "Dana Director"}
    for again in (take_over.find, take_over.refuse):
        with pytest.raises(NotFound, match=links.GONE):
            again(token)
    sound()


def test_an_address_that_nobody_else_owns_cannot_be_refused(cast):
    _, token = joined(cast)
    with pytest.raises(NotFound):
        take_over.refuse(token)
    assert take_over.find(token)
