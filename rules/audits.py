"""What a mentor's audit can say of a scan, and when it is a failed one (R2, R3)."""

# Word -> how it is shown.
QUALITY_NAMES = {"good": "Good", "acceptable": "Acceptable", "poor": "Poor"}
AGREEMENT_NAMES = {"agree": "Agree", "minor": "Minor difference", "major": "Major difference"}
SEEN_NAMES = {"machine": "At the machine", "pacs": "On PACS", "not_seen": "Not seen"}
IMAGE = REPORT = tuple(QUALITY_NAMES)
AGREEMENT = tuple(AGREEMENT_NAMES)
SEEN = tuple(SEEN_NAMES)
ONE_TAP, REVIEW = "one_tap", "review"  # how it was made: *Agree & approve*, or in the review
MADE = (ONE_TAP, REVIEW)
FAILED = "agreement = 'major' OR image = 'poor' OR report = 'poor'"  # `is_failed`, for the database


def is_failed(image: str, report: str, agreement: str) -> bool:
    """A major difference, or a poor grade."""
    return agreement == "major" or "poor" in (image, report)
