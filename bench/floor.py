"""The floor: the same work by the barest Flask there is. No ORM, forms, sign-in, template engine or compression.

It answers the product's addresses from the same tables: the same rows read and written, one IMMEDIATE transaction and
one durable commit a write (WAL, synchronous FULL), the same driver, a connection kept by each thread, and a page of
the same size by string formatting. Who asks stands in a header and is believed.

`WORK` says of each request what it does; docs/performance.md prints it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

import cysqlite
from flask import Flask, Response, request

import asgi

WORK = {
    "log": "reads enrolment, cohort, placement, machine, the scan's id, a likely twin, the last case number and the "
    "tally; writes scan, move, history (two chains) and tally; answers a redirect",
    "approve": "reads scan, placement's mentors, cohort and tally; writes scan, audit (aided), move, history (two "
    "chains), tally, the day's and the mentor's counts; reads and answers the card and what waits",
    "inbox": "reads every waiting scan with student, site and story, what was approved just now, and the sites",
    "home": "reads enrolment and cohort, the tally, the last scan, what wants words, and what came back",
    "cohort": "reads the director's cohorts, every student's tally, the cohort's days and its mentors' answers",
}
PRAGMAS = {
    "foreign_keys": 1,
    "synchronous": "FULL",
    "cache_size": -16_000,
    "temp_store": "MEMORY",
    "busy_timeout": 5000,
}
FILLING = '<div class="row"><span>What a page of the product says here, in as many letters</span></div>\n' * 8000
ROWS = 50  # of a long cohort, as many as a page shows
MICRO = 1_000_000

_here = threading.local()


def create_app() -> Flask:
    """The floor on the database that BENCH_DATABASE names; BENCH_SIZES says how long each page of the product is."""
    app = Flask("floor", static_folder=None)
    vars(_here).clear()  # a file of the same name may be another one by now
    path, sizes = os.environ["BENCH_DATABASE"], json.loads(os.environ.get("BENCH_SIZES", "{}"))

    def database() -> cysqlite.Connection:
        if getattr(_here, "path", None) != path:
            _here.path, _here.connection = path, cysqlite.connect(path, pragmas=list(PRAGMAS.items()))
            _here.connection.db_config(cysqlite.SQLITE_DBCONFIG_ENABLE_QPSG, 1)  # as the product's
        return _here.connection

    def page(name: str, body: str) -> str:
        """As long as the product's page, and as many letters of it from the database."""
        whole = f"<!DOCTYPE html><html lang=en><title>{name}</title><main>{body}</main></html>\n"
        return whole + FILLING[: max(0, sizes.get(name, 0) - len(whole.encode()))]

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/scans")
    def log() -> Response:
        scan = _log(database(), int(request.headers["X-Person"]), request.form)
        return Response(status=303, headers={"Location": f"/scans/{scan}?saved=1"})

    @app.post("/scans/<scan_id>/approval")
    def approve(scan_id: str) -> str:
        return page("approve", _approve(database(), int(request.headers["X-Person"]), scan_id, request.form))

    @app.get("/inbox")
    def inbox() -> str:
        return page("inbox", _inbox(database(), int(request.headers["X-Person"])))

    @app.get("/")
    def home() -> str:
        return page("home", _home(database(), int(request.headers["X-Person"])))

    @app.get("/cohort")
    def cohort() -> str:
        name = request.headers.get("X-Page", "cohort")
        return page(name, _cohort(database(), int(request.headers["X-Person"]), int(request.args["cohort"])))

    return app


def create_server() -> asgi.Server:
    """The floor, served as the product is."""
    return asgi.Server(create_app(), 1024 * 1024, 1, asgi.WriteQueue(frozenset()))


# --- Writing ---------------------------------------------------------------------------------------------------

