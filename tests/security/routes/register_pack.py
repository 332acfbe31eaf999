"""What a student puts together for a register."""

from __future__ import annotations

import io
from typing import Any

from tests.portfolio import samples
from tests.security.rows import NOBODYS, STUDENTS, Row
from tests.security.world import World

ENROLLED = "amara tom mei"  # on a course that names a register


class Again(io.BytesIO):
    """A file that may be sent more than once: who sends it closes it."""

    def close(self) -> None:
        self.seek(0)


def _file(world: World, thing: Any) -> dict[str, Any]:
    return {"file": (Again(samples.pdf("One more")), "one more.pdf"), "shows_nobody": "y"}


ROUTES = {
    "GET /portfolio/register": Row(STUDENTS, {"-": f"200: {ENROLLED}"}),
    "GET /portfolio/register.zip": Row(STUDENTS, {"-": f"200: {ENROLLED}"}),
    "POST /portfolio/register/<item>": Row(
        STUDENTS, {"curriculum-vitae": f"303: {ENROLLED}", "award": "", **NOBODYS}, _file
    ),
    "GET /portfolio/register/files/<int:evidence_id>": Row(
        STUDENTS, {"certificate of amara": "200: amara", "certificate of mei": "200: mei", **NOBODYS}
    ),
    "POST /portfolio/register/files/<int:evidence_id>/removal": Row(
        STUDENTS, {"certificate of amara": "303: amara", "certificate of mei": "303: mei", **NOBODYS}
    ),
}
FIELDS = {
    "POST /portfolio/register/<item>": "file shows_nobody",
    "POST /portfolio/register/files/<int:evidence_id>/removal": "",
}
TAKES_FILES = ("POST /portfolio/register/<item>",)
