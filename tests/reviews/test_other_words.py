"""A course with words of its own for aided and unaided sees them wherever a scan says which it is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models import Cohort
from tests import cast as people
from workflows.course import programmes
from workflows.scans import scans

OURS = Path(__file__).parent.parent / "programmes"


@pytest.fixture
def settings(settings, tmp_path):
    folder = tmp_path / "programmes"
    shutil.copytree(OURS, folder)
    return replace(settings, programmes=folder)


def test_the_programmes_own_words_are_on_cards_filters_lists_and_in_the_file(browse, cast):
    (key,) = programmes.keys()
    programme = programmes.get(key)
    names = [support.name for support in programme.supports.values()]
    assert not {"Aided", "Unaided"} & set(names)
    Cohort.update(programme=key).execute()
    region = next(iter(programme.vocabulary.regions.values()))
    structure = next(iter(region.structures))
    for number, support in enumerate(programme.supports):
        entry = people.entry_for(
            cast.ravi, support=support, region=region.id, findings=(), normal=(structure,), report="", side="left"
        )
        scan = scans.log(f"{number:032x}", entry, by=cast.amara, received={"n": number}, another=True).scan
        assert scan.state == "with_mentor"
    for page in (
        browse(cast.ravi).get("/inbox").text,
        browse(cast.ravi).get("/students").text,
        browse(cast.amara).get("/scans").text,
        browse(cast.amara).get("/scans.csv").text,
        browse(cast.amara).get(f"/scans/{scan.id}").text,
    ):
        assert names[1] in page
        assert ">Aided" not in page and ">Unaided" not in page
