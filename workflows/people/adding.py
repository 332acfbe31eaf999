"""One person with one part, and an empty cohort: what a file of people is too much for."""

from collections.abc import Mapping
from datetime import date

from models import Cohort, Person, Site
from rules.folding import fold
from rules.person_names import without_invisible
from workflows.people import administration, people, people_csv, people_import
from workflows.people.import_rights import ImportRights
from workflows.people.people_import import Outcome
from workflows.refusals import Invalid, NotFound
from workflows.scans import screening

MOST_NAME = 100  # characters of a cohort's name, a site's or a machine's


def add(cells: Mapping[str, str], *, by: Person, named_nobody: str = "") -> Outcome:
    """Bring in one person with one part, as a row of a file would (docs/import.md), and write them their letter.

    Args:
        cells: by the columns of such a file.
        named_nobody: marks of what the screen asked about, as for `screening.screen`.

    Returns what was done; with a question nothing was done yet. Who was here already with this very part stays as they
    are. Raises Invalid: column -> sentences.
    """
    row = people_csv.row_of(cells, is_screened=True)
    wrong: dict[str, list[str]] = {}
    for problem in row.problems:
        wrong.setdefault(problem.column, []).append(problem.sentence)
    warned = screening.screen(_free(cells), named_nobody, problems=wrong)
    outcome = people_import.import_row(row, by=by, rights=ImportRights(by), warned=warned)
    if outcome.problems:
        raise Invalid({problem.column: [problem.sentence] for problem in outcome.problems})
    return outcome


def _free(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells that hold free text. The name of a site that is here was looked at when the site was new."""
    free = {column: cells.get(column, "") for column in people_csv.SCREENED}
    known = {fold(name) for (name,) in Site.select(Site.name).tuples()} if free["site"] else set()
    return {column: text for column, text in free.items() if not (column == "site" and fold(text.strip()) in known)}


def open_cohort(
    programme: str,
    name: str,
    starts_on: date | None,
    due_on: date | None,
    *,
    by: Person,
    named_nobody: str = "",
) -> tuple[Cohort, bool]:
    """Open a cohort on a programme that `by` manages. The same once more is the same one; whether it is new.
    Raises NotFound: no such programme of theirs. Invalid: field -> sentences.
    """
    if programme not in administration.rights_of(by.id).manages:
        raise NotFound()
    called, wrong = without_invisible(name[: 10 * MOST_NAME]), {}
    if not called or len(name) > MOST_NAME or not called.isprintable():
        wrong["name"] = [f"Write what the cohort is called, such as September 2026, at most {MOST_NAME} characters."]
    wrong |= {key: ["Write the day."] for key, day in (("starts_on", starts_on), ("due_on", due_on)) if day is None}
    warned = screening.screen({"name": name}, named_nobody, problems=wrong)
    return people.open_cohort(programme, called, starts_on, due_on, by=by, warned=warned)
