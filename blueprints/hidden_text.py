"""What stands on a page in the place of a text that was hidden."""

from __future__ import annotations

from datetime import datetime

from blueprints.presenters import day
from models import Scan
from rules.programme import Programme
from workflows.scans import hiding
from workflows.scans.blanking import HEADLINE


def sentence_of(programme: Programme, scan: Scan, now: datetime) -> str:
    """ "Hidden on Mon 3 August by Ravi Patel: it may have named a patient."; empty for a scan whose text stands,
    which takes no query.
    """
    row = hiding.last_of(scan.id, scan.version) if scan.headline == HEADLINE else None
    if row is None:
        return ""
    on = day(programme.local(row.at).date(), programme.today(now))
    return f"Hidden {on if ' ' not in on else f'on {on}'} by {row.by.name}: it may have named a patient."
