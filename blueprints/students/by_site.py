"""The students of somebody who follows them, by the site where they are placed, and why they are followed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from blueprints.student_rows import StudentRow
from rules import roles
from rules.folding import fold
from rules.phrases import listed

UNPLACED, ENDED = "Not placed at present", "No longer on the course"
READS = "you read what they sent, with a sample of what counts on each student's page"
COUNTS = "you see how far each of them is, in numbers"

Groups = list[tuple[str, list[StudentRow]]]


def by_site(rows: list[StudentRow], sites: dict[int, list[tuple[str, date | None]]]) -> Groups:
    """The rows under the site (or sites) where the student is now, in the order of the sites' names; who is nowhere,
    and who has left, at the end.
    """
    groups: dict[str, list[StudentRow]] = defaultdict(list)
    for row in rows:
        now = [site for site, ends_on in sites.get(row.enrolment.id, ()) if ends_on is None or ends_on >= row.today]
        site = listed(sorted(now, key=fold)) if now else UNPLACED
        groups[ENDED if row.enrolment.ended_as else site].append(row)
    return sorted(groups.items(), key=lambda group: (group[0] == ENDED, group[0] == UNPLACED, fold(group[0])))


def matching(groups: Groups, words: str) -> Groups:
    """What of the groups has all these words in the student's name or the group's title."""
    wanted = fold(words).split()
    having = [
        (title, [row for row in rows if all(word in fold(f"{row.name} {title}") for word in wanted)])
        for title, rows in groups
    ]
    return [(title, rows) for title, rows in having if rows]


def here_as(held: Collection[str], rows: list[StudentRow], groups: Groups) -> str:
    """Why an assessor or a clinical manager is here and what they see, in one sentence; empty for everybody else."""
    theirs = [role for role in roles.ROLES if role.key in held and role.key in (*roles.ASSESSORS, "clinical_manager")]
    if not theirs or not rows:
        return ""
    names = listed([role.name.lower() for role in theirs])
    sites = [title for title, _ in groups if title not in (UNPLACED, ENDED)]
    where = f" at {sites[0]}" if len(sites) == 1 and len(groups) == 1 else ""
    students = "1 student" if len(rows) == 1 else f"{len(rows)} students"
    sees = READS if any(role.reads_texts for role in theirs) else COUNTS
    return f"You are here as {names} of {students}{where}: {sees}."
