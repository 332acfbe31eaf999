"""What a mentor sends: which version was seen, an appraisal, a reason."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from blueprints.field_limits import AtMost
from workflows.reviews.reviews import AGREEMENT, IMAGE, NOTE_LIMIT, REPORT, SEEN, Appraisal

# Word -> how it is shown. The words themselves are the workflow's.
AGREEMENTS = {"agree": "Agree", "minor": "Minor difference", "major": "Major difference"}
QUALITIES = {"good": "Good", "acceptable": "Acceptable", "poor": "Poor"}
WHERE = {"machine": "At the machine", "pacs": "On PACS", "not_seen": "Not seen"}

NOTE = [AtMost(NOTE_LIMIT)]

MOST_VERSIONS, MOST_STEPS = 1_000_000, 2**53
OUT_OF_DATE = "This page is out of date. Reload it and look at the scan again."


def _choices(words: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _one_of(*words: str) -> list:
    return [InputRequired("Choose one of these."), AnyOf(words, "Choose one of these.")]


class SeenForm(FlaskForm):
    """What the mentor was looking at: the scan's version, the last step of its timeline, and its fingerprint."""

    version = IntegerField(widget=HiddenInput(), validators=[DataRequired(OUT_OF_DATE), NumberRange(1, MOST_VERSIONS)])
    step = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0, MOST_STEPS)])
    prints = HiddenField(default="")


class ReviewForm(SeenForm):
    """The audit form: agreement, image and report, where the images were seen, and what to tell the student."""

    agreement = RadioField(
        "Do you agree with the findings?",
        _one_of(*AGREEMENT),
        choices=_choices(AGREEMENTS),
        default="agree",
        validate_choice=False,
    )
    image = RadioField(
        "Image quality", _one_of(*IMAGE), choices=_choices(QUALITIES), default="good", validate_choice=False
    )
    report = RadioField(
        "Report quality", _one_of(*REPORT), choices=_choices(QUALITIES), default="good", validate_choice=False
    )
    seen = RadioField(
        "Images seen",
        [Optional(), AnyOf(SEEN, "Choose one of these.")],
        choices=_choices(WHERE),
        validate_choice=False,
    )
    comment = TextAreaField("Feedback", NOTE)
    why = TextAreaField("Why do you return it?", NOTE)

    def appraisal(self) -> Appraisal:
        """The judgement that was entered, once the form is valid."""
        return Appraisal(self.image.data, self.report.data, self.agreement.data, self.seen.data or "")

    def agrees(self) -> bool:
        """Nothing was judged beyond what the form begins with, so there is no appraisal to keep."""
        return (self.agreement.data, self.image.data, self.report.data) == ("agree", "good", "good")

    def set_seen(self, version: int, step: int, prints: str) -> None:
        """Keep what was entered, for the scan as it is now."""
        for field, value in ((self.version, version), (self.step, step), (self.prints, prints)):
            field.raw_data, field.data = None, value


class StepForm(FlaskForm):
    """A form that names the last step of the timeline that the person saw. What is no number is step 0."""

    step = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def seen_step(self) -> int | None:
        """None when the form says nothing of it, as older ones do not."""
        sent = "".join(self.step.raw_data or []).strip()
        return (self.step.data or 0) if sent else None


class ReopenForm(StepForm):
    why = TextAreaField("Why do you reopen it?", NOTE)


class MentorForm(StepForm):
    """To whom a scan is handed."""

    mentor = IntegerField("Mentor", [InputRequired("Choose a mentor."), NumberRange(1, 2**53, "Choose a mentor.")])
