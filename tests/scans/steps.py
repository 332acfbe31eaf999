"""What a student sends from the log form, and small readers of the pages that come back."""

from __future__ import annotations

import html
import re
import uuid

from models import Scan


def fields(cast, **changes: object) -> dict[str, object]:
    """A normal right knee, unaided, complete; a change of None leaves a field out."""
    values: dict[str, object] = {
        "scan_id": str(uuid.uuid4()),
        "support": "unaided",
        "region": "knee",
        "side": "right",
        "normal": "all",
        "mentor": cast.ravi.id,
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def abnormal(cast, **changes: object) -> dict[str, object]:
    """A right shoulder with two findings."""
    found = ["ssp: full-thickness tear", "sasd: bursitis"]
    return fields(cast, **{"region": "shoulder", "normal": None, "finding": found, **changes})


def log(client, sent: dict[str, object], **options):
    """Send it as the phone's outbox does; answers the JSON that came with 201."""
    answer = client.post("/scans", sent, json=True, **options)
    assert answer.status_code == 201, answer.text
    return answer.json


def stored(sent: dict[str, object]) -> Scan:
    return Scan.get_by_id(sent["scan_id"])


def text_of(answer) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def field_of(answer, name: str) -> str:
    """The value of a hidden field or the text of a textarea."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', answer.text)
    found = found or re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n?(.*?)</textarea>', answer.text, re.DOTALL)
    return html.unescape(found.group(1)) if found else ""


def chosen(answer, name: str) -> list[str]:
    """What is chosen in the radio buttons, boxes and lists of this name."""
    inputs = re.findall(rf'<input type="(?:radio|checkbox)" name="{name}" value="([^"]*)"[^>]*? checked', answer.text)
    lists = re.findall(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', answer.text, re.DOTALL)
    options = [one for each in lists for one in re.findall(r'<option selected value="([^"]*)"', each)]
    return [html.unescape(one) for one in (*inputs, *options)]
