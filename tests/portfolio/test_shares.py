"""A student shows an edition to an employer by a link, sees how often it was opened, and takes it back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import clock
from models import History, Notice, Share
from tests.client import Client
from tests.portfolio import editions
from workflows import files
from workflows.history import verification

FILE = b"%PDF-1.7 a portfolio %%EOF"
FORM = {"label": "Croydon physiotherapy", "days": "30"}


@pytest.fixture
def edition(cast):
    return editions.made(cast.amara, FILE)


def address_of(answer) -> str:
    """The path of the link that the page shows, once."""
    assert answer.status_code == 200, answer.text
    return re.search(r'value="http://127.0.0.1:8000(/shared/[\w-]+)"', answer.text)[1]


def shared(client: Client, edition, **form: str) -> str:
    return address_of(client.post(f"/editions/{edition.id}/shares", {**FORM, **form}))


def test_amara_shares_an_edition_an_employer_opens_it_she_sees_that_and_takes_it_back(
    browse, cast, edition, monkeypatch
):
    amara, employer = browse(cast.amara), browse(None)
    path = shared(amara, edition)
    token = path.rpartition("/")[2]
    assert len(token) == 43 and token not in str(list(Share.select().dicts())) + str(list(History.select().dicts()))
    answer = employer.get(path)
    assert "Amara" not in answer.text and ">Open<" in answer.text and Share.get().opened == 0
    assert (answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
    assert employer.http.get(f"{path}/portfolio.pdf").status_code == 303, "nothing is downloaded before it is opened"
    answer = employer.post(path)
    assert answer.status_code == 200
    for says in ("Portfolio of Amara Okafor", "Croydon physiotherapy", "It is the latest edition", "own certificate"):
        assert says in answer.text
    employer.post(path)
    assert Share.get().opened == 2 and Share.get().opened_at is not None
    assert [one.recipient_id for one in Notice.select().where(Notice.kind == "share_opened")] == [cast.amara.id]
    monkeypatch.setattr(files, "read", lambda file: iter([FILE]))
    answer = employer.http.get(f"{path}/portfolio.pdf")
    assert answer.data == FILE and answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    number = Share.get().token_hash
    for _ in range(2):
        assert amara.post(f"/shares/{number}/revocation").status_code == 303
    gone = employer.get(path)
    assert gone.status_code == 404 and "taken back" in gone.text and "Amara" not in gone.text
    assert verification.verify().sound


def test_a_link_that_was_revoked_has_run_out_or_was_never_ours_answers_alike_and_of_a_void_edition_says_so(
    browse, cast, edition, monkeypatch
):
    amara, employer = browse(cast.amara), browse(None)
    revoked, late, void = (shared(amara, edition, days=days) for days in ("30", "1", "90"))
    amara.post(f"/shares/{Share.select().order_by(Share.made_at).first().token_hash}/revocation")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))
    pages = {re.sub(r"[\w.-]{60,}", "", employer.get(path).text) for path in (revoked, late, "/shared/never-ours")}
    assert len(pages) == 1
    for path in (revoked, late, "/shared/never-ours"):
        assert {employer.http.get(f"{path}/portfolio.pdf").status_code, employer.post(path).status_code} == {404}
    editions.void(edition, cast.dana, "The remit is wrong.")
    for answer in (employer.get(void), employer.post(void), employer.get(f"{void}/portfolio.pdf")):
        assert answer.status_code == 410 and "was made void" in answer.text and "The remit" not in answer.text
    assert Share.select().where(Share.opened > 0).count() == 0


def test_what_cannot_be_shared_is_refused_with_a_sentence_and_keeps_what_was_typed(browse, cast, edition):
    amara, path = browse(cast.amara), f"/editions/{edition.id}/shares"
    for form, says in (
        ({"label": " "}, "Write whom or what the link is for."),
        ({"label": "a" * 81}, "At most 80 characters; this has 81."),
        ({"days": "91"}, "Write a number of days from 1 to 90."),
        ({"days": "0"}, "Write a number of days from 1 to 90."),
        ({"days": "soon"}, "Write a number of days from 1 to 90."),
        ({"days": "9" * 300}, "Write a number of days from 1 to 90."),
        ({"label": "Seen 943 476 5919"}, "NHS number"),
    ):
        answer = amara.post(path, {**FORM, **form})
        assert answer.status_code == 422 and says in answer.text, form
        assert f'value="{next(iter(form.values()))}"' in answer.text, "what was typed is kept"
    answer = amara.post(path, {**FORM, "label": "Mrs Ward, Croydon"})
    assert answer.status_code == 422 and "Does this identify a patient?" in answer.text
    marks = re.search(r'name="named_nobody" value="(\w+)"', answer.text)[1]
    assert amara.post(path, {**FORM, "label": "Mrs Ward, Croydon", "named_nobody": marks}).status_code == 200
    assert browse(cast.tom).post(path, FORM).status_code == 404, "another's edition"
    assert browse(cast.tom).post(f"/shares/{Share.get().token_hash}/revocation").status_code == 404
    assert browse(cast.dana).post(path, FORM).status_code == 403
    editions.void(edition, cast.dana)
    assert amara.post(path, FORM).status_code == 409
    assert Share.select().count() == 1


def test_the_piece_of_a_portfolio_lists_the_links_with_how_often_they_were_opened(app, browse, cast, edition):
    amara = browse(cast.amara)
    shared(amara, edition)
    browse(None).post(shared(amara, edition, label="Register"))
    from flask import render_template_string

    from workflows.course import programmes

    with app.test_request_context():
        page = render_template_string(
            "{% include 'verify/_shares.html' %}",
            edition=edition,
            shares=list(Share.select().order_by(Share.made_at)),
            programme=programmes.get("msk-pgcert"),
        )
    assert page.count("Not opened yet") == 1 and page.count("Opened once, last on") == 1
    assert page.count("/revocation") == 2 and 'value="30"' in page
