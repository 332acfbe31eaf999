"""A mentor leaves while a phone has no signal: what was saved for them arrives as a draft, and asks who follows."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

import clock
from tests.browser.offline.log_form import expect_unsent, log


def test_what_was_saved_for_a_mentor_who_has_left_is_kept_and_asks_who_follows(backend, open_phone_of):
    from models import Enrolment, Party, Placement
    from workflows.people import parts

    name, cast = backend.newcomer(), backend.ground.cast
    phone, student = open_phone_of(name), getattr(cast, name)
    phone.context.set_offline(True)
    number = log(phone, region="elbow")
    with backend.ground.app.extensions["database"].connection_context():
        whose = Party.select().join(Placement).join(Enrolment).where(Enrolment.person == student)
        part = whose.where(Party.person == cast.ravi).get()
        yesterday = clock.today() - timedelta(days=1)
        parts.end(part.id, last_day=yesterday, by=cast.dana, successor=cast.priya.id)
    phone.context.set_offline(False)
    phone.goto("/me")
    expect_unsent(phone, 0)
    assert [(scan.id, scan.state) for scan in backend.scans_of(name)] == [(number, "draft")]
    phone.goto("/offline")
    expect(phone.locator("#arrived li")).to_have_text("Elbow · left: kept as a draft: who is to judge it?")
    phone.locator("#arrived a").tap()
    expect(phone.get_by_text("Ravi Patel mentors there no more: Priya Nair follows.")).to_be_visible()
    phone.get_by_role("button", name="Priya Nair").tap()
    expect(phone.get_by_text("It is with Priya Nair")).to_be_visible()
    assert [(scan.state, scan.mentor_id) for scan in backend.scans_of(name)] == [("with_mentor", cast.priya.id)]
