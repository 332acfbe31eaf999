"""Everything that is said of a student's progress: the numbers, and the status that they give."""

from functools import cached_property

from rules.progress_numbers import ProgressNumbers
from rules.status import CAUSES, Status, Wait, cause_of, in_order, mentors_reasons, own_reasons, words_of


class Progress(ProgressNumbers):
    """The numbers of one student, and the status that they give."""

    @cached_property
    def cause(self) -> str:
        """What decides the status: one of `CAUSES`."""
        return cause_of(self)

    @cached_property
    def key(self) -> str:
        """The status' key, for who needs neither its words nor its reasons."""
        return CAUSES[self.cause]

    @cached_property
    def status(self) -> Status:
        """The status where it is not known for which mentors scans wait."""
        counts = self.counts
        if counts.waiting_since is None:
            return self.status_with(())
        oldest = max(0, (counts.today - counts.waiting_since).days)
        return self.status_with((Wait("", counts.waiting or self.with_mentor, oldest),))

    def status_with(self, waits: tuple[Wait, ...]) -> Status:
        """The status with what waits for which mentor among its reasons."""
        known = self.__dict__.get("_known")  # a list asks it of a thousand students each time that it is shown
        if known is None or known[0] != waits:
            words, because = words_of(self, self.cause)
            reasons = in_order([*own_reasons(self, self.cause), *mentors_reasons(self, waits)])
            known = self.__dict__["_known"] = waits, Status(self.key, words, because, reasons)
        return known[1]