FORM = ("support", "region", "side", "protocol", "scanned_on", "indication", "outcome", "report", "age_band", "sex")
FORM += ("machine", "transducer", "procedure", "procedure_role")
LOGGED = ("id", "enrolment_id", "case_number", "placement_id", "mentor_id", "state", "version", "received_at")
LOGGED += ("received_digest", "first_answer", "digest", "findings", "normal", "limitations", "modifiers", "composed")
LOGGED += ("own_words", "words_missing", "headline", "sent_at")
INSERT_SCAN = f"INSERT INTO scan ({', '.join((*LOGGED, *FORM))}) VALUES ({', '.join('?' * len((*LOGGED, *FORM)))})"
INSERT_MOVE = (
    "INSERT INTO move (scan_id, at, by_id, verb, before, after, version, why) VALUES (?, ?, ?, ?, ?, ?, 1, '')"
)
INSERT_HISTORY = (
    "INSERT INTO history (at, actor_id, verb, object, enrolment_id, payload, previous, student_previous, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_AUDIT = (
    "INSERT INTO audit (scan_id, version, by_id, made_at, image, report, agreement, seen, comment)"
    " VALUES (?, ?, ?, ?, 'good', 'good', 'agree', '', '')"
)
COUNT_DAY = (
    "INSERT INTO counted_day (cohort_id, day, number) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET number = number + 1"
)
COUNT_ANSWER = (
    "INSERT INTO answered (cohort_id, mentor_id, days, number) VALUES (?, ?, 0, 1)"
    " ON CONFLICT DO UPDATE SET number = number + 1"
)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _log(db: cysqlite.Connection, person: int, form: Any) -> str:
    scan, now = form["scan_id"], int(time.time() * MICRO)
    findings = json.dumps([text.split(": ") for text in form.getlist("finding")])
    values = [form.get(name, "") for name in FORM]
    digest = hashlib.sha256(repr(values).encode()).hexdigest()
    with db.transaction("IMMEDIATE"):
        db.execute("SELECT id FROM scan WHERE id = ?", (scan,)).fetchone()
        enrolment, cohort, _, _ = db.execute(
            "SELECT e.id, c.id, c.programme, e.remit FROM enrolment e JOIN cohort c ON c.id = e.cohort_id"
            " WHERE e.person_id = ? AND e.ended_on IS NULL ORDER BY e.enrolled_on DESC LIMIT 1",
            (person,),
        ).fetchone()
        placement, site, _ = db.execute(
            "SELECT p.id, p.site_id, t.person_id FROM placement p JOIN party t ON t.placement_id = p.id"
            " WHERE t.role = 'mentor' AND t.ended_on IS NULL AND p.enrolment_id = ? ORDER BY p.starts_on DESC",
            (enrolment,),
        ).fetchall()[0]
        db.execute("SELECT id FROM machine WHERE site_id = ? AND name = ?", (site, form.get("machine"))).fetchone()
        db.execute(
            "SELECT * FROM scan WHERE enrolment_id = ? AND region = ? AND side = ? AND received_at >= ?"
            " AND state <> 'withdrawn' AND procedure = '' ORDER BY received_at DESC LIMIT 1",
            (enrolment, form["region"], form["side"], now - 600 * MICRO),
        ).fetchone()
        (case,) = db.execute("SELECT MAX(case_number) FROM scan WHERE enrolment_id = ?", (enrolment,)).fetchone()
        row = (scan, enrolment, (case or 0) + 1, placement, int(form["mentor"]), "with_mentor", 1, now, digest, "{}")
        row += (digest, findings, "[]", "[]", "[]", form.get("report_base", ""), 1, 0, form["region"], now)
        db.execute(INSERT_SCAN, (*row, *values))
        db.execute(INSERT_MOVE, (scan, now, person, "log", None, "with_mentor"))
        _chain(db, now, person, "log", scan, enrolment, {"after": "with_mentor", "digest": digest})
        support = form["support"]
        waiting = json.loads(_waiting(db, enrolment))
        waiting.setdefault(support, []).append(now)
        db.execute(
            f"UPDATE tally SET version = version + 1, {support}_with_mentor = {support}_with_mentor + 1, waiting = ?,"
            " last_logged_at = ? WHERE enrolment_id = ?",
            (json.dumps(waiting), now, enrolment),
        )
    return scan


