"""The product itself: files, health, the service worker and its pages."""

from __future__ import annotations

from tests.security.rows import ANYBODY, NOBODYS, PEOPLE, Row, only

ROUTES = {
    "GET /static/<path:filename>": Row(ANYBODY, {"app.css": f"200: {ANYBODY}", **NOBODYS}),
    "GET /manifest.webmanifest": only(ANYBODY),
    "GET /favicon.ico": only(ANYBODY, 302),
    "GET /healthz": only(ANYBODY),
    "GET /service-worker.js": only(ANYBODY),
    "GET /offline": only(ANYBODY),
    "GET /phone": only(PEOPLE),
}
