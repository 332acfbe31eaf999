"""Invitations: who may invite whom, how long each is good and for whom."""

from __future__ import annotations

import pytest

import clock
from models import (
    Enrolment,
    History,
    Invitation,
    Letter,
    Party,
)
from tests.workflows.inviting import BEDSIDE, JOY, code, mailed, placement_of, words_of
from workflows.accounts import accounts
from workflows.people import invitations, joining, people
from workflows.people.invitations import GONE, MAIL
from workflows.refusals import Conflict, Invalid, NotFound, Refused

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
