"""How an audit was made, and what it must not say; a counted scan that its student asks to reopen.

Audits of before keep their words: how they were made is empty, and the new checks ask nothing of them.
"""

from migrations.schema import rebuild, run

CHECKS = {
    "audit_made_check": "made IN ('', 'one_tap', 'review')",
    "audit_unseen_check": "seen <> 'not_seen' OR image = '' OR made = ''",
    "audit_words_check": (
        "made = '' OR comment <> '' OR NOT (agreement = 'major' OR image = 'poor' OR report = 'poor')"
    ),
}
GRADES = {"image": "('good', 'acceptable', 'poor')", "report": "('good', 'acceptable', 'poor')"}
OPTIONAL = {**GRADES, "agreement": "('agree', 'minor', 'major')"}  # an appraisal on the way to a return may be a part

POSTGRESQL = "\n".join(
    [
        'ALTER TABLE "audit" ADD COLUMN "made" TEXT NOT NULL DEFAULT \'\';',
        *(
            f"ALTER TABLE audit DROP CONSTRAINT audit_{name}_check, ADD CHECK ({name} IN ('', {words[1:]});"
            for name, words in OPTIONAL.items()
        ),
        *(f'ALTER TABLE "audit" ADD CONSTRAINT "{name}" CHECK ({check});' for name, check in CHECKS.items()),
    ]
)
SQLITE = {
    '"comment" TEXT NOT NULL,': '"comment" TEXT NOT NULL,\n    "made" TEXT NOT NULL DEFAULT \'\',',
    **{f"CHECK ({name} IN {words})": f"CHECK ({name} IN ('', {words[1:]})" for name, words in OPTIONAL.items()},
    "CHECK (seen IN ('', 'machine', 'pacs', 'not_seen'))": ",\n    ".join(
        ["CHECK (seen IN ('', 'machine', 'pacs', 'not_seen'))", *(f"CHECK ({check})" for check in CHECKS.values())]
    ),
}
STEPS = """
CREATE INDEX audit_failed ON audit (scan_id)
    WHERE voided_at IS NULL AND (agreement = 'major' OR image = 'poor' OR report = 'poor');

ALTER TABLE "scan" ADD COLUMN "reopen_asked_at" {instant} CHECK (reopen_asked_at IS NULL OR state = 'counted');

CREATE INDEX scan_asked ON scan (mentor_id, reopen_asked_at) WHERE reopen_asked_at IS NOT NULL;
"""


def up(migrator, db):
    rebuild(db, {"audit": SQLITE}, postgresql=POSTGRESQL)
    run(db, STEPS)
