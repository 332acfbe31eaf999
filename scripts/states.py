"""Write docs/states.md and docs/study.md from the tables of states: `python -m scripts.states`. Tests compare them."""

from pathlib import Path

from rules import calendar, lifecycle, states

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCAN = {
    "log": "a scan is entered; it goes to the mentor when nothing required is missing",
    "correct": "the student changes it, under a new version",
    "send": "the student sends a complete draft, or one that was returned",
    "approve": "the mentor approves the version that they saw; an aided scan is audited with it; it is held while the"
    " course has not confirmed the mentor for that day",
    "undo": "the mentor takes an approval back within seconds, also one that has not arrived yet",
    "reopen": "the mentor opens an approved scan again, with a reason; its wait begins anew",
    "ask_to_reopen": "the student asks for that, with a reason, once at a time",
    "decline_to_reopen": "the mentor leaves it approved, saying why",
    "send_back": "the mentor returns it, saying why",
    "hand_over": "another mentor of the placement is to judge it; the director says so where the first one has left;"
    " one that is held where the course refused its approver: that approval is void",
    "release": "the course has confirmed the mentor for the day of the approval: it counts",
    "hold": "the course has ended that confirmation: it is held",
    "withdraw": "the student takes it out",
    "restore": "the student brings it back as a draft",
    "same_patient": "the student says that it is of the patient of an earlier scan: it is joined to that, or sent",
    "reply": "the student answers what the mentor said of it, in one line; nothing else changes",
    "hide": "who reads it blanks its text, which may have named a patient, and the student writes it anew; once the "
    "enrolment has ended the count stands. A draft or withdrawn one is its student's to hide",
    "link": "a later scan of another region is of the same patient",
}
STUDENT = {
    "enrol": "the student has a place in a cohort",
    "interrupt": "study rests from a day until the day on which the student comes back, which may be open",
    "resume": "the day on which they come back is set, or set anew",
    "extend": "their scans are due on a later day",
    "transfer": "they go on in another cohort of the same course, with story, history and case numbers",
    "withdraw": "they leave the course",
    "graduate": "they have the award; their portfolio is complete",
    "fail": "they end without the award",
    "readmit": "the same enrolment opens again; the days since it ended are an interruption",
}


def pages() -> dict[Path, str]:
    """File -> its whole text."""
    of_scan = (
        "Drawn from `rules/states.py` by `python -m scripts.states`. Each move writes one line of the scan's\n"
        "story and one row of history in one transaction, and succeeds only on the version and the step of the story\n"
        "that the person saw (docs/decisions/0025-an-action-names-its-step.md).\n"
    )
    of_student = (
        "Drawn from `rules/lifecycle.py` by `python -m scripts.states`. A director or an administrator says each verb\n"
        "on the page `/enrolments/<id>/study`; each is one transaction with one row of history, and the student\n"
        "is told. The reason is not kept. *Interrupted* follows from the days alone.\n"
        f"{calendar.SENTENCE}\n"
    )
    return {
        DOCS / "states.md": _page("A scan's states", of_scan, states.diagram(), SCAN),
        DOCS / "study.md": _page("A student's states", of_student, lifecycle.diagram(), STUDENT),
    }


def _page(title: str, about: str, diagram: str, meanings: dict[str, str]) -> str:
    verbs = "\n".join(f"| {verb} | {meaning} |" for verb, meaning in meanings.items())
    return f"# {title}\n\n{about}\n```mermaid\n{diagram}```\n\n| verb | what it means |\n| --- | --- |\n{verbs}\n"


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
