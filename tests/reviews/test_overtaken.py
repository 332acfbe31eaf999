"""What was pressed on a page that has been overtaken since is refused, and who pressed it is shown what stands."""

from __future__ import annotations

import re

import pytest

from models import Scan
from rules import states
from tests.cast import both_sides, logged
from tests.reviews.steps import verbs_of
from workflows.reviews import reviews
from workflows.scans import scans, transitions

# Verb -> the address of its form, and what the form says beside version and step.
FORMS = {
    "approve": ("/approval", {}),
    "audit": ("/audit", {"agreement": "minor", "image": "good", "report": "good", "comment": "Measure it."}),
    "undo": ("/approval/undo", {}),
    "reopen": ("/reopening", {"why": "The side is wrong."}),
    "return": ("/return", {"agreement": "agree", "image": "good", "report": "good", "why": "Which side?"}),
    "hand_over": ("/mentor", {}),
    "send": ("/sending", {}),
    "withdraw": ("/withdrawal", {}),
    "restore": ("/withdrawal/undo", {}),
}


class Desk:
    """Amara and Ravi at a scan of hers: what they press is what their page says, or what is sent again."""

    def __init__(self, cast, browse, **changes):
        self.cast, self.scan = cast, logged(cast.amara, cast.ravi, **changes)
        self.clients = {"amara": browse(cast.amara), "ravi": browse(cast.ravi)}

    def form(self, verb: str, **more) -> dict:
        """The form as the page has it now."""
        now = Scan.get_by_id(self.scan.id)
        words = {"mentor": self.cast.priya.id} if verb == "hand_over" else FORMS[verb][1]
        return {"version": now.version, "step": transitions.last_step(now.id), **words, **more}

    def press(self, who: str, verb: str, form: dict, **how):
        how = how or {"json": True}
        return self.clients[who].post(f"/scans/{self.scan.id}{FORMS[verb][0]}", form, **how)

    def do(self, who: str, verb: str, **more) -> dict:
        """Press it on the page as it is; the form, to be sent again."""
        form = self.form(verb, **more)
        answer = self.press(who, verb, form)
        assert answer.status_code == 200, answer.text
        assert self.press(who, verb, form).json == answer.json, "at once again it is answered as the first time"
        return form

    @property
    def state(self) -> tuple:
        now = Scan.get_by_id(self.scan.id)
        return now.state, now.version, now.mentor_id, len(verbs_of(now))


@pytest.fixture
def desk(cast, browse):
    return Desk(cast, browse)


def old(form: dict) -> dict:
    """The form as older pages have it."""
    return {name: value for name, value in form.items() if name != "step"}


# What is done, by whom, and after it; the first is sent again then.
OVERTAKEN = {
    "a reopening, after the next approval": ["ravi approve", "ravi reopen!", "ravi approve"],
    "a withdrawal, after its undo": ["amara withdraw!", "amara restore"],
    "an undone withdrawal, after the next one": ["amara withdraw", "amara restore!", "amara withdraw"],
    "a hand-over, after it was handed back": ["amara hand_over!", "amara hand_over ravi"],
    "an approval, after its undo": ["ravi approve!", "ravi undo"],
    "an audit, after its undo": ["ravi audit!", "ravi undo"],
    "an undo, after the next approval": ["ravi approve", "ravi undo!", "ravi approve"],
    "a return, after it was sent again": ["ravi return!", "amara send"],
    "a sending, after the next return": ["ravi return", "amara send!", "ravi return"],
    "an approval, after it was reopened": ["ravi approve!", "ravi reopen"],
}


@pytest.mark.parametrize("story", OVERTAKEN)
def test_what_is_sent_again_undoes_no_later_work(desk, story):
    sent = {}
    for action in OVERTAKEN[story]:
        who, verb, *to = action.strip().replace("!", "").split()
        form = desk.do(who, verb, **({"mentor": desk.cast.ravi.id} if to else {}))
        if "!" in action:
            sent = {"who": who, "verb": verb, "form": form}
    before = desk.state
    now = {"version": before[1], "step": transitions.last_step(desk.scan.id), "id": desk.scan.id}
    for form in (sent["form"], old(sent["form"])):
        answer = desk.press(sent["who"], sent["verb"], form)
        assert answer.status_code == 409, answer.text
        assert {name: answer.json[name] for name in now} == now and answer.json["message"]
        assert answer.json["state"] == before[0]
        page = desk.press(sent["who"], sent["verb"], form, headers={})
        assert page.status_code == 409 and desk.scan.id in page.text, "a page, with the way to what stands"
        assert desk.press(sent["who"], sent["verb"], form, htmx=True).status_code == 409
    assert desk.state == before


