"""What a mentor sends: which version was seen, an appraisal, a reason."""

from collections.abc import Iterable
from dataclasses import astuple

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from blueprints.field_limits import AtMost
from rules.audits import AGREEMENT, AGREEMENT_NAMES, QUALITY_NAMES, REPORT, SEEN, SEEN_NAMES
from workflows.reviews.reviews import NOTE_LIMIT, Appraisal

NOT_GRADED = "none"  # so that a grade can be taken away again
IMAGES = {**QUALITY_NAMES, NOT_GRADED: "Not graded"}
# Why a scan is returned, to tap -> what the student reads.
REASONS = {
    "measurement": ("Add a measurement", "Add the measurement."),
    "side": ("Name the side", "Name the side."),
    "image": ("Image does not show it", "The image does not show it."),
    "structure": ("Wrong structure", "The structure is the wrong one."),
}

NOTE = [AtMost(NOTE_LIMIT)]

MOST_VERSIONS, MOST_STEPS = 1_000_000, 2**53
OUT_OF_DATE = "This page is out of date. Reload it and look at the scan again."


def _choices(words: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _one_of(label: str, words: Iterable[str], shown: dict[str, str]) -> RadioField:
    """A judgement of which nothing is chosen before the mentor does. What an approval must have, the workflow says."""
    given = [Optional(), AnyOf(tuple(words), "Choose one of these.")]
    return RadioField(label, given, choices=_choices(shown), validate_choice=False)


class SeenForm(FlaskForm):
    """What the mentor was looking at: the scan's version, the last step of its timeline, and its fingerprint."""

    version = IntegerField(widget=HiddenInput(), validators=[DataRequired(OUT_OF_DATE), NumberRange(1, MOST_VERSIONS)])
    step = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0, MOST_STEPS)])
    prints = HiddenField(default="")


class ReviewForm(SeenForm):
    """The audit form: agreement, image and report, where the images were seen, and what to tell the student."""

    agreement = _one_of("Do you agree with the findings?", AGREEMENT, AGREEMENT_NAMES)
    image = _one_of("Image quality", IMAGES, IMAGES)
    report = _one_of("Report quality", REPORT, QUALITY_NAMES)
    seen = _one_of("Images seen", SEEN, SEEN_NAMES)
    comment = TextAreaField("Feedback", NOTE)
    reason = SelectMultipleField(
        "Reasons", choices=_choices({key: label for key, (label, _) in REASONS.items()}), validate_choice=False
    )
    why = TextAreaField("Why do you return it?", NOTE)
    count_failed = BooleanField("Count it all the same")

    def appraisal(self) -> Appraisal:
        """The judgement that was entered, once the form is valid; what was not chosen is not judged."""
        image = "" if self.image.data == NOT_GRADED else self.image.data
        return Appraisal(image or "", self.report.data or "", self.agreement.data or "", self.seen.data or "")

    def part_judged(self) -> Appraisal | None:
        """The judgement on the way to a return: as much of it as was made; None when nothing was."""
        judged = self.appraisal()
        return judged if any(astuple(judged)) else None

    def reasons(self) -> str:
        """Why it is returned: what was tapped, then the mentor's own words."""
        tapped = [REASONS[one][1] for one in self.reason.data or () if one in REASONS]
        return "\n".join(filter(None, [" ".join(tapped), (self.why.data or "").strip()]))

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
    """Why a scan is reopened; or, of a scan whose student asks for that, why it is not."""

    why = TextAreaField("Why do you reopen it?", NOTE)


class AskForm(StepForm):
    """Why a student asks for a counted scan to be reopened."""

    title = "Ask to reopen"
    hint = "Your mentor reads this and decides."
    why = TextAreaField("What should be put right?", NOTE)


class ReplyForm(FlaskForm):
    """A student's line to the mentor."""

    title = "Reply"
    hint = "Your mentor reads this."
    why = TextAreaField("Reply to your mentor", NOTE)


class MentorForm(StepForm):
    """To whom a scan is handed."""

    mentor = IntegerField("Mentor", [InputRequired("Choose a mentor."), NumberRange(1, 2**53, "Choose a mentor.")])


class SuccessorForm(MentorForm):
    """To whom all goes that waits for a mentor who left; of one student (an enrolment's id) where that is named."""

    student = IntegerField("Student", [Optional(), NumberRange(1, 2**53, "There is no such student.")])
