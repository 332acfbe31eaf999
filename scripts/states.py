"""Draw docs/states.md from the transition table: `python -m scripts.states`. A test holds them equal."""

from pathlib import Path

from rules import states

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"
WORDS = {
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


def page() -> str:
    """The page's whole text."""
    verbs = "\n".join(f"| {verb} | {meaning} |" for verb, meaning in WORDS.items())
    return (
        "# A scan's states\n\n"
        "Drawn from `rules/states.py` by `python -m scripts.states`. Each move writes one line of the scan's\n"
        "story and one row of history in one transaction, and succeeds only on the version and the step of the story\n"
        "that the person saw (docs/decisions/0025-a-deed-names-its-step.md).\n\n"
        f"```mermaid\n{states.diagram()}```\n\n| verb | what it means |\n| --- | --- |\n{verbs}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