@pytest.mark.parametrize("verb", ["approve", "audit", "return", "hand_over", "withdraw"])
def test_a_step_that_is_not_there_is_refused(desk, verb):
    other = logged(desk.cast.amara, desk.cast.ravi, side="left")
    who = "ravi" if verb in ("approve", "audit", "return") else "amara"
    last, before = transitions.last_step(other.id), desk.state
    for step in (last, last + 1, last + 10**6, 0, -1, "x", "1.0", "9" * 40):
        answer = desk.press(who, verb, desk.form(verb, step=step))
        assert answer.status_code in (409, 422), (step, answer.text)
        assert desk.state == before, step
    assert desk.press(who, verb, desk.form(verb)).status_code == 200


def test_a_step_of_another_version_is_refused(desk):
    step = transitions.last_step(desk.scan.id)
    both_sides(desk.scan, desk.cast.amara, version=1)
    assert desk.press("ravi", "approve", {"version": 2, "step": step}).status_code == 409
    assert desk.state[0] == states.WITH_MENTOR


BEFORE = {
    "approve": [],
    "audit": [],
    "return": [],
    "undo": ["ravi approve"],
    "reopen": ["ravi approve"],
    "hand_over": [],
    "withdraw": ["ravi return"],
    "restore": ["amara withdraw"],
    "send": ["ravi return"],
}


@pytest.mark.parametrize("verb", BEFORE)
def test_an_old_form_that_nothing_has_overtaken_is_done(desk, verb):
    for action in BEFORE[verb]:
        desk.do(*action.split())
    who = "ravi" if verb in ("approve", "audit", "return", "undo", "reopen") else "amara"
    form, before = old(desk.form(verb)), desk.state
    first = desk.press(who, verb, form)
    assert first.status_code == 200 and desk.state[-1] == before[-1] + 1, first.text
    assert desk.press(who, verb, form).json == first.json, "and sent again it is answered as the first time"
    assert desk.state[-1] == before[-1] + 1


def test_an_undo_that_was_pressed_before_the_approvals_answer_came(desk):
    form = desk.form("approve")
    desk.press("ravi", "approve", form)
    assert desk.press("ravi", "undo", form).json["state"] == states.WITH_MENTOR
    assert desk.press("ravi", "approve", form).status_code == 409, "held up on its way, it does not count again"
    desk.do("ravi", "approve")
    assert desk.press("ravi", "undo", form).status_code == 409, "nor does the undo take back the next approval"
    assert desk.state[0] == states.COUNTED


def test_an_approval_that_comes_after_its_undo_does_not_count(desk):
    form = desk.form("approve")
    assert desk.press("ravi", "undo", form).json["state"] == states.WITH_MENTOR
    assert desk.press("ravi", "approve", form).status_code == 409, "the network had held it up"
    assert desk.press("ravi", "approve", old(form)).status_code == 409
    desk.do("ravi", "approve")
    for late in (form, old(form)):
        assert desk.press("ravi", "undo", late).status_code == 409, "nor does that undo take back the next approval"
    assert desk.state[0] == states.COUNTED
    page = desk.clients["ravi"].get(f"/scans/{desk.scan.id}").text
    assert "Approval taken back before it arrived" in page
    assert "taken back" not in desk.clients["amara"].get(f"/scans/{desk.scan.id}").text, "they were told of no approval"


def test_a_student_is_not_refused_for_an_approval_that_was_undone_and_told_to_nobody(desk):
    form = desk.form("withdraw")
    desk.do("ravi", "approve")
    answer = desk.press("amara", "withdraw", form)
    assert answer.status_code == 409 and answer.json["state"] == states.WITH_MENTOR, "nor are they told of it"
    desk.do("ravi", "undo")
    assert desk.press("amara", "withdraw", form).status_code == 200


