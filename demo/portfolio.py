"""One demo student's scans: which cases, when, worded how, and what became of each."""

from __future__ import annotations

import math
import random
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from demo import mentors
from demo.cases import Case, own_report, worded
from demo.cast import Place, Student
from demo.days import Clock, shared_out
from demo.story import Book, Story
from models import EPOCH, Scan
from rules import entry as entries
from rules import report as reports
from rules import states
from rules.own_words import has_own_words
from rules.programme import Programme
from rules.scan_fields import Entry
from rules.vocabulary import parse_pair
from workflows.scans import scan_entry

NORMAL_SHARE = 0.42
NORMAL_REMARKS = (
    "Symptoms were not reproduced under the probe.",
    "Normal echotexture throughout.",
    "The point of maximal tenderness was examined separately: nothing abnormal.",
)
COUNTED, WAITING, FORGOTTEN, RETURNED, DRAFT, WITHDRAWN, PROCEDURE, HELD = (
    *("counted", "waiting", "forgotten", "returned", "draft", "withdrawn", "procedure", "held"),
)


@dataclass(frozen=True)
class Post:
    """A placement as the student has it: ids of the placement and its mentors, the student's own mentor first."""

    placement: int
    mentors: tuple[int, ...]
    place: Place
    from_day: date
    newcomer: int | None = None  # a mentor whom the course has not confirmed


@dataclass(frozen=True)
class Learner:
    """The student with their ids, placements, the days on which they scanned, and how many scans count."""

    student: Student
    person: int
    enrolment: int
    posts: tuple[Post, ...]
    days: tuple[date, ...]
    counted: int


class Portfolio:
    """Fills `book` with one student's scans; every throw is `chance`'s, so the same student has the same ones."""

    def __init__(
        self, book: Book, programme: Programme, cases: tuple[Case, ...], clock: Clock, chance: random.Random
    ) -> None:
        self.book, self.programme, self.cases, self.clock, self.chance = book, programme, cases, clock, chance

    def fill(self, learner: Learner) -> None:
        """Make all of the student's scans, in the order in which they were logged."""
        student, chance = learner.student, self.chance
        number = learner.counted + student.waiting + student.returned + student.drafts + student.withdrawn
        number += student.held
        procedures = round(learner.counted / 22)
        days = shared_out(number + procedures, learner.days, chance)
        times = [
            moment for day, patients in groupby(days) for moment in self.clock.list_of(len(list(patients)), day, chance)
        ]
        fates = self._fates(student, days, procedures)
        aided = self._aided(student, fates)
        first_lazy = min((place for place, fate in enumerate(fates) if fate == WAITING), default=-1)
        for place, (moment, fate) in enumerate(zip(times, fates, strict=True)):
            made = _Making(self, learner, moment, fate, place, place / max(self.programme.total, len(fates)))
            made.support = "aided" if place in aided else "unaided"
            made.lazy = place == first_lazy if student.key == "amara" else chance.random() < 0.1 * (1 - made.practice)
            made.make()

    def _fates(self, student: Student, days: list[date], procedures: int) -> list[str]:
        """What becomes of each scan: the last ones wait, are drafts or came back; most count."""
        chance, fates = self.chance, [COUNTED] * len(days)
        last = self.clock.until.date()

        def choose(fate: str, number: int, among: list[int]) -> None:
            free = [place for place in among if fates[place] == COUNTED]
            for place in chance.sample(free, min(number, len(free))):
                fates[place] = fate

        everywhere = list(range(len(days)))
        choose(FORGOTTEN, student.forgotten, [place for place in everywhere if 9 <= (last - days[place]).days <= 17])
        choose(DRAFT, student.drafts, everywhere[-3 * student.drafts - 1 :] if student.drafts else [])
        choose(RETURNED, student.returned, [place for place in everywhere if 3 <= (last - days[place]).days <= 9][-6:])
        choose(RETURNED, student.returned - fates.count(RETURNED), everywhere[-12:])
        free = [place for place in everywhere if fates[place] == COUNTED]
        waiting = student.waiting - fates.count(FORGOTTEN)
        choose(WAITING, waiting, free[-math.ceil(1.2 * waiting) :] if waiting else [])
        choose(WITHDRAWN, student.withdrawn, everywhere)
        choose(PROCEDURE, procedures, everywhere)
        if student.held:
            choose(HELD, student.held, [place for place in everywhere if 3 <= (last - days[place]).days <= 17])
        return fates

    def _aided(self, student: Student, fates: list[str]) -> set[int]:
        """Which scans were aided: nearly all at first, few at the end, in the programme's proportion by then."""
        portfolio = [place for place, fate in enumerate(fates) if fate != PROCEDURE]
        number, goal = len(portfolio), self.programme.support("aided").total
        share = (1 - math.exp(-number / 160)) / (1 - math.exp(-self.programme.total / 160))
        many = goal + 2 if student.finished else round(goal * min(1.0, share))
        order = sorted(portfolio, key=lambda place: place + self.chance.gauss(0, 0.35 * number))
        forgotten = {place for place, fate in enumerate(fates) if fate == FORGOTTEN}
        procedures = {place for place, fate in enumerate(fates) if fate == PROCEDURE}
        return set(order[:many]) | forgotten | procedures