def _approve(db: cysqlite.Connection, person: int, scan: str, form: Any) -> str:
    now, version = int(time.time() * MICRO), int(form["version"])
    with db.transaction("IMMEDIATE"):
        enrolment, placement, support, region, sent, cohort, _ = db.execute(
            "SELECT s.enrolment_id, s.placement_id, s.support, s.region, s.sent_at, e.cohort_id, s.digest"
            " FROM scan s JOIN enrolment e ON e.id = s.enrolment_id WHERE s.id = ?",
            (scan,),
        ).fetchone()
        db.execute(
            "SELECT person_id FROM party WHERE placement_id = ? AND role = 'mentor' AND ended_on IS NULL", (placement,)
        ).fetchall()
        db.execute("SELECT id FROM move WHERE scan_id = ? AND id > ?", (scan, int(form["step"]))).fetchone()
        audited = now if support == "aided" else None
        db.execute(
            "UPDATE scan SET state = 'counted', approved_at = ?, approved_by_id = ?, approved_version = ?,"
            " audited_at = ? WHERE id = ? AND version = ? AND state = 'with_mentor'",
            (now, person, version, audited, scan, version),
        )
        if audited:
            db.execute(INSERT_AUDIT, (scan, version, person, now))
        db.execute(INSERT_MOVE, (scan, now, person, "approve", "with_mentor", "counted"))
        _chain(db, now, person, "approve", scan, enrolment, {"after": "counted", "version": version})
        waiting = json.loads(_waiting(db, enrolment))
        waiting[support] = [at for at in waiting.get(support, ()) if at != sent]
        (regions,) = db.execute("SELECT regions FROM tally WHERE enrolment_id = ?", (enrolment,)).fetchone()
        regions = json.loads(regions)
        regions[region] = regions.get(region, 0) + 1
        db.execute(
            f"UPDATE tally SET version = version + 1, {support}_with_mentor = {support}_with_mentor - 1,"
            f" {support}_counted = {support}_counted + 1, waiting = ?, regions = ?, judged_at = ?"
            " WHERE enrolment_id = ?",
            (json.dumps(waiting), json.dumps(regions), now, enrolment),
        )
        db.execute(COUNT_DAY, (cohort, _today()))
        db.execute(COUNT_ANSWER, (cohort, person))
    card = db.execute(f"{CARDS} WHERE s.id = ?", (scan,)).fetchone()
    waits = db.execute(
        "SELECT s.support, p.name, COUNT(*) FROM scan s JOIN enrolment e ON e.id = s.enrolment_id"
        " JOIN person p ON p.id = e.person_id WHERE s.mentor_id = ? AND s.state = 'with_mentor' GROUP BY 1, 2",
        (person,),
    ).fetchall()
    return CARD.format(*card) + "".join("<a href='/inbox'>{} {} {}</a>".format(*row) for row in waits)


def _waiting(db: cysqlite.Connection, enrolment: int) -> str:
    return db.execute("SELECT waiting FROM tally WHERE enrolment_id = ?", (enrolment,)).fetchone()[0]


def _chain(db, now: int, person: int, verb: str, scan: str, enrolment: int, payload: dict) -> None:
    (head,) = db.execute("SELECT hash FROM history ORDER BY seq DESC LIMIT 1").fetchone()
    own = db.execute(
        "SELECT hash FROM history WHERE enrolment_id = ? ORDER BY seq DESC LIMIT 1", (enrolment,)
    ).fetchone()
    row = (now, person, verb, f"scan:{scan}", enrolment, json.dumps(payload), head, own[0] if own else "0" * 64)
    db.execute(INSERT_HISTORY, (*row, hashlib.sha256(repr(row).encode()).hexdigest()))


# --- Reading ---------------------------------------------------------------------------------------------------

CARDS = (
    "SELECT s.id, p.name, s.support, s.region, s.side, s.headline, s.indication, s.findings, s.normal, s.outcome,"
    " s.limitations, s.modifiers, s.report, s.composed, s.machine, s.case_number, s.sent_at, s.version, t.name, s.id,"
    " (SELECT MAX(m.id) FROM move m WHERE m.scan_id = s.id),"
    " (SELECT MAX(m.version) FROM move m WHERE m.scan_id = s.id AND m.verb = 'send_back'),"
    " (SELECT m.why FROM move m WHERE m.scan_id = s.id AND m.verb = 'send_back' ORDER BY m.id DESC LIMIT 1)"
    " FROM scan s JOIN enrolment e ON e.id = s.enrolment_id JOIN person p ON p.id = e.person_id"
    " JOIN cohort c ON c.id = e.cohort_id JOIN placement l ON l.id = s.placement_id JOIN site t ON t.id = l.site_id"
)
CARD = (
    "<article id='{}'><h4>{}</h4><p>{} {} {}</p><p>{}</p><dl><dt>Asked</dt><dd>{}</dd><dd>{}</dd><dd>{}</dd>"
    "<dd>{}</dd><dd>{}</dd><dd>{}</dd></dl><blockquote>{}</blockquote><p>{}</p><p>{}, case {}, {}, {}, {}</p>"
    '<form action="/scans/{}/approval" method="post"><input type="hidden" name="version" value="1">'
    '<input type="hidden" name="step" value="{}"></form><p>{} {}</p></article>'
)
ROW = "<tr>" + "<td>{}</td>" * 18 + "</tr>"


