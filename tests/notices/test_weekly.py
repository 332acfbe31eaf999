"""The directors' weekly mail: once a week, in the morning, with what proves later that nothing was cut off."""

from __future__ import annotations

import clock
from models import Person, Staff
from tests.cast import logged
from tests.notices.test_digest import deliver, house, on, postbox, text_of  # noqa: F401 - fixtures
from workflows.accounts import accounts
from workflows.history import heads, history
from workflows.reviews import reviews


def every_week(*people):
    """These people have had no weekly mail yet."""
    Person.update(record_mailed_at=None).where(Person.id.in_([one.id for one in people])).execute()


def test_a_director_is_mailed_once_a_week_whatever_they_want_to_be_told(cast, deliver, postbox, on):  # noqa: F811
    Person.update(by_mail=False).execute()
    every_week(cast.dana, cast.ravi)
    reviews.approve(logged(cast.amara, cast.ravi).id, by=cast.ravi, version=1)
    logged(cast.tom, cast.ravi)
    monday = -weekday(on)
    on(monday, "07:00")
    deliver()
    assert postbox.mails == [], "it is not morning yet"
    for day in range(monday, monday + 7):
        on(day, "08:00")
        deliver(), deliver()
    (mail,) = postbox.mails
    assert mail["To"].addresses[0].addr_spec == cast.dana.email and mail["List-Unsubscribe"] is None
    words = text_of(mail)
    assert "your course has 2 scans on Sonofolio, and 1 counts" in words
    assert "The record has never been verified." in words
    head = heads.of_text(next(word for word in words.split() if len(word) > 64))
    assert f"--head {head}" in words
    on(monday + 7, "08:00")
    deliver()
    assert len(postbox.mails) == 2, "the next week"


def weekday(on):  # noqa: F811
    """The day of the week of the first day, 0 for Monday."""
    on(0, "08:00")
    return clock.now().weekday()


def test_the_mail_says_what_the_last_verification_found(cast, house, deliver, postbox, on):  # noqa: F811
    on(0, "08:00")
    runner = house.test_cli_runner()
    assert runner.invoke(args=["verify-history"]).exit_code == 0
    every_week(cast.dana)
    deliver()
    assert "and nothing differed" in text_of(postbox.mails[0])
    Person.update(name="Somebody").where(Person.id == cast.tom.id).execute()
    assert runner.invoke(args=["verify-history"]).exit_code == 1
    every_week(cast.dana)
    deliver()
    assert "1 thing differs from what people entered" in text_of(postbox.mails[1])
    assert "differs" in postbox.mails[1]["Subject"]


def test_who_directs_no_more_or_may_not_come_in_gets_none(cast, deliver, postbox, on):  # noqa: F811
    on(0, "08:00")
    every_week(cast.dana, cast.ian)
    accounts.disable(cast.dana)
    deliver()
    accounts.enable(cast.dana)
    Staff.update(programme="a course of elsewhere").execute()
    deliver()
    assert postbox.mails == []


def test_the_loop_writes_down_where_history_ends_when_it_has_grown(cast, deliver, house):  # noqa: F811
    file = house.config["SONOFOLIO"].instance / heads.FILE
    deliver(), deliver()
    assert len(heads.read(file)) == 1 and file.stat().st_mode & 0o777 == 0o600
    logged(cast.amara, cast.ravi)
    deliver()
    first, last = heads.read(file)
    assert (last.seq, last.rows) == (first.seq + 1, first.rows + 1) and last.hash == heads.current().hash
    assert history.START not in (first.hash, last.hash)
