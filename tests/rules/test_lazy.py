"""What was worked out last is kept for so many, and found again by its key."""

from __future__ import annotations

from rules.lazy import Latest


def test_of_one_more_than_it_keeps_it_begins_anew_and_what_is_put_again_takes_no_place():
    kept: Latest[str, int] = Latest(2)
    kept["amara"], kept["tom"], kept["amara"] = 1, 2, 3
    assert kept == {"amara": 3, "tom": 2}
    kept["mei"] = 4
    assert kept == {"mei": 4}