def _inbox(db: cysqlite.Connection, person: int) -> str:
    waiting = db.execute(
        f"{CARDS} WHERE s.mentor_id = ? AND s.state = 'with_mentor' ORDER BY s.sent_at, s.case_number", (person,)
    ).fetchall()
    just_now = db.execute(
        f"{CARDS} WHERE s.approved_by_id = ? AND s.approved_at > ? AND s.state = 'counted'",
        (person, int((time.time() - 10) * MICRO)),
    ).fetchall()
    sites = db.execute(
        "SELECT DISTINCT t.name FROM site t JOIN placement l ON l.site_id = t.id JOIN party y ON y.placement_id = l.id"
        " WHERE y.person_id = ? AND y.role = 'mentor' AND y.ended_on IS NULL ORDER BY 1",
        (person,),
    ).fetchall()
    return "".join("<h2>{}</h2>".format(*row) for row in sites) + "".join(
        CARD.format(*row) for row in (*waiting, *just_now)[:60]
    )


def _home(db: cysqlite.Connection, person: int) -> str:
    own = db.execute(
        "SELECT e.id, p.name, c.name, c.starts_on, c.due_on FROM enrolment e JOIN cohort c ON c.id = e.cohort_id"
        " JOIN person p ON p.id = e.person_id WHERE e.person_id = ? AND e.ended_on IS NULL",
        (person,),
    ).fetchone()
    tally = db.execute("SELECT * FROM tally WHERE enrolment_id = ?", own[:1]).fetchone()
    last = db.execute(
        "SELECT id, region, side FROM scan WHERE enrolment_id = ? AND state <> 'withdrawn' AND procedure = ''"
        " ORDER BY case_number DESC LIMIT 1",
        own[:1],
    ).fetchone()
    wanting = db.execute(
        "SELECT COUNT(*) FROM scan WHERE enrolment_id = ? AND state IN ('draft', 'with_mentor', 'returned')"
        " AND words_missing",
        own[:1],
    ).fetchone()
    came_back = db.execute(
        "SELECT s.id, s.region, s.side, m.verb, m.why, p.name, m.at FROM scan s JOIN move m ON m.scan_id = s.id"
        " JOIN person p ON p.id = m.by_id WHERE s.enrolment_id = ? AND m.verb IN ('send_back', 'reopen', 'approve')"
        " AND (s.state = 'returned' OR m.why <> '' AND EXISTS (SELECT 1 FROM notice n WHERE n.recipient_id = ?"
        " AND n.subject = 'scan:' || s.id AND n.read_at IS NULL))"
        " ORDER BY m.at DESC LIMIT 30",
        (*own[:1], person),
    ).fetchall()
    news = "".join("<li id='{}'>{} {}: {} {}, {} {}</li>".format(*row) for row in came_back)
    return (
        "<h1>{} {} {} {} {}</h1>".format(*own)
        + "<p>{} {} {}</p>".format(*last)
        + "<p>{}</p>".format(*wanting)
        + f"<p>{tally}</p>{news}"
    )


def _cohort(db: cysqlite.Connection, person: int, cohort: int) -> str:
    cohorts = db.execute(
        "SELECT c.id, c.name FROM cohort c JOIN staff s ON s.programme = c.programme WHERE s.person_id = ?", (person,)
    ).fetchall()
    students = db.execute(
        "SELECT p.name, e.enrolled_on, e.remit, t.aided_draft, t.aided_with_mentor, t.aided_returned, t.aided_counted,"
        " t.unaided_draft, t.unaided_with_mentor, t.unaided_returned, t.unaided_counted, t.other_draft, t.procedures,"
        " t.regions, t.waiting, t.recent, t.last_logged_at, t.judged_at FROM enrolment e"
        " JOIN person p ON p.id = e.person_id LEFT JOIN tally t ON t.enrolment_id = e.id WHERE e.cohort_id = ?"
        " ORDER BY p.name",
        (cohort,),
    ).fetchall()
    days = db.execute("SELECT day, number FROM counted_day WHERE cohort_id = ? ORDER BY day", (cohort,)).fetchall()
    answers = db.execute(
        "SELECT p.name, a.days, a.number FROM answered a JOIN person p ON p.id = a.mentor_id WHERE cohort_id = ?",
        (cohort,),
    ).fetchall()
    links = "".join("<a href='/cohort?cohort={}'>{}</a>".format(*row) for row in cohorts)
    chart = "".join("<i>{} {}</i>".format(*row) for row in days) + "".join(
        "<i>{} {} {}</i>".format(*row) for row in answers
    )
    return links + "".join(ROW.format(*row) for row in students[:ROWS]) + chart
