"""What must never be, the database itself refuses, whatever the code above it does."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

import clock
from models import Audit, Enrolment, Person, Scan, Staff
from tests.cast import logged
from workflows.reviews import reviews


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi)


def refuses(**columns):
    with pytest.raises(IntegrityError):
        Scan.update(columns).execute()


def test_a_state_that_does_not_exist(scan):
    refuses(state="lost")


def test_counted_without_somebody_who_counted_it(scan):
    refuses(state="counted")


def test_counted_by_somebody_at_no_time(scan, cast):
    refuses(approved_by=cast.ravi)


def test_a_count_of_another_version_than_stands(scan, cast):
    reviews.approve(scan.id, by=cast.ravi, version=1)
    refuses(version=2)


def test_an_aided_scan_counted_without_an_audit(cast):
    logged(cast.amara, cast.ravi, support="aided")
    refuses(state="counted", approved_at=clock.now(), approved_by=cast.ravi.id, approved_version=1)


def test_an_audit_of_what_is_not_counted(scan):
    refuses(audited_at=clock.now())


@pytest.mark.parametrize("column", ["mentor", "placement", "sent_at"])
def test_a_scan_with_a_mentor_without_what_a_mentor_needs(scan, column):
    refuses(**{column: None})


def test_a_scan_with_a_mentor_and_no_support(scan):
    refuses(support="")


def test_a_support_that_does_not_exist(scan):
    refuses(support="guided")


def test_two_scans_with_one_case_number(scan, cast):
    logged(cast.amara, cast.ravi)
    refuses(case_number=1)


def test_a_scan_of_nobody(scan):
    refuses(enrolment=999)


def test_two_live_audits_of_one_version(cast):
    scan = logged(cast.amara, cast.ravi, support="aided")
    reviews.approve(scan.id, by=cast.ravi, version=1)
    with pytest.raises(IntegrityError):
        Audit.create(
            scan=scan, version=1, by=cast.ravi, made_at=clock.now(), image="good", report="good", agreement="agree"
        )


def test_an_audit_in_words_that_do_not_exist(scan, cast):
    with pytest.raises(IntegrityError):
        Audit.create(
            scan=scan, version=1, by=cast.ravi, made_at=clock.now(), image="lovely", report="good", agreement="agree"
        )


def test_two_people_with_one_address(cast):
    with pytest.raises(IntegrityError):
        Person.create(email="amara@example.test", name="Amara Again", made_at=clock.now())


def test_an_address_in_capitals(cast):
    with pytest.raises(IntegrityError):
        Person.create(email="Amara@Example.test", name="Amara Again", made_at=clock.now())


def test_a_role_that_does_not_exist(cast):
    with pytest.raises(IntegrityError):
        Staff.create(person=cast.ian, programme="msk-pgcert", role="owner")


def test_an_enrolment_that_ended_without_how(cast):
    with pytest.raises(IntegrityError):
        Enrolment.update(ended_on=clock.now().date()).execute()


def test_a_person_enrolled_twice_in_one_cohort(cast):
    with pytest.raises(IntegrityError):
        Enrolment.create(person=cast.amara, cohort=cast.cohort, enrolled_on=clock.now().date())
