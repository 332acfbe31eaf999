"""What one tap was meant for is read as a form: a version, a step and a fingerprint, or the tap is refused."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from blueprints.reviews.forms import SeenForm
from tests.cast import logged
from tests.reviews.steps import approve, card_form, is_counted

NUMBERS = st.sampled_from(["1", " 7 ", "+7", "007", "1_000", "\u0667", "0", "-1", "1.5", "seven", " ", "", "1e3"])
NUMBERS |= st.sampled_from([str(10**6), str(10**6 + 1), str(2**53), str(2**53 + 1), "9" * 5000])


@st.composite
def sent(draw: st.DrawFn) -> MultiDict[str, str]:
    names = {"version": NUMBERS, "step": NUMBERS, "prints": st.sampled_from(["", " ", "a b"])}
    return MultiDict([(name, one) for name, of in names.items() for one in draw(st.lists(of, max_size=2))])


def number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def test_a_tap_names_a_version_and_a_step_that_can_be(app):
    @given(sent())
    @example(MultiDict({"version": "3", "step": "2", "prints": "a"}))
    def holds(given):
        form = SeenForm(formdata=given, meta={"csrf": False})
        version, step = number(given.get("version")), number(given.get("step"))
        can_be = 1 <= (version or 0) <= 10**6 and 0 <= (step or 0) <= 2**53
        readable = step is not None or not given.get("step", "").strip()
        assert form.validate() == (can_be and readable)
        if form.errors:
            return
        assert (form.version.data, form.step.data) == (version, step)
        assert (form.prints.data or "") == given.get("prints", "")

    with app.test_request_context(method="POST"):
        holds()


def test_a_tap_that_names_no_version_is_refused_and_approves_nothing(browse, cast):
    scan, ravi = logged(cast.amara, cast.ravi), browse(cast.ravi)
    form = card_form(ravi, scan)
    for wrong in ({"version": "0"}, {"version": "seven"}, {"step": "-1"}, {"step": "1e3"}):
        assert approve(ravi, scan, form | wrong, htmx=True).status_code == 422
        assert not is_counted(scan)
    assert approve(ravi, scan, form, htmx=True).status_code == 200
    assert is_counted(scan)
