"""Hide now on the screen: a quiet link where the text is read, one confirmation without JavaScript, what stands in the
place of the text afterwards.
"""

from __future__ import annotations

import re

from models import Hiding, Scan
from tests.cast import logged
from tests.portfolio import editions
from tests.scans.steps import text_of
from workflows.portfolio import shares
from workflows.reviews import reviews

NAMED = "Full-thickness tear, as quokkaleen told."


def test_a_mentor_hides_it_from_the_inbox_in_two_taps(browse, cast):
    scan, ravi = logged(cast.amara, cast.ravi, report=NAMED), browse(cast.ravi)
    address = f"/scans/{scan.id}/hiding"
    for path in ("/inbox", f"/scans/{scan.id}/review", f"/scans/{scan.id}"):
        assert f'href="{address}">Patient data? Hide now</a>' in ravi.get(path).text, path
    page = ravi.get(address)
    assert "Amara is asked to write it anew" in text_of(page) and f'action="{address}"' in page.text
    assert "quokkaleen" not in page.text and "hx-" not in re.search(r"<form[^>]*hiding[^>]*>", page.text)[0]

    answer = ravi.post(address)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/scans/{scan.id}")
    for path in (f"/scans/{scan.id}", f"/scans/{scan.id}/review", address):
        assert "Hidden today by Ravi Patel: it may have named a patient." in text_of(ravi.get(path)), path
    assert ravi.post(address).status_code == 303 and Hiding.select().count() == 1


def test_its_student_sees_who_hid_it_and_is_asked_to_write_it_anew(browse, cast):
    scan, amara = logged(cast.amara, cast.ravi, report=NAMED), browse(cast.amara)
    browse(cast.dana).post(f"/scans/{scan.id}/hiding")

    page = text_of(amara.get(f"/scans/{scan.id}"))
    assert "Hidden today by Dana Director" in page and "Write it anew" in page and "quokkaleen" not in page
    assert "hidden: write it anew" in text_of(amara.get("/"))
    assert "hidden: write it anew" in text_of(amara.get("/news"))
    assert amara.get(f"/scans/{scan.id}/edit").status_code == 200


def test_a_student_asks_for_it_and_both_are_told_with_a_page_that_does_it(browse, cast):
    scan, amara = logged(cast.amara, cast.ravi, report=NAMED), browse(cast.amara)
    assert "Patient data? Ask to hide it" in amara.get(f"/scans/{scan.id}").text
    assert amara.post(f"/scans/{scan.id}/hiding-request").status_code == 303
    assert "You have asked for it" in text_of(amara.get(f"/scans/{scan.id}/hiding"))
    for person in (cast.ravi, cast.dana):
        assert f"/scans/{scan.id}/hiding" in browse(person).get("/news").text
    assert amara.post(f"/scans/{scan.id}/hiding").status_code == 403


def test_a_draft_is_hidden_by_its_student(browse, cast):
    scan, amara = logged(cast.amara, cast.ravi, later=True, report=NAMED), browse(cast.amara)
    assert "Patient data? Hide now" in amara.get(f"/scans/{scan.id}").text
    assert amara.post(f"/scans/{scan.id}/hiding", json=True).json["state"] == "draft"
    assert Scan.get_by_id(scan.id).report == ""


def test_a_shared_edition_answers_410_and_its_code_is_void(browse, cast):
    scan = logged(cast.amara, cast.ravi, report=NAMED)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    edition = editions.made(cast.amara)
    token, nobody = shares.share(edition.id, by=cast.amara, label="Employer", days=3), browse(None)
    browse(cast.ravi).post(f"/scans/{scan.id}/hiding")

    for path in (f"/shared/{token}", f"/shared/{token}/portfolio.pdf"):
        assert nobody.get(path).status_code == 410, path
    assert "void since" in text_of(nobody.get(f"/verify/{edition.code}"))
    assert browse(cast.amara).get(f"/editions/{edition.id}.pdf").status_code == 410


def test_a_phone_is_told_which_scans_were_hidden(browse, cast):
    scan = logged(cast.amara, cast.ravi, report=NAMED)
    assert browse(cast.amara).get("/phone").json["hidden"] == []
    browse(cast.ravi).post(f"/scans/{scan.id}/hiding")
    for person, told in ((cast.amara, True), (cast.ravi, True), (cast.grace, False), (cast.tom, False)):
        assert browse(person).get("/phone").json["hidden"] == ([[scan.id, 2]] if told else []), person.name
