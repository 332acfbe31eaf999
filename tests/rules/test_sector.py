"""The sector: a dot a scan, nothing clipped, and the same in words."""

from __future__ import annotations

import re
from collections import Counter
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from rules.programme import Programme
from rules.progress import Progress
from rules.sector import arcs, mini, sector
from rules.totals import StateCounts
from tests.rules import draw
from tests.rules.conftest import PROGRAMMES
from tests.rules.test_progress import counts


def test_ten_arcs_of_sixteen_to_thirty_four_are_two_hundred_and_fifty(msk: Programme):
    assert [arc.size for arc in arcs(msk)] == list(range(16, 36, 2))
    assert [arc.support for arc in arcs(msk)] == ["aided"] * 5 + ["unaided"] * 5


def test_another_programmes_arcs_are_shared_out_in_the_same_ratios():
    assert [arc.size for arc in arcs(PROGRAMMES["second"])] == [19, 22, 24, 26, 29, 31, 34, 36, 38, 41]


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_the_arcs_add_up_whatever_the_totals(aided, unaided):
    from dataclasses import replace

    programme = PROGRAMMES["msk"]
    supports = {
        key: replace(programme.support(key), total=total) for key, total in (("aided", aided), ("unaided", unaided))
    }
    made = arcs(replace(programme, supports=supports))
    assert sum(arc.size for arc in made[:5]) == aided
    assert sum(arc.size for arc in made[5:]) == unaided
    for kind in (made[:5], made[5:]):
        sizes = [arc.size for arc in kind]
        assert all(later >= earlier - 1 for earlier, later in zip(sizes, sizes[1:], strict=False))


@given(data=st.data())
def test_every_scan_is_one_dot_and_no_dot_is_clipped_or_touches_another(data, programme):
    shown = Progress(programme, data.draw(draw.counts(programme)))
    drawn = sector(programme, shown)
    states = Counter((dot.support, dot.state) for dot in drawn.dots)
    for key, part in zip(programme.supports, shown.parts, strict=True):
        assert states[key, "counted"] == part.counted
        assert states[key, "with_mentor"] == min(part.with_mentor, part.missing)
        assert states[key, "to_come"] == part.missing - part.waiting
    assert len(drawn.dots) == programme.total
    room = drawn.radius + 1
    assert all(room <= dot.x <= drawn.width - room and room <= dot.y <= drawn.height - room for dot in drawn.dots)
    neighbours = zip(drawn.dots, drawn.dots[1:], strict=False)
    assert all(hypot(one.x - other.x, one.y - other.y) > 2 * drawn.radius for one, other in neighbours)


def test_a_course_of_many_scans_has_smaller_dots():
    from dataclasses import replace

    programme = PROGRAMMES["msk"]
    supports = {key: replace(support, total=600) for key, support in programme.supports.items()}
    many = replace(programme, supports=supports)
    assert sector(many, Progress(many, counts())).radius < sector(programme, Progress(programme, counts())).radius


def test_the_dots_fill_from_the_left_counted_before_waiting(programme: Programme):
    shown = Progress(programme, counts(aided=StateCounts(counted=20, with_mentor=3), unaided=StateCounts(counted=1)))
    dots = [dot for dot in sector(programme, shown).dots if dot.support == "aided"]
    assert [dot.state for dot in dots[:24]] == ["counted"] * 20 + ["with_mentor"] * 3 + ["to_come"]
    assert dots[0].x < dots[1].x


def test_the_sector_says_in_words_what_it_draws(msk: Programme):
    student = counts(aided=StateCounts(counted=62, with_mentor=5), unaided=StateCounts(counted=68, with_mentor=9))
    text = "130 of 250 counted: 62 of 100 aided and audited, 68 of 150 unaided; 14 with mentor."
    assert sector(msk, Progress(msk, student)).text == text
    assert mini(msk, Progress(msk, student)).text == text


def test_the_thumbnail_is_a_track_a_kind_with_its_share_on_it(programme: Programme):
    empty = mini(programme, Progress(programme, counts()))
    assert [path.kind for path in empty.paths] == ["t", "t"]
    assert empty.paths[0].d == "M13.9 18.0A30 30 0 0 0 50.1 18.0"
    assert empty.paths[1].d == "M5.5 29.1A44 44 0 0 0 58.5 29.1"
    half = counts(aided=StateCounts(counted=10**6), unaided=StateCounts(counted=10, with_mentor=5))
    paths = mini(programme, Progress(programme, half)).paths
    assert [(path.kind, path.pending) for path in paths] == [
        ("t", False), ("a", False), ("t", False), ("u", False), ("u", True),
    ]  # fmt: skip
    assert paths[1].d == paths[0].d


@given(data=st.data())
def test_the_thumbnail_stays_in_its_box(data, programme):
    for path in mini(programme, Progress(programme, data.draw(draw.counts(programme)))).paths:
        x0, y0, _, _, _, _, _, x1, y1 = (float(one) for one in re.findall(r"-?[\d.]+", path.d))
        assert all(3.5 <= x <= 60.5 for x in (x0, x1))
        assert all(3.5 <= y <= 40.5 for y in (y0, y1))
