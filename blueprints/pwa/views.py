"""What a browser and a supervisor ask of the product itself: the manifest, the worker that a phone keeps, the icon, and
whether it is well."""

import time

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from blueprints.access import ANYBODY, PERSON, allow, asked_by_itself, me, somebody
from blueprints.hypermedia import json_answer
from blueprints.pwa import worker
from blueprints.request_checks import WRITING_SINCE
from rules import roles
from rules.person_names import first_name
from workflows import health
from workflows.accounts import accounts
from workflows.backup import proof
from workflows.scans import hiding

pwa = Blueprint("pwa", __name__)

# --bg of static/app.css in the scanning room. A manifest can say one colour for both themes: it is that of the splash
# screen and of the first moment. From then on the page's own <meta name="theme-color"> rules, one for each theme.
NIGHT = "#080c10"

# What a browser shows before it installs: name, width x height, where it is shown, what is to be seen. Taken from the
# running product by scripts/screenshots.py.
SCREENSHOTS = (
    ("home-phone.webp", "780x1688", "narrow", "A student's progress: each dot is a scan"),
    ("log-phone.webp", "780x1688", "narrow", "A scan is logged in a few taps"),
    ("inbox-phone.webp", "780x1688", "narrow", "A mentor approves with one tap"),
    ("home-desk.webp", "1280x800", "wide", "A student's progress on a desktop"),
    ("inbox-desk.webp", "1280x800", "wide", "A mentor's inbox on a desktop"),
)

WRITES_SECONDS = 10  # that a request which saves may take before all is not well


@pwa.get("/manifest.webmanifest")
@allow(ANYBODY)
def manifest() -> Response:
    """So that Sonofolio can be added to a home screen."""
    response = jsonify(
        id="/",
        name="Sonofolio",
        short_name="Sonofolio",
        description="The clinical scan portfolio of musculoskeletal ultrasound",
        lang="en-GB",
        start_url="/",
        scope="/",
        display="standalone",
        background_color=NIGHT,
        theme_color=NIGHT,
        categories=["education", "medical"],
        icons=[
            _icon("favicon.svg", "any", "image/svg+xml"),
            _icon("icon-192.png", "192x192"),
            _icon("icon-512.png", "512x512"),
            _icon("icon-maskable-512.png", "512x512", purpose="maskable"),
        ],
        shortcuts=[
            {"name": "Log scan", "url": url_for("scans.new"), "icons": [_icon("icon-192.png", "192x192")]},
            {"name": "Inbox", "url": url_for("reviews.inbox"), "icons": [_icon("icon-192.png", "192x192")]},
        ],
        screenshots=[
            {
                "src": url_for("static", filename=f"screenshots/{name}"),
                "sizes": sizes,
                "type": "image/webp",
                "form_factor": form,
                "label": label,
            }
            for name, sizes, form, label in SCREENSHOTS
        ],
    )
    response.mimetype = "application/manifest+json"
    return response


def _icon(name: str, sizes: str, kind: str = "image/png", purpose: str = "any") -> dict[str, str]:
    # Plain addresses: an installed app keeps them for long, whatever the content.
    return {"src": url_for("static", filename=f"icons/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}


@pwa.get("/service-worker.js")
@allow(ANYBODY)
def service_worker() -> Response:
    """The worker that answers when the network does not, with the list of what it keeps of this release."""
    return Response(worker.script(), mimetype="text/javascript")


@pwa.get("/offline")
@allow(ANYBODY)
def offline() -> str:
    """What is on this phone and not on the server yet; and what any page is without a network. A phone fills it in."""
    return render_template("pwa/page.html")


@pwa.get("/phone")
@allow(PERSON)
@asked_by_itself
def phone() -> Response:
    """Who is signed in here, for the phone's outbox: with a token to send with, the key of what it keeps (none
    on a shared computer), and whose text was hidden, so that it keeps none of it. Kept in no cache; no other site can
    read it.
    """
    visitor = me()
    return json_answer(
        {
            "person": visitor.id,
            "name": first_name(visitor.name),
            "logs": visitor.enrolled,
            "csrf": generate_csrf(),
            "seal": None if visitor.shared else accounts.seal_of(visitor.person),
            "hidden": hiding.seen_by(visitor.id),
        },
        200,
    )


@pwa.get("/favicon.ico")
@allow(ANYBODY)
def favicon() -> Response:
    """For who asks without reading the page."""
    return redirect(url_for("static", filename="icons/favicon-32.png"), 302)


@pwa.get("/healthz")
@allow(ANYBODY)
def healthz() -> tuple[Response, int]:
    """200 when the database answers and can save, 503 and which of them it is when not. A director who is signed in is
    told of when the last backup is that was proved restorable too, and nobody else is told more.
    """
    if not health.database_answers():
        return jsonify(status="unavailable", what="the database does not answer"), 503
    since = request.environ.get(WRITING_SINCE)
    if since is not None and time.monotonic() - since > WRITES_SECONDS:
        return jsonify(status="unavailable", what="a request that saves does not end"), 503
    if not health.can_save():
        return jsonify(status="unavailable", what="nothing can be saved"), 503
    visitor = somebody()
    if visitor is None or roles.DIRECTOR not in visitor.roles:
        return jsonify(status="ok"), 200
    proved = proof.read(current_app.config["SONOFOLIO"].instance).made_at
    return jsonify(status="ok", backup=proved.isoformat() if proved else None), 200
