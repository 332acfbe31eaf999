"""One person's page: parts by days, ways in by kind alone, who invited whom, what was confirmed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import clock
from models import Address, Cohort, Confirmation, Enrolment, Invitation, Party, Passkey, Placement, SignIn, db
from rules.phrases import day
from tests.cast import days_ago, logged
from tests.people.conftest import someone

pytestmark = pytest.mark.both_in_full


def words(client, person) -> str:
    """The page as one reads it."""
    text = client.get(f"/people/{person.id}").text
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("<main")[1]).split())


def test_parts_have_their_days_their_site_and_their_student(browse, cast):
    today = clock.today()
    part = Party.get(Party.person == cast.grace)
    Party.update(ended_on=today + timedelta(days=14), from_on=days_ago(3)).where(Party.id == part.id).execute()
    says = words(browse(cast.dana), cast.grace)
    assert "Mentor at Brighton sports clinic" in says
    assert f"Mei Chen, September 2026 from {day(days_ago(3))}, over on {day(today + timedelta(days=14))}" in says
    Party.update(ended_on=days_ago(1)).where(Party.id == part.id).execute()
    says = words(browse(cast.dana), cast.grace)
    assert "Mentor at Brighton sports clinic not now" in says
    assert f"over since {day(days_ago(1))}" in says


def test_a_cover_names_whom_it_covers(browse, cast):
    away = Party.get(Party.person == cast.ravi)
    today = clock.today()
    Party.create(
        placement=away.placement,
        person=cast.grace,
        role="mentor",
        from_on=today,
        ended_on=today + timedelta(days=9),
        cover_for=away,
    )
    assert "Mentor, covers Ravi Patel at Croydon MSK clinic" in words(browse(cast.dana), cast.grace)


def test_ways_in_are_told_by_kind_and_nothing_secret_is_on_the_page(browse, cast, alma):
    now = clock.now()
    Passkey.create(
        id="credential-secret",
        person=cast.ravi,
        public_key="public-secret",
        sign_count=0,
        backed_up=True,
        name="Ravi's own phone",
        made_at=now,
    )
    gone = {"public_key": "k", "sign_count": 0, "backed_up": True, "name": "Lost", "made_at": now, "removed_at": now}
    Passkey.create(id="removed", person=cast.ravi, **gone)
    Address.create(person=cast.ravi, email="ravi@clinic.test", made_at=now)
    browse(cast.ravi)
    for viewer in (cast.dana, alma):
        page = browse(viewer).get(f"/people/{cast.ravi.id}").text
        says = words(browse(viewer), cast.ravi)
        assert "Password yes Passkeys 1 Link by mail yes" in says
        assert f"Last signed in {day(clock.today())}" in says
        assert "ravi@clinic.test not proved" in says
        for secret in ("credential-secret", "public-secret", "Ravi's own phone", "argon2", SignIn.get().token_hash):
            assert secret not in page


def test_who_invited_whom_and_from_which_browser(browse, cast, elsewhere):
    now, placement = clock.now(), Placement.get()
    common = {"role": "mentor", "by": cast.amara, "made_at": now, "expires_at": now + timedelta(days=7)}
    taken = {"accepted_at": now, "accepted_by": cast.priya, "same_browser": True}
    Invitation.create(token_hash="a", placement=placement, **common, **taken)
    Invitation.create(token_hash="b", placement=placement, email="new@clinic.test", **common)
    dana = browse(cast.dana)
    came = words(dana, cast.priya)
    assert "Came by an invitation of Amara Okafor as mentor at Croydon MSK clinic." in came
    assert "In the same browser in which it was made" in came
    made = words(dana, cast.amara)
    assert "Priya Nair accepted" in made and "new@clinic.test open" in made
    assert "They came by nobody’s invitation and have invited nobody." in words(dana, cast.helen)


def test_confirmations_are_read_only_here(browse, cast):
    now = clock.now()
    common = {"person": cast.ravi, "kind": "mentor", "basis": "certificate", "made_at": now}
    Confirmation.create(programme="msk-pgcert", by=cast.dana, from_on=days_ago(5), **common)
    Confirmation.create(programme="limb-diploma", **common)
    says = words(browse(cast.dana), cast.ravi)
    assert f"Mentor from {day(days_ago(5))} Certificate seen, by Dana Director" in says
    assert says.count("Certificate seen") == 1, "what another course has confirmed is its own"


def test_a_stranger_and_nobody_at_all_are_404(browse, cast, alma, elsewhere):
    for viewer in (elsewhere,):
        assert browse(viewer).get(f"/people/{cast.amara.id}").status_code == 404
    for number in (0, 987654, 2**70):
        assert browse(alma).get(f"/people/{number}").status_code == 404


def test_of_a_part_on_another_course_nothing_is_told(browse, cast, elsewhere):
    with db.atomic():
        student = someone("limb", "Limb Student")
        cohort = Cohort.get(Cohort.name == "February")
        enrolment = Enrolment.create(person=student, cohort=cohort, enrolled_on=cohort.starts_on)
        place = Placement.create(enrolment=enrolment, site=cast.brighton, starts_on=cohort.starts_on)
        Party.create(placement=place, person=cast.grace, role="mentor")
    assert "Limb Student" not in words(browse(cast.dana), cast.grace)
    theirs = words(browse(elsewhere), cast.grace)
    assert "Limb Student" in theirs and "Mei Chen" not in theirs
    assert "has a part on another course too" in theirs


def test_an_administrator_reads_counts_and_never_a_text(browse, cast, alma):
    scan = logged(cast.amara, cast.ravi, report="A quokka of a tear at the footprint.")
    client, enrolment = browse(alma), Enrolment.get(Enrolment.person == cast.amara)
    assert client.get("/").headers["Location"] == "/people"
    assert client.get("/cohort").status_code == 200
    assert client.get(f"/students/{enrolment.id}").status_code == 200
    for address in ("/cohort", "/cohort.csv", "/students", f"/students/{enrolment.id}", f"/people/{cast.amara.id}"):
        assert "quokka" not in client.get(address).text
    for address in (
        f"/scans/{scan.id}",
        f"/scans/{scan.id}/review",
        f"/students/{enrolment.id}/portfolio",
        f"/students/{enrolment.id}/portfolio.json",
        f"/students/{enrolment.id}/portfolio.xlsx",
        "/inbox",
        "/scans.csv",
        "/wishes",
    ):
        assert client.get(address).status_code in (403, 404), address
