"""Draw docs/study.md from the table of a student's states: `python -m scripts.study`. A test holds them equal."""

from pathlib import Path

from rules import calendar, lifecycle

PAGE = Path(__file__).resolve().parent.parent / "docs" / "study.md"
WORDS = {
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


def page() -> str:
    """The page's whole text."""
    verbs = "\n".join(f"| {verb} | {meaning} |" for verb, meaning in WORDS.items())
    return (
        "# A student's states\n\n"
        "Drawn from `rules/lifecycle.py` by `python -m scripts.study`. A director or an administrator says each verb\n"
        "on the page `/enrolments/<id>/study`; each is one transaction with one row of history, and the student\n"
        "is told. The reason is not kept. *Interrupted* follows from the days alone.\n"
        f"{calendar.SENTENCE}\n\n"
        f"```mermaid\n{lifecycle.diagram()}```\n\n| verb | what it means |\n| --- | --- |\n{verbs}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
