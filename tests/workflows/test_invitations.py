"""Invitations: who may invite whom, how long each is good and for whom, and what accepting one does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import clock
from models import (
    Address,
    Enrolment,
    History,
    Invitation,
    Letter,
    Link,
    Move,
    Notice,
    Party,
    Person,
    Placement,
    Scan,
    SignIn,
    Site,
    Staff,
    db,
)
from rules import states
from tests.cast import logged
from tests.client import queries_of
from workflows.accounts import accounts
from workflows.counts import recount
from workflows.history import history, records, verification
from workflows.notices import letters
from workflows.people import invitations, joining, people, take_over
from workflows.people.invitations import GONE, MAIL, QR
from workflows.people.joining import Browser
from workflows.refusals import Conflict, Invalid, NotFound, Refused
from workflows.reviews import reviews

BEDSIDE = Browser("the phone of the new mentor")
JOY = {"name": "Joy Mensah", "email": "joy@clinic.example.org"}


@pytest.fixture
def later(monkeypatch):
    """`later(minutes=11)`: from now on it is that much later."""
    real, passed = clock.now, timedelta()

    def move(**by):
        nonlocal passed
        passed += timedelta(**by)

    monkeypatch.setattr(clock, "now", lambda: real() + passed)
    return move


def placement_of(student: Person) -> int:
    return Placement.select(Placement.id).join(Enrolment).where(Enrolment.person == student).scalar()


def code(by: Person, student: Person, role: str = "mentor", **more) -> str:
    """The token of a code for a part with this student."""
    return invitations.invite(by, role, placement=placement_of(student), means=QR, **more)[1]


def mailed(by: Person, student: Person, role: str = "mentor", **more) -> tuple[Invitation, str]:
    to = {"email": "joy@clinic.example.org", "name": "Joy Mensah", **more}
    return invitations.invite(by, role, placement=placement_of(student), means=MAIL, **to)


def parts(person: Person) -> set[tuple[int, str]]:
    rows = Party.select(Party.placement, Party.role).where(Party.person == person, Party.ended_on.is_null())
    return set(rows.tuples())


def leaves(person: Person, placement: int) -> None:
    """Somebody's parts in a placement end today."""
    with db.atomic():
        where = (Party.person == person) & (Party.placement == placement)
        records.write(Party.update(ended_on=clock.today()).where(where))
        history.record("leave", f"placement:{placement}", by=None, at=clock.now())


def words_of(letter: Letter) -> dict[str, str]:
    return letters.take(letter.id).words


def sound() -> None:
    """History proves every row, and the tallies are what a recount finds."""
    report = verification.verify()
    assert report.sound, report
    assert [line for cohort in recount.cohorts() for line in recount.check(cohort)] == []


# --- Who may invite whom -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        ("amara", {"mentor", "external_assessor", "clinical_manager"}),
        ("ravi", {"mentor", "clinical_manager"}),
        ("dana", {"mentor", "external_assessor", "clinical_manager"}),
    ],
)
def test_who_has_a_part_offers_what_their_role_may_offer_and_no_more(cast, who, roles):
    by = getattr(cast, who)
    for role in ("mentor", "external_assessor", "clinical_manager"):
        if role in roles:
            assert invitations.find_live(code(by, cast.amara, role)).role == role
        else:
            with pytest.raises(Refused):
                code(by, cast.amara, role)
    for role in ("student", "director", "internal_assessor", "administrator"):
        with pytest.raises(Refused):
            code(by, cast.amara, role)
    with pytest.raises(Invalid):
        code(by, cast.amara, "emperor")


@pytest.mark.parametrize("who", ["tom", "mei", "grace", "helen", "esther", "ian"])
def test_a_placement_where_somebody_may_invite_nobody_does_not_exist_for_them(cast, who):
    with pytest.raises(NotFound):
        code(getattr(cast, who), cast.amara)


