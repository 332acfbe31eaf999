"""An earlier logbook as a spreadsheet has it, and as Sonofolio's own open data; and what the pages' forms send."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, date, datetime
from typing import Any

from rules import logbook

CSV = """Scan date,Joint,L/R,Supervised,Diagnosis,Report,Machine
01/02/2022,Shoulder,R,Directly,Full-thickness supraspinatus tear,"A tear, 12 mm.",GE Logiq E10
15/02/2022,Knee,left,Indirectly,Effusion of the knee,"Effusion of the suprapatellar recess.
No Baker's cyst.",
,Ankle,both,Not at all,,Normal,Esaote
"""
COLUMNS = ["scanned_on", "region", "side", "supervision", "finding", "report", "other"]
AT = datetime(2022, 3, 14, 9, 30, tzinfo=UTC)


def fields(page: str) -> dict[str, str]:
    """What the form of this page sends, but for its buttons."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if named.get("type") == "hidden" and named.get("name", "csrf_token") != "csrf_token":
            found[named["name"]] = html.unescape(named.get("value", ""))
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def upload(client, content: str | bytes, name: str = "logbook.csv", **more: str):
    """Send a file of this name."""
    data = {"file": (io.BytesIO(content if isinstance(content, bytes) else content.encode()), name), **more}
    return client.post("/portfolio/import", data, content_type="multipart/form-data")


def preview(client, content: str, **changes: str):
    """Send a file and go on with what was guessed, but for these changes."""
    return client.post("/portfolio/import/preview", {**fields(upload(client, content).text), **changes})


def own(**changes: Any) -> logbook.Logbook:
    """A logbook of another course with every field filled."""
    finding = {
        "structure": "Supraspinatus",
        "finding": "full-thickness tear",
        "side": "right",
        "structure_code": "ssp",
        "finding_code": "full-thickness tear",
    }
    size = {
        "structure": "Supraspinatus",
        "finding": "tear",
        "side": "",
        "measure": "length",
        "value": "14.5",
        "unit": "mm",
    }
    audit = {
        "id": 7,
        "version": 2,
        "by": "Grace Adeyemi",
        "made_at": AT,
        "image": "good",
        "report": "fair",
        "agreement": "minor",
        "seen": "beside",
        "how": "said",
        "comment": "Say where; measure twice.",
        "failed": False,
        "void": True,
    }
    step = {"at": AT, "by": "Mei Chen", "what": "sent", "words": "Line one\nand “two”; é", "version": 1}
    scan = {
        "id": "8f14e45f-ceea-4e7a-9a36-d1b2c3d4e5f6",
        "case_number": 12,
        "state": "counted",
        "version": 2,
        "counts": True,
        "support": "aided",
        "scanned_on": date(2022, 3, 14),
        "region": "Shoulder",
        "region_code": "shoulder",
        "side": "right",
        "sides_recorded": True,
        "protocol": "full",
        "indication": "pain",
        "headline": "Full-thickness supraspinatus tear",
        "findings": [finding],
        "normal": ["Subscapularis"],
        "outcome": "referred",
        "limitations": ["habitus"],
        "modifiers": ["dynamic"],
        "not_seen": [{"structure": "Biceps", "limitation": "habitus", "side": ""}],
        "sizes": [size],
        "report": "A tear of 14.5 mm.\nNo effusion.",
        "own_words": True,
        "age_band": "40-49",
        "sex": "female",
        "site": "Brighton sports clinic",
        "mentor": "Grace Adeyemi",
        "machine": "Esaote",
        "transducer": "linear",
        "procedure": "injection",
        "procedure_part": "assisted",
        "logged_at": AT,
        "saved_at": AT,
        "sent_at": AT,
        "approved_at": AT,
        "approved_by": "Grace Adeyemi",
        "audits": [audit],
        "story": [step],
        "digest": "a" * 64,
    }
    bare = {
        **dict.fromkeys(("support", "side", "protocol", "indication", "headline", "outcome", "report", "age_band"), ""),
        **dict.fromkeys(("sex", "site", "mentor", "machine", "transducer", "procedure", "procedure_part"), ""),
        **dict.fromkeys(("findings", "normal", "not_seen", "sizes", "limitations", "modifiers", "audits", "story"), []),
        **dict.fromkeys(("saved_at", "sent_at", "approved_at")),
        "approved_by": "",
        "state": "draft",
        "counts": False,
        "own_words": False,
        "sides_recorded": False,
        "id": "9f14e45f-ceea-4e7a-9a36-d1b2c3d4e5f6",
        "case_number": 13,
    }
    before = {
        "id": 3,
        "source": "A fellowship",
        "imported_on": date(2022, 1, 2),
        "scanned_on": None,
        "region": "Hip",
        "side": "L",
        "supervision": "observed",
        "finding": "",
        "report": "",
        "other": {"Machine": "GE"},
    }
    values = {
        "format": logbook.FORMAT,
        "made_at": AT,
        "complete": True,
        "student": {"name": "Mei Chen", "enrolment": 3},
        "course": {
            "programme": "msk-pgcert",
            "name": "PgCert MSK ultrasound",
            "institution": "LSBU",
            "level": 7,
            "accredited_by": "CASE",
            "award": "PgCert",
            "cohort": "January 2022",
            "starts_on": date(2022, 1, 3),
            "due_on": date(2022, 12, 1),
            "enrolled_on": date(2022, 1, 3),
            "ended_on": None,
            "ended_as": None,
            "remit": ["shoulder"],
            "timezone": "Europe/London",
        },
        "definitions": [{"term": "aided", "text": "The mentor is beside the student."}],
        "counts": {"counted": 1, "total": 250, "supports": [], "areas": [], "procedures": []},
        "placements": [],
        "scans": [scan, {**scan, **bare}],
        "earlier": [before],
        "record": {"head": f"12:{'b' * 64}", "root": "c" * 64},
    }
    return logbook.Logbook.model_validate({**values, **changes})