def test_several_approvals_are_each_overtaken_for_themselves(cast, browse):
    first, second = (logged(cast.amara, cast.ravi, side=side) for side in ("left", "right"))
    ravi = browse(cast.ravi)
    ticked = {"scan": [f"{one.id}:1:{transitions.last_step(one.id)}" for one in (first, second)]}
    reviews.hand_over(first.id, by=cast.priya, to=cast.priya.id)
    reviews.hand_over(first.id, by=cast.priya, to=cast.ravi.id, step=transitions.last_step(first.id))
    answers = {
        one["scan_id"]: one["approved"] for one in ravi.post("/inbox/approvals", ticked, json=True).json["answers"]
    }
    assert answers == {first.id: False, second.id: True}


def test_what_was_typed_for_an_overtaken_reopening_is_kept(desk):
    desk.do("ravi", "approve")
    form = desk.do("ravi", "reopen")
    desk.do("ravi", "approve")
    answer = desk.press("ravi", "reopen", {**form, "why": "Words of half an hour."}, headers={})
    assert answer.status_code == 409 and "overtaken" in answer.text and "Words of half an hour." in answer.text


def test_another_reason_for_a_return_is_not_dropped_in_silence(desk):
    form = desk.do("ravi", "return")
    answer = desk.press("ravi", "return", {**form, "why": "And the depth?"})
    assert answer.status_code == 409 and "returned" in answer.json["message"]
    answer = desk.press("ravi", "return", {**form, "agreement": "major"})
    assert answer.status_code == 409


ACTIONS = re.compile(r"/scans/[0-9a-f-]{36}(/(sending|withdrawal(/undo)?|mentor|audit|reopening|approval(/undo)?))?")


def test_every_form_that_changes_a_scan_carries_the_step_that_its_page_shows(cast, browse):
    seen = set()
    amara, ravi, priya = browse(cast.amara), browse(cast.ravi), browse(cast.priya)
    for state in ("draft", "with_mentor", "returned", "counted", "withdrawn", "twin"):
        scan = logged(cast.amara, cast.ravi, later=state in ("draft", "withdrawn"))
        if state == "returned":
            reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
        elif state == "counted":
            reviews.approve(scan.id, by=cast.ravi, version=1)
        elif state == "withdrawn":
            scans.withdraw(scan.id, by=cast.amara, version=1)
        elif state == "twin":
            Scan.update(duplicate_of=scan.id, state=states.DRAFT).where(Scan.id == scan.id).execute()
        of_mentor = ("review", "card", "") if state in ("with_mentor", "counted") else ()
        paths = [
            (amara, "?saved=1"),
            (amara, "?withdrawn=1"),
            *((who, f"/{end}") for who in (ravi, priya) for end in of_mentor),
        ]
        if state in ("draft", "with_mentor", "returned"):
            paths.append((amara, "/edit"))
        for client, end in paths:
            client.get("/inbox") if client is not amara else None
            page = client.get(f"/scans/{scan.id}{end.rstrip('/')}").text
            for tag, inside in re.findall(r"(<form[^>]*>)(.*?)</form>", page, re.S):
                action = re.search(r'action="([^"?]*)(\??[^"]*)"', tag)
                if not action or not ACTIONS.fullmatch(action[1]) or 'method="post"' not in tag:
                    continue
                last = str(transitions.last_step(scan.id))
                carried = re.findall(r'name="step"[^>]*value="(\d+)"', inside) + re.findall(r"step=(\d+)", action[2])
                assert carried == [last], (state, end, tag)
                seen.add(action[1].removeprefix(f"/scans/{scan.id}"))
            for box in re.findall(r'type="checkbox" name="scan" value="([^"]*)"', page):
                assert box.split(":")[2] == str(transitions.last_step(scan.id))
    ends = {"", "/sending", "/withdrawal", "/withdrawal/undo", "/mentor", "/audit", "/reopening"}
    assert seen == {*ends, "/approval", "/approval/undo"}
