"""Which of a student's scans an assessor is shown: drawn by a fixed calculation, so that nobody chooses them and
whoever draws again has the same.
"""

import hashlib
from collections.abc import Iterable

SIZE = 10


def sample(enrolment: int, scans: Iterable[str], size: int = SIZE) -> list[str]:
    """Of these scans (ids) the `size` with the lowest SHA-256 of student and scan number; all where there are no more.

    Another scan takes the place of one of them at most, and the order in which they are given does not matter.
    """
    return sorted(scans, key=lambda scan: hashlib.sha256(f"{enrolment}:{scan}".encode()).hexdigest())[:size]
