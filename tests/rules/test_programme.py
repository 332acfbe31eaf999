"""A course is data: read whole, and refused with one line that names the key (R1 to R6, R13 to R16, R22)."""

from __future__ import annotations

import copy
import tomllib
from datetime import UTC, date, datetime

import pytest

from rules.programme import Programme, ProgrammeError, load, parse
from tests.rules.conftest import PROGRAMMES, ROOT


def test_the_course_asks_what_its_rules_say(msk: Programme):
    assert msk.total == 250
    assert (msk.support("aided").total, msk.support("aided").counts_when) == (100, "audited")
    assert (msk.support("unaided").total, msk.support("unaided").counts_when) == (150, "approved")
    assert (msk.hours_per_week, msk.pass_mark, msk.credits, msk.audit_overdue_days) == (14, 50, 60, 7)
    assert [(module.credits, module.semesters) for module in msk.modules] == [(20, (1,)), (40, (1, 2))]
    assert [one.weight for one in msk.modules[0].components] == [50, 50]
    assert [(one.weight, one.pass_fail) for one in msk.modules[1].components] == [
        (None, True),
        (None, True),
        (100, False),
    ]
    assert [one.key for module in msk.modules for one in module.components if one.portfolio] == ["CW1"]
    assert msk.retention.graduates_read_years == 2


def test_nine_regions_are_six_areas_to_aim_for_and_one_without_an_aim(msk: Programme):
    assert [target.target for target in msk.breadth] == [20] * 6 + [None]
    assert all(msk.target_of(region) for region in msk.vocabulary.regions)
    assert msk.target_of("hand") is msk.target_of("wrist")
    assert msk.target_of("foot").name == "Ankle and foot"
    assert msk.target_of("muscle").target is None
    assert msk.target_of("the moon") is None


def test_the_second_programme_is_a_different_one():
    other = PROGRAMMES["second"]
    assert other.total == 300
    assert other.target_of("forearm").key == "arm"
    assert not set(other.vocabulary.regions) & set(PROGRAMMES["msk"].vocabulary.regions)


def test_the_day_is_the_programmes_own():
    evening = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert PROGRAMMES["msk"].today(evening) == date(2026, 7, 1)  # British Summer Time
    assert PROGRAMMES["msk"].local(evening).hour == 0
    assert PROGRAMMES["msk"].today(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2026, 12, 31)
    assert PROGRAMMES["second"].today(datetime(2026, 12, 31, 12, 0, tzinfo=UTC)) == date(2027, 1, 1)


def test_a_stored_time_without_a_zone_is_utc():
    assert PROGRAMMES["msk"].local(datetime(2026, 6, 30, 12, 0)).hour == 13  # noqa: DTZ001


def raw(name: str = "programmes/msk-pgcert.toml") -> dict:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("path", "value", "takes"),
    [
        ("timezone", "Europe/Croydon", "a time zone"),
        ("hours_per_week", "fourteen", "a number of at least 0"),
        ("supports.aided.total", 0, "a whole number of at least 1"),
        ("supports.aided.counts_when", "approved", "audited"),
        ("supports.unaided.counts_when", "audited", "approved"),
        ("reports.composed_abnormal", "bin", "one of send, mark, hold"),
        ("pace.at_risk_by", 3, "at least behind_by (10)"),
        ("audit.overdue_days", True, "a whole number"),
        ("age_bands", [], "a list of different texts, at least one"),
        ("sexes", ["female", "female"], "a list of different texts"),
        ("procedures_count", "no", "true or false"),
        ("breadth.0.regions", ["tail"], "ids of the vocabulary's regions"),
        ("breadth.1.regions", ["shoulder"], "regions that no other area of breadth has"),
        ("breadth.1.key", "shoulder", "a key that no other area of breadth has"),
        ("modules.0.semesters", [0], "a list of whole numbers above 0"),
        ("modules.0.components.0.weight", 40, "a sum of 100"),
        ("modules.1.components.0.weight", 10, "nothing beside pass_fail"),
        ("modules", [], "a list of tables"),
        ("audit", "yes", "audit takes a table of keys, not 'yes'."),
        ("supports.aided.counts_when", "never", "supports.aided.counts_when takes one of audited, not 'never'."),
        ("hours_per_week", float("nan"), "hours_per_week takes a number of at least 0, not nan."),
        ("breadth.1.target", 0, "breadth[2].target takes a whole number of at least 1, not 0."),
        ("age_bands", ["old", 4], "age_bands takes a list of different texts, at least one, not ['old', 4]."),
        ("breadth.0.targt", 20, "is not known here"),
        ("colour", "teal", "is not known here"),
    ],
)
def test_a_mistake_is_refused_in_one_line_that_names_the_key(msk: Programme, path: str, value: object, takes: str):
    data = copy.deepcopy(raw())
    *way, last = path.split(".")
    place = data
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    with pytest.raises(ProgrammeError) as refused:
        parse(data, msk.vocabulary)
    message = str(refused.value)
    assert takes in message
    assert "\n" not in message
    assert last in message or "fundamentals" in message


@pytest.mark.parametrize(
    "key",
    sorted(
        set(raw())
        - {"machines_first", "failed_audit_counts", "log_during_interruption", "register", "retention", "people"}
    ),
)  # they may be left out
def test_every_key_must_be_there(msk: Programme, key: str):
    data = raw()
    del data[key]
    with pytest.raises(ProgrammeError, match=f"{key} is missing: it takes"):
        parse(data, msk.vocabulary)


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path):
    with pytest.raises(ProgrammeError, match="nowhere.toml"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "broken.toml").write_text("key = ")
    with pytest.raises(ProgrammeError, match="broken.toml"):
        load(tmp_path / "broken.toml")


def test_a_mistake_in_the_vocabulary_names_both_files(tmp_path):
    (tmp_path / "course.toml").write_text((ROOT / "programmes/msk-pgcert.toml").read_text(encoding="utf-8"))
    (tmp_path / "msk_vocabulary.toml").write_text("version = 3")
    with pytest.raises(ProgrammeError, match="course.toml: msk_vocabulary.toml: "):
        load(tmp_path / "course.toml")