class _Making:
    """One scan being made: its case, its words, its steps. `practice` is how far through the course, 0 to 1."""

    support: str
    lazy: bool

    def __init__(
        self, portfolio: Portfolio, learner: Learner, moment: datetime, fate: str, place: int, practice: float
    ) -> None:
        self.of, self.learner, self.moment, self.fate, self.place = portfolio, learner, moment, fate, place
        self.practice, self.chance, self.clock = practice, portfolio.chance, portfolio.clock
        self.vocabulary = portfolio.programme.vocabulary
        day = moment.date()
        later = [post for post in learner.posts[1:] if day >= post.from_day and day.weekday() in (2, 4)]
        self.post = later[0] if later else learner.posts[0]

    def make(self) -> None:
        """Log it and let it go its way."""
        entry, own = self._procedure() if self.fate == PROCEDURE else self._examination()
        if self.fate == DRAFT and self.chance.random() < 0.5:
            entry, own = _without_findings(entry), ""
        scan = self._scan(entry)
        unseen = self.fate == RETURNED
        seen_before = EPOCH if unseen else self.clock.until - timedelta(days=2.5)
        self.story = Story(self.of.book, scan, self.learner.person, seen_before)
        self._tell(scan, entry, own)

    def _examination(self) -> tuple[Entry, str]:
        """An entry of a case, and the student's own report of it (empty: the composed one stands)."""
        case, chance = self._case(), self.chance
        sides = ["left"] * 4 + ["right"] * 5 + ["both"] * (4 if case.any_side else 0)
        entry = self._entry(
            case.region,
            chance.choice(sides),
            protocol=case.protocol,
            indication=chance.choice(case.indications),
            findings=case.findings,
            normal=case.normal,
            outcome=case.outcome,
            limitations=case.limitations,
            modifiers=case.modifiers,
            transducer=case.transducer,
            age_band=self._age_band(case.ages),
            sex=case.sex or chance.choice(self.of.programme.sexes[:2]),
        )
        composed = reports.compose(self.vocabulary, entry)
        if case.is_normal:
            remark = chance.choice(NORMAL_REMARKS) if chance.random() < 0.1 else ""
            return entry, _before_conclusion(composed, remark) if remark else ""
        if self.lazy or self.fate == DRAFT:
            return entry, ""
        return entry, own_report(case, entry, self.vocabulary, composed, chance)

    def _case(self) -> Case:
        chance, student = self.chance, self.learner.student
        mix = {one: share for one, share in self.post.place.mix.items() if not student.remit or one in student.remit}
        region = chance.choices(list(mix), list(mix.values()))[0]
        normal = chance.random() < NORMAL_SHARE
        if student.key == "amara" and (self.fate == RETURNED or (self.fate == WAITING and self.lazy)):
            region, normal = "shoulder", False
        among = [case for case in self.of.cases if case.region == region and case.is_normal == normal]
        if self.fate == RETURNED and student.key == "amara":
            among = [case for case in among if "ssp" in case.says and "axis" not in str(case.says)]
        return chance.choices(among, [case.weight for case in among])[0]

    def _procedure(self) -> tuple[Entry, str]:
        """A guided procedure with the student's part in it, which grows with practice (R4)."""
        chance = self.chance
        regions = [region for region in mentors.PROCEDURES if region in self.post.place.mix]
        region = chance.choice(regions)
        found = chance.choice(mentors.PROCEDURES[region])
        observed, assisted, performed = self.vocabulary.procedure_roles
        role = chance.choices((observed, assisted, performed), (1.2 - self.practice, 0.6, self.practice))[0]
        entry = self._entry(
            region,
            chance.choice(("left", "right")),
            protocol="focused",
            indication=found["indication"],
            findings=(parse_pair(found["finding"]),),
            outcome="abnormal, explains symptoms",
            transducer="linear high-frequency",
            age_band=self._age_band((36, 78)),
            sex=chance.choice(self.of.programme.sexes[:2]),
            procedure=found["procedure"],
            procedure_role=role,
        )
        composed = reports.compose(self.vocabulary, entry)
        return entry, _before_conclusion(composed, worded(found["says"], chance, {}))

    def _entry(self, region: str, side: str, **values: object) -> Entry:
        machines = self.post.place.machines
        mentor = self.post.mentors[0]
        if self.fate in (COUNTED, WITHDRAWN) and len(self.post.mentors) > 1 and self.chance.random() < 0.15:
            mentor = self.chance.choice(self.post.mentors[1:])
        if self.fate == HELD:
            mentor = self.post.newcomer or mentor
        common = {"support": self.support, "region": region, "side": side, "scanned_on": self.moment.date()}
        machine = self.chance.choices(machines, [3, *[1] * (len(machines) - 1)])[0]
        return Entry(**common, mentor=mentor, machine=machine, **values)  # type: ignore[arg-type]

    def _age_band(self, ages: tuple[int, int]) -> str:
        """The programme's band for an age between the two; now and then it was not entered."""
        age = self.chance.randint(*ages)
        if self.chance.random() < 0.08:
            return ""
        starts = [0 if band.startswith("under") else int(band.split()[0]) for band in self.of.programme.age_bands]
        return [band for band, start in zip(self.of.programme.age_bands, starts, strict=True) if start <= age][-1]

    def _scan(self, entry: Entry) -> Scan:
        report = reports.write(self.of.programme, entry)
        return Scan(
            id=str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            enrolment=self.learner.enrolment,
            case_number=self.place + 1,
            placement=self.post.placement,
            mentor=entry.mentor,
            **scan_entry.columns_of(replace(entry, report=report.text)),
            composed=report.composed,
            headline=report.headline,
            duplicate_of=None,
            approved_at=None,
            approved_by=None,
            approved_version=None,
            audited_at=None,
            own_words=report.own_words,
            words_missing=report.words_missing,
        )

    @staticmethod
    def _words(report: str, composed: str) -> dict[str, object]:
        own = has_own_words(report, composed)
        return {"report": report, "own_words": own} | ({"words_missing": False} if own else {})

    def _tell(self, scan: Scan, entry: Entry, own: str) -> None:
        """Every step from the student's tap to where the scan is now."""
        story, chance = self.story, self.chance
        logged = self.moment + timedelta(minutes=chance.uniform(3, 12))
        finished_later = bool(own) and self.fate in (COUNTED, WAITING) and chance.random() < 0.12
        if own and not finished_later:
            for name, value in self._words(own, scan.composed).items():
                setattr(scan, name, value)
        if self.fate == DRAFT or finished_later:
            story.log(logged, states.DRAFT, tuple(entries.missing(self.of.programme, entry)))
        else:
            story.log(logged, states.WITH_MENTOR)
        if finished_later:
            evening = self.clock.at(self.moment.date(), 17.7 * 60 + chance.uniform(0, 200))
            story.correct(evening, states.WITH_MENTOR, **self._words(own, scan.composed))
        if self.fate in (COUNTED, PROCEDURE):
            self._judged(scan)
        elif self.fate == HELD:
            self._approved(scan, states.HELD)
        elif self.fate == RETURNED:
            amara = self.learner.student.key == "amara"
            why = mentors.AMARA_S_RETURN["why"] if amara else mentors.why_returned(scan, chance)[0]
            story.send_back(self.clock.between(scan.sent_at, scan.sent_at + timedelta(days=1.2), chance), why)
        elif self.fate == WITHDRAWN:
            story.withdraw(logged + timedelta(minutes=chance.uniform(8, 90)))

    def _judged(self, scan: Scan) -> None:
        """The mentor looks at it: most are approved, some go back first, a few are handed over or reopened."""
        story, chance, clock = self.story, self.chance, self.clock
        long_ago = scan.sent_at < clock.until - timedelta(days=12)
        if long_ago and chance.random() < 0.03 and len(self.post.mentors) > 1:
            others = [mentor for mentor in self.post.mentors if mentor != scan.mentor_id]
            story.hand_over(self._after(scan.sent_at, 1), chance.choice(others))
        if long_ago and not scan.procedure and chance.random() < 0.10 - 0.07 * self.practice:
            why, adds = mentors.why_returned(scan, chance)
            story.send_back(self._after(self._last(), 1.5), why)
            self._corrected(scan, adds)
        self._approved(scan)
        if long_ago and chance.random() < 0.004:
            why, adds = mentors.why_reopened(chance)
            story.reopen(self._after(self._last(), 2.5), why)
            self._corrected(scan, adds)
            self._approved(scan)

    def _corrected(self, scan: Scan, adds: str) -> None:
        words = self._words(_before_conclusion(scan.report, adds), scan.composed)
        self.story.correct(self._after(self._last(), 1), states.WITH_MENTOR, **words)

    def _approved(self, scan: Scan, after: str = states.COUNTED) -> None:
        chance, since = self.chance, self._last()
        reviewed = chance.random() < (0.55 if scan.support == "aided" else 0.22)
        judged = mentors.appraisal(scan, self.practice, self.learner.student.skill, chance) if reviewed else None
        words = mentors.comment(judged, scan, chance) if reviewed or chance.random() < 0.15 else ""
        if scan.support == "aided" and chance.random() < 0.6:
            at = self.clock.between(since, since + timedelta(minutes=chance.uniform(4, 260)), chance)
        else:
            at = self._after(since, 2.2)
        self.story.approve(at, judged, words, after)

    def _after(self, since: datetime, days: float) -> datetime:
        """Some time after, in working hours: half to one and a half times so many days, more at a slow site."""
        wait = timedelta(days=days * self.chance.uniform(0.3, 1.7) + self.post.place.slow * self.chance.random())
        return self.clock.between(since, since + wait, self.chance)

    def _last(self) -> datetime:
        return self.of.book.moves[-1]["at"]


def _without_findings(entry: Entry) -> Entry:
    """Interrupted before anything was found: only what and where."""
    names = ("support", "region", "side", "scanned_on", "indication", "mentor", "machine", "transducer")
    return Entry(**{name: getattr(entry, name) for name in names})


def _before_conclusion(report: str, sentence: str) -> str:
    """The report with one sentence more, ahead of its conclusion."""
    head, conclusion, tail = report.rpartition("Conclusion: ")
    return f"{head}{sentence} {conclusion}{tail}" if conclusion else f"{report} {sentence}"
