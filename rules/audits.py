"""What a mentor's audit can say of a scan, and when it is a failed one (R2, R3)."""

from __future__ import annotations

IMAGE = REPORT = ("good", "acceptable", "poor")
AGREEMENT = ("agree", "minor", "major")
SEEN = ("machine", "pacs", "not_seen")
ONE_TAP, REVIEW = "one_tap", "review"  # how it was made: *Agree & approve*, or in the review
MADE = (ONE_TAP, REVIEW)
FAILED = "agreement = 'major' OR image = 'poor' OR report = 'poor'"  # `is_failed`, for the database


def is_failed(image: str, report: str, agreement: str) -> bool:
    """A major difference, or a poor grade."""
    return agreement == "major" or "poor" in (image, report)
