"""A mentor's judgement of a scan, and what it has to hold before it is an audit (R3)."""

from dataclasses import dataclass

from rules import audits
from rules.audits import AGREEMENT, IMAGE, REPORT, SEEN
from workflows.refusals import Invalid

NOT_SEEN = "You have not seen the images, so there is no grade for them: choose Not graded, or say where you saw them."
NO_WORDS = "Say what was wrong, so that the student learns from it."


@dataclass(frozen=True)
class Appraisal:
    """A mentor's judgement of image, report and agreement (R3); empty is not judged. By default it is what *Agree &
    approve* says.
    """

    image: str = "good"
    report: str = "good"
    agreement: str = "agree"
    seen: str = ""

    def __post_init__(self) -> None:
        known = {"image": IMAGE, "report": REPORT, "agreement": AGREEMENT, "seen": SEEN}
        wrong = {
            name: ["Choose one of these."] for name, words in known.items() if getattr(self, name) not in ("", *words)
        }
        if self.seen == "not_seen" and self.image:
            wrong["image"] = [NOT_SEEN]
        if wrong:
            raise Invalid(wrong)

    @property
    def is_failed(self) -> bool:
        return audits.is_failed(self.image, self.report, self.agreement)

    def refuse_unfinished(self, comment: str) -> None:
        """An audit is a judgement of all three (R3), a failed one with words.
        Raises Invalid: field -> what is missing.
        """
        wrong = {name: ["Choose one of these."] for name in ("agreement", "report") if not getattr(self, name)}
        if not self.image and self.seen != "not_seen":
            wrong["image"] = ["Grade the image, or say that you have not seen it."]
        if self.is_failed and not comment:
            wrong["comment"] = [NO_WORDS]
        if wrong:
            raise Invalid(wrong)
