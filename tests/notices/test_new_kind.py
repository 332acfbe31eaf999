"""A notice of something that is no scan: a row of the registry and a line in a workflow, and it is told everywhere."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

import clock
from models import Notice, db
from rules.notice_text import KINDS, Kind
from tests.notices.test_digest import BASE, deliver, house, on, postbox, text_of  # noqa: F401 - fixtures
from workflows.accounts import accounts
from workflows.notices import notices, push_delivery

CONFIRMED = Kind(
    "{by} has confirmed your placement",
    "placement",
    "confirmed",
    "/students/{id}",
    "check",
    urgency="low",
    reminds=True,
)


@pytest.fixture
def confirm(monkeypatch, cast):
    """A workflow of a room to come: Ravi confirms a placement of Amara's."""
    monkeypatch.setitem(KINDS, "placement_confirmed", CONFIRMED)

    def one(number: int) -> None:
        with db.atomic():
            notices.notify(
                "placement_confirmed", f"placement:{number}", to=cast.amara.id, by=cast.ravi.id, at=clock.now()
            )

    return one


@pytest.mark.both
def test_the_bell_and_the_page_say_it_and_it_is_read_with_the_page(browse, cast, confirm):
    confirm(7)
    amara = browse(cast.amara)
    page = amara.get("/news").text
    assert "What is new: 1 unread" in page and "Placement confirmed" in page and "by Ravi Patel" in page
    assert 'href="/students/7"' in page and "unread" not in browse(cast.tom).get("/news").text
    notices.mark_all_read(by=cast.amara, until=clock.now())
    assert accounts.visitor(accounts.start(cast.amara)).unread == 0


@pytest.mark.both
def test_push_says_it_with_its_urgency_and_several_in_one(cast, confirm, noon, sender, service, subscribe):
    phone = subscribe(cast.amara)
    confirm(7)
    push_delivery.deliver(sender)
    (message,) = phone.told
    assert (message["title"], message["open"]) == ("Ravi has confirmed your placement", "/students/7")
    assert (message["tag"], message["badge"], message["urgency"]) == ("placement 7", 1, "low")
    assert service.taken[0].headers["Urgency"] == "low"
    noon(minutes=6)
    confirm(8), confirm(9)
    push_delivery.deliver(sender)
    assert (phone.titles[1], phone.told[1]["open"]) == ("2 placements were confirmed", "/news")


@pytest.mark.both
def test_the_daily_mail_counts_it(cast, confirm, deliver, postbox, on):  # noqa: F811
    on(0, "06:00")
    confirm(7)
    on(1, "08:00")
    assert deliver() == "0 pushed, 1 mailed.\n"
    (mail,) = postbox.to(cast.amara)
    assert mail["Subject"] == "1 thing is new"
    assert "1 placement was confirmed since you last looked." in text_of(mail) and f"{BASE}/news" in text_of(mail)


def test_what_nobody_did_and_nobody_is_told_of(browse, cast, monkeypatch):
    done = Kind("Your portfolio is ready", "portfolio", "made", "/scans", "check")
    monkeypatch.setitem(KINDS, "portfolio_made", done)
    told = {"at": clock.now(), "by": None}
    notices.notify("portfolio_made", "portfolio:1", to=cast.amara.id, **told)
    notices.notify("portfolio_made", "portfolio:1", to=None, **told)
    notices.notify("portfolio_made", "portfolio:1", to=cast.amara.id, at=clock.now(), by=cast.amara.id)
    assert Notice.select().count() == 1
    page = browse(cast.amara).get("/news").text
    assert "Portfolio made" in page and "by " not in page.split("Portfolio made")[1].split("</a>")[0]


def test_a_kind_that_this_version_does_not_know_is_left_out(browse, cast, confirm, monkeypatch, sender, subscribe):
    phone = subscribe(cast.amara)
    confirm(7)
    monkeypatch.delitem(KINDS, "placement_confirmed")
    assert browse(cast.amara).get("/news").status_code == 200
    assert push_delivery.deliver(sender) == 0 and not phone.told


def test_every_kind_opens_a_page_that_there_is(app):
    addresses = app.url_map.bind("")
    for kind in KINDS.values():
        assert addresses.match(urlsplit(kind.path.format(id="8f14e45f-ceea-467f-9a36-dedd4bea2543")).path)


def test_a_read_notice_is_deleted_when_nothing_shows_it_any_more_and_an_unread_one_never(cast, confirm):
    long_ago = clock.now() - notices.KEPT - timedelta(days=1)
    for number in range(3):
        confirm(number)
    notices.mark_read(["placement:0", "placement:1"], by=cast.amara)
    Notice.update(at=long_ago, deliver_at=long_ago).execute()
    Notice.update(read_at=long_ago).where(Notice.subject == "placement:0").execute()
    assert notices.delete_old() == 1
    assert sorted(notice.subject for notice in Notice.select()) == ["placement:1", "placement:2"]
