"""Mails that did not go are counted and listed alike: of the people whom somebody manages, and of nobody else."""

import pytest

import clock
from models import Letter, Party
from workflows.notices import failed_mail, letters


def both(manager) -> tuple[int, list[str]]:
    """How many the cohort's page says, and whose the list names."""
    return failed_mail.number_seen_by(manager.id), [one.name for one in failed_mail.seen_by(manager.id)]


def letter_that_failed(address: str, person: int | None) -> None:
    letters.write("welcome", address=address, person=person, words={"name": "", "token": "x"}, at=clock.now())
    Letter.update(reason="550 no such mailbox").execute()


@pytest.mark.both
def test_what_failed_is_counted_as_it_is_listed(cast, elsewhere):
    failed_mail.keep(cast.ravi, failed_mail.DIGEST, "550 no such mailbox")
    letter_that_failed("t.lindqvist@example.ac.uk", cast.tom.id)
    assert both(cast.dana) == (2, [cast.ravi.name, cast.tom.name])
    assert both(elsewhere) == (0, [])


@pytest.mark.both
def test_a_mail_to_who_mentored_once_is_of_that_course_alone(cast, elsewhere):
    Party.update(ended_on=clock.today()).where(Party.person == cast.ravi).execute()
    failed_mail.keep(cast.ravi, failed_mail.DIGEST, "550 no such mailbox")
    assert both(cast.dana) == (1, [cast.ravi.name])
    assert both(elsewhere) == (0, [])


@pytest.mark.both
def test_a_letter_to_an_address_of_nobody_is_in_no_number(cast):
    letter_that_failed("nobody@example.ac.uk", None)
    assert both(cast.dana) == (0, [])
