"""What a draft lacks is asked on its own page, one tap each, and marked where it is edited."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest

from models import Scan
from rules import states
from tests.cast import entry_for, logged
from workflows.scans import scans


@pytest.fixture
def amara(browse, cast):
    return browse(cast.amara)


def drafted(cast, **changes):
    """A draft of Amara's that lacks something."""
    number = str(uuid.uuid4())
    entry = replace(entry_for(cast.ravi), **changes)
    return scans.log(number, entry, by=cast.amara, received={"id": number}, another=True).scan


def asked(page: str) -> dict[str, list[str]]:
    """Field -> the values that its buttons offer."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        '<button class="button ghost" type="submit" name="(support|side|mentor|site)" value="([^"]+)"', page
    ):
        found.setdefault(name, []).append(value)
    return found


def seen(page: str) -> dict[str, str]:
    form = page[page.index('class="missing"') :]
    return dict(re.findall('name="(version|step)" value="([^"]*)"', form)[:2])


def test_a_first_scan_without_mentor_support_and_side_is_sent_after_three_taps(amara, cast):
    draft = drafted(cast, support="", side="", mentor=None)
    assert draft.state == states.DRAFT
    for name, value in (("support", "aided"), ("side", "right"), ("mentor", str(cast.ravi.id))):
        page = amara.get(f"/scans/{draft.id}").text
        assert value in asked(page)[name]
        answer = amara.post(f"/scans/{draft.id}/missing", {**seen(page), name: value})
        assert (answer.status_code, answer.location) == (303, f"/scans/{draft.id}?saved=1")
    sent = Scan.get_by_id(draft.id)
    assert (sent.state, sent.support, sent.side, sent.mentor_id) == ("with_mentor", "aided", "right", cast.ravi.id)
    assert "14 mm full-thickness tear of the anterior supraspinatus" in sent.report, "own words stay"
    page = amara.get(f"/scans/{draft.id}?saved=1").text
    assert "It is with Ravi Patel" in page and not asked(page)


def test_only_mentors_of_the_students_placements_are_offered(amara, cast):
    draft = drafted(cast, mentor=None)
    offered = asked(amara.get(f"/scans/{draft.id}").text)["mentor"]
    assert str(cast.ravi.id) in offered and str(cast.grace.id) not in offered
    page = amara.get(f"/scans/{draft.id}").text
    answer = amara.post(f"/scans/{draft.id}/missing", {**seen(page), "mentor": cast.grace.id})
    assert answer.status_code == 422
    assert Scan.get_by_id(draft.id).state == states.DRAFT


@pytest.mark.parametrize("wrong", [{}, {"support": ""}, {"support": "guided"}, {"side": "up"}, {"mentor": "nobody"}])
def test_what_was_not_offered_is_refused_and_changes_nothing(amara, cast, wrong):
    draft = drafted(cast, support="", side="", mentor=None)
    page = amara.get(f"/scans/{draft.id}").text
    assert amara.post(f"/scans/{draft.id}/missing", {**seen(page), **wrong}).status_code == 422
    assert Scan.get_by_id(draft.id).version == draft.version


def test_what_must_be_tapped_in_the_form_is_led_to_where_it_is_missing_and_marked_there(amara, cast):
    draft = logged(cast.amara, cast.ravi, findings=(), report="", side="")
    page = amara.get(f"/scans/{draft.id}").text
    assert f'href="/scans/{draft.id}/edit#side"' in page and list(asked(page)) == ["side"]
    form = amara.get(f"/scans/{draft.id}/edit").text
    assert 'data-lacks="side findings"' in form and 'id="side"' in form and 'id="findings"' in form
    assert re.findall('<a href="#(side|findings)">', form) == ["side", "findings"]


def test_a_complete_draft_and_a_scan_that_waits_are_asked_nothing(amara, cast):
    for scan in (logged(cast.amara, cast.ravi, later=True), logged(cast.amara, cast.ravi)):
        assert not asked(amara.get(f"/scans/{scan.id}").text)
        assert "data-lacks" not in amara.get(f"/scans/{scan.id}/edit").text


def test_nobody_but_its_student_is_asked(browse, cast):
    draft = logged(cast.amara, cast.ravi, side="")
    for person in (cast.ravi, cast.tom):
        client = browse(person)
        assert client.get(f"/scans/{draft.id}").status_code == 404
        assert client.post(f"/scans/{draft.id}/missing", {"side": "left", "version": 1}).status_code in (403, 404)
