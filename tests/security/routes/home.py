"""The first page."""

from __future__ import annotations

from tests.security.rows import FOLLOWERS, PEOPLE, STUDENTS, Row

ROUTES = {
    "GET /": Row(PEOPLE, {"-": f"200: {STUDENTS} partless; 302: {FOLLOWERS}"}),
}