def test_a_director_invites_to_their_own_programme_alone(cast):
    for role, more in (("student", {"cohort": cast.cohort.id}), ("director", {}), ("internal_assessor", {})):
        made, token = invitations.invite(cast.dana, role, programme="msk-pgcert", **more)
        assert invitations.find_live(token) == made
    for role in ("mentor", "administrator"):
        with pytest.raises(Refused):
            invitations.invite(cast.dana, role, programme="msk-pgcert")
    with pytest.raises(NotFound):
        invitations.invite(cast.dana, "director", programme="limb-diploma")
    for who in (cast.amara, cast.ravi, cast.ian):
        with pytest.raises(NotFound):
            invitations.invite(who, "director", programme="msk-pgcert")


def test_an_administrator_invites_students_and_parts_and_no_staff(cast):
    people.appoint(cast.helen, "msk-pgcert", "administrator")
    invitations.invite(cast.helen, "student", programme="msk-pgcert", cohort=cast.cohort.id)
    code(cast.helen, cast.amara)
    with pytest.raises(Refused):
        invitations.invite(cast.helen, "director", programme="msk-pgcert")


def test_who_has_left_invites_nobody_and_what_they_offered_before_opens_nothing(cast):
    token, by_student = code(cast.ravi, cast.amara), code(cast.amara, cast.amara)
    Party.update(ended_on=clock.today()).where(Party.person == cast.ravi).execute()
    Enrolment.update(ended_on=clock.today(), ended_as="left").where(Enrolment.person == cast.amara).execute()
    for dead in (token, by_student):
        with pytest.raises(NotFound, match=GONE):
            invitations.find_live(dead)
    for by in (cast.ravi, cast.amara):
        with pytest.raises(NotFound):
            code(by, cast.amara)


# --- What is kept, and how long it is good -----------------------------------------------------------------------


def test_the_secret_is_256_bits_and_kept_as_a_hash(cast):
    token = code(cast.amara, cast.amara)
    assert len(token) >= 43
    assert Invitation.get().token_hash == accounts.hash_of(token)
    assert token not in "".join(row.payload for row in History.select())


def test_a_code_is_good_for_the_programmes_minutes_and_a_mail_for_its_days(cast, later):
    token, (_, by_mail) = code(cast.amara, cast.amara), mailed(cast.amara, cast.amara)
    later(minutes=15, seconds=-5)
    assert invitations.find_live(token)
    later(seconds=6)
    with pytest.raises(NotFound, match=GONE):
        invitations.find_live(token)
    later(days=7, minutes=-16)
    assert invitations.find_live(by_mail)
    later(minutes=2)
    with pytest.raises(NotFound, match=GONE):
        invitations.find_live(by_mail)


def test_a_code_that_is_shown_anew_ends_the_one_before_and_no_other(cast):
    first, other = code(cast.amara, cast.amara), code(cast.amara, cast.amara, "clinical_manager")
    _, by_mail = mailed(cast.amara, cast.amara)
    second = code(cast.amara, cast.amara)
    for good in (second, other, by_mail):
        assert invitations.find_live(good)
    with pytest.raises(NotFound, match=GONE):
        invitations.find_live(first)
    mailed(cast.amara, cast.amara)
    with pytest.raises(NotFound, match=GONE):
        invitations.find_live(by_mail)


def test_a_withdrawn_one_opens_nothing_and_a_strangers_cannot_be_withdrawn(cast):
    made, token = mailed(cast.amara, cast.amara)
    for stranger in (cast.tom, cast.ravi, cast.grace):
        with pytest.raises(NotFound):
            invitations.withdraw(made.id, by=stranger)
    invitations.withdraw(made.id, by=cast.amara)
    invitations.withdraw(made.id, by=cast.amara)
    with pytest.raises(NotFound, match=GONE):
        joining.accept_new(token, **JOY, browser=BEDSIDE)
    assert History.select().where(History.verb == "withdraw_invitation").count() == 1


