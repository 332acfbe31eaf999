"""What one tap was meant for is read as the audit form reads it, without making a form."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from blueprints.reviews.forms import Seen, SeenForm, seen
from tests.cast import logged
from tests.reviews.steps import approve, card_form, is_counted

NUMBERS = st.sampled_from(["1", " 7 ", "+7", "007", "1_000", "\u0667", "0", "-1", "1.5", "seven", " ", "", "1e3"])
NUMBERS |= st.sampled_from([str(10**6), str(10**6 + 1), str(2**53), str(2**53 + 1), "9" * 5000])


@st.composite
def sent(draw: st.DrawFn) -> MultiDict[str, str]:
    names = {"version": NUMBERS, "step": NUMBERS, "prints": st.sampled_from(["", " ", "a b"])}
    return MultiDict([(name, one) for name, of in names.items() for one in draw(st.lists(of, max_size=2))])


def test_a_tap_is_read_as_the_fields_of_the_form_read_it(app):
    @given(sent())
    @example(MultiDict({"version": "3", "step": "2", "prints": "a"}))
    def holds(given):
        form, found = SeenForm(formdata=given, meta={"csrf": False}), seen(given)
        assert (found is not None) == form.validate()
        assert found in (None, Seen(form.version.data, form.step.data, form.prints.data or ""))

    with app.test_request_context(method="POST"):
        holds()


def test_no_form_is_made_for_a_tap(browse, cast, monkeypatch):
    scan, ravi = logged(cast.amara, cast.ravi), browse(cast.ravi)
    form = card_form(ravi, scan)
    monkeypatch.setattr(SeenForm, "__init__", lambda *_, **__: 1 / 0)
    assert approve(ravi, scan, form, htmx=True).status_code == 200
    assert is_counted(scan)