def test_a_director_withdraws_what_a_student_has_offered(cast):
    made, token = mailed(cast.amara, cast.amara)
    invitations.withdraw(made.id, by=cast.dana)
    with pytest.raises(NotFound):
        invitations.find_live(token)


def test_the_letter_carries_the_token_and_no_other_table_does(cast, databases, settings):
    _, token = mailed(cast.amara, cast.amara)
    letter = Letter.get()
    assert (letter.kind, letter.address, letter.person_id) == ("invitation", "joy@clinic.example.org", None)
    assert token.encode() not in databases.content(settings.database_url)
    said = words_of(letter)
    assert said["token"] == token
    assert said["sentence"] == "Amara Okafor asks you to be their mentor at Croydon MSK clinic"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", ""),
        ("email", "amara@example.test"),
        ("name", "Seen as 943 476 5919."),
        ("name", "x" * 101),
        ("means", "pigeon"),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field_and_nothing_is_kept(cast, field, value):
    with pytest.raises(Invalid) as wrong:
        given = {"means": MAIL, "email": "joy@clinic.example.org", "name": "Joy", field: value}
        invitations.invite(cast.amara, "mentor", placement=placement_of(cast.amara), **given)
    assert list(wrong.value.problems) == [field]
    assert not Invitation.select().exists() and not Letter.select().exists()


def test_a_patients_title_is_none_in_a_persons_name(cast):
    made, _ = mailed(cast.amara, cast.amara, name="Mrs Joy Mensah")
    assert made.name == "Mrs Joy Mensah"


def test_mails_have_a_limit_a_day_and_codes_have_none(cast, later):
    for number in range(invitations.MAILS_A_DAY):
        mailed(cast.amara, cast.amara, email=f"joy{number}@clinic.example.org")
    with pytest.raises(Conflict):
        mailed(cast.amara, cast.amara)
    code(cast.amara, cast.amara)
    mailed(cast.dana, cast.amara)
    later(days=1, seconds=1)
    mailed(cast.amara, cast.amara)


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
    assert "site" in wrong.value.problems
    with pytest.raises(Invalid) as wrong:
        invitations.invite(cast.dana, "student", programme="msk-pgcert", cohort=987654)
    assert list(wrong.value.problems) == ["cohort"]


def test_staff_join_a_programme(cast):
    _, token = invitations.invite(cast.dana, "internal_assessor", programme="msk-pgcert")
    joining.accept(token, person=cast.grace, browser=BEDSIDE)
    assert Staff.select().where(Staff.person == cast.grace, Staff.role == "internal_assessor").exists()


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
        with pytest.raises(NotFound, match=take_over.GONE):
            again(token)
    sound()


def test_a_link_of_another_purpose_or_run_out_opens_nothing_here(cast, later):
    joy, token = joined(cast)
    Link.update(purpose="reset").execute()
    with pytest.raises(NotFound, match=take_over.GONE):
        take_over.find(token)
    Link.update(purpose="prove").execute()
    later(days=7, seconds=1)
    with pytest.raises(NotFound, match=take_over.GONE):
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
    with pytest.raises(NotFound, match=take_over.GONE):
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


def test_a_known_and_an_unknown_address_are_answered_by_the_same_statements(cast, database):
    def asked(email: str) -> list[str]:
        token = code(cast.amara, cast.amara)
        with queries_of(database) as found:
            joining.accept_new(token, name="Joy Mensah", email=email, browser=BEDSIDE)
        return found

    asked("warm@clinic.example.org")  # so that both find the same things prepared
    assert asked("grace@example.test") == asked("joy@clinic.example.org")


def test_nothing_personal_of_an_invitation_is_in_history(cast):
    joined(cast)
    mailed(cast.amara, cast.amara)
    said = json.dumps([row.payload for row in History.select()])
    for word in ("Joy", "joy@", "Mensah"):
        assert word not in said
