"""A student's logbook as open data: every field with what it means. The published JSON Schema, the documentation, the
CSV and Excel files and the portfolio's PDF are made from these models.

Ids are stable: a scan's is the UUID that its phone made, the others are the row's number in its table, so the same
thing has the same id in every export. Days are ISO days of the programme's time zone, instants are UTC.
"""

from datetime import date, datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "sonofolio-logbook-1"


class Part(BaseModel):
    """Frozen, and closed: a field that is not documented does not leave."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Student(Part):
    name: str = Field(description="The student's name.")
    enrolment: int = Field(description="Id of the student's place in the cohort.")


class Course(Part):
    programme: str = Field(description="Key of the programme.")
    name: str = Field(description="Name of the programme.")
    institution: str = Field(description="Who teaches it.")
    accredited_by: str = Field(description="Who accredits it.")
    award: str = Field(description="The award that it leads to.")
    level: int = Field(description="Level of the award in the national framework.")
    cohort: str = Field(description="Name of the cohort.")
    starts_on: date = Field(description="First day of the cohort.")
    due_on: date = Field(description="Day on which the portfolio is due, with what was interrupted and extended.")
    enrolled_on: date = Field(description="Day on which the student was enrolled.")
    ended_on: date | None = Field(description="Day on which the study ended; null while enrolled.")
    ended_as: str | None = Field(description='"graduated", "left" or "failed"; null while enrolled.')
    remit: list[str] | None = Field(
        description="Regions of the signed scope of practice, by name; null: none is signed."
    )
    timezone: str = Field(description="Time zone of every day in this file.")
    cohort_due_on: date | None = Field(default=None, description="Day on which the cohort's portfolios are due.")
    extended_to: date | None = Field(default=None, description="Day to which it was extended; null: it was not.")


class Interruption(Part):
    from_on: date = Field(description="First day on which study rested.")
    until_on: date | None = Field(description="Day on which the student came back; null: not known yet.")


class Definition(Part):
    term: str = Field(description="The word that is defined.")
    text: str = Field(description="What it means in this programme.")


class Count(Part):
    key: str = Field(description='"aided" or "unaided".')
    name: str = Field(description="How it is called.")
    counted: int = Field(description="Scans that count towards the total; never more than it.")
    total: int = Field(description="Scans that the programme asks for.")
    surplus: int = Field(description="Scans that meet the conditions above the total; they do not count.")
    with_mentor: int = Field(description="Sent scans that wait for the mentor.")
    held: int = Field(
        default=0, description="Scans approved by a mentor whom the course has not confirmed for that day."
    )
    returned: int = Field(description="Scans that the mentor returned to be put right.")


class AreaCount(Part):
    key: str = Field(description="Key of the area of breadth.")
    name: str = Field(description="Its name.")
    counted: int = Field(description="Scans of its regions that count.")
    target: int | None = Field(description="Scans to aim for; null: no aim.")


class ProcedureCount(Part):
    part: str = Field(description="The student's part: observed, assisted or performed.")
    approved: int = Field(description="Guided procedures with that part that a mentor approved.")
    open: int = Field(description="Those with the mentor, returned or held.")


class Counts(Part):
    counted: int = Field(description="Scans that count, of both kinds.")
    total: int = Field(description="Scans that the programme asks for, of both kinds.")
    supports: list[Count] = Field(description="By kind of support.")
    areas: list[AreaCount] = Field(description="By area of breadth, within the remit where one is signed.")
    procedures: list[ProcedureCount] = Field(description="Guided procedures, which count apart.")


class Member(Part):
    id: int = Field(description="Id of the person.")
    name: str = Field(description="Their name.")
    role: str = Field(description="Their part: mentor, external assessor or clinical manager.")
    from_on: date | None = Field(None, description="First day of the part; null: not recorded.")
    ended_on: date | None = Field(description="Last day of the part, which may be to come; null: no end is known.")
    covers: str = Field("", description="Name of the mentor who was away meanwhile; empty: it is their own part.")


class Placement(Part):
    id: int = Field(description="Id of the placement.")
    site: str = Field(description="Name of the site.")
    starts_on: date | None = Field(description="First day; null: not recorded.")
    ends_on: date | None = Field(description="Last day; null: no end is known.")
    people: list[Member] = Field(description="Who had a part in it.")


class Finding(Part):
    structure: str = Field(description="The structure, in words.")
    finding: str = Field(description="What was found, in words.")
    side: str = Field(description="left, right or both; empty: the scan's own side.")
    structure_code: str = Field(description="The vocabulary's id of the structure.")
    finding_code: str = Field(description="The vocabulary's id of the finding.")


class Size(Part):
    structure: str = Field(description="The structure, in words.")
    finding: str = Field(description="The finding that was measured, in words.")
    side: str = Field(description="left, right or both; empty: the scan's own side.")
    measure: str = Field(description="What was measured or graded.")
    value: str = Field(description='Numbers of the unit, such as "14 x 9", or a word.')
    unit: str = Field(description="Its unit; empty: it has none.")


class NotSeen(Part):
    structure: str = Field(description="The structure that was not seen, or only in part.")
    limitation: str = Field(description="Why; empty: not stated.")
    side: str = Field(description="left, right or both; empty: the scan's own side.")


class Audit(Part):
    id: int = Field(description="Id of the audit.")
    version: int = Field(description="Version of the scan that was audited.")
    by: str = Field(description="Name of the mentor.")
    made_at: datetime = Field(description="When.")
    image: str = Field(description='Judgement of the image: "good", "acceptable" or "poor"; empty: not judged.')
    report: str = Field(description='Judgement of the report: "good", "acceptable" or "poor"; empty: not judged.')
    agreement: str = Field(
        description='Agreement with the findings: "agree", "minor difference" or "major difference"; empty: not judged.'
    )
    seen: str = Field(
        description='Where the mentor saw the images: "at the machine", "on PACS" or "not seen"; empty: not stated.'
    )
    how: str = Field(
        description='"with one tap, agreeing and approving" or "in a review"; empty: not recorded, an older audit.'
    )
    comment: str = Field(description="The mentor's words.")
    failed: bool = Field(description="Whether it is a failed audit.")
    void: bool = Field(description="Whether it stands no more: the scan was reopened, or audited again.")


class Step(Part):
    at: datetime = Field(description="When.")
    by: str = Field(description="Who.")
    what: str = Field(description="What was done, in words.")
    words: str = Field(description="What they said; empty: nothing.")
    version: int = Field(description="Version of the scan after it.")


class Scan(Part):
    id: str = Field(description="UUID of the scan, made on the phone that logged it.")
    case_number: int = Field(
        description="Number within the student's logbook; made by Sonofolio, says nothing of the patient."
    )
    state: str = Field(description="draft, with_mentor, returned, held, counted or withdrawn.")
    version: int = Field(description="Version of what it says.")
    counts: bool = Field(
        description="Whether it counts towards the total, or is surplus above it. A guided procedure that counts apart"
        ' has the state "counted" once it is approved, but does not count.'
    )
    support: str = Field(description="aided or unaided; empty: not chosen yet.")
    scanned_on: date = Field(description="Day of the scan.")
    region: str = Field(description="The region, in words.")
    region_code: str = Field(description="The vocabulary's id of the region.")
    side: str = Field(description="left, right or both; empty: not chosen, or a region without sides.")
    sides_recorded: bool = Field(description="False: recorded for both sides before findings could differ by side.")
    protocol: str = Field(description="Protocol of the examination; empty: not stated.")
    indication: str = Field(description="Why it was done; empty: not stated.")
    headline: str = Field(description="What was found in one line.")
    findings: list[Finding] = Field(description="What was found.")
    normal: list[str] = Field(description="Structures said to be normal, in words.")
    not_seen: list[NotSeen] = Field(description="Structures that were not seen, or only in part.")
    sizes: list[Size] = Field(description="Sizes, grades and levels.")
    outcome: str = Field(description="What followed; empty: not stated.")
    limitations: list[str] = Field(description="What limited the examination.")
    modifiers: list[str] = Field(description="How it was done.")
    report: str = Field(description="The report as it stands.")
    own_words: bool = Field(description="Whether the student wrote words of the report themselves.")
    hidden: bool = Field(
        default=False,
        description="Whether its text was hidden, as it may have named a patient, and not written anew since.",
    )
    age_band: str = Field(description="Age band of the patient; empty: not stated.")
    sex: str = Field(description="Sex of the patient; empty: not stated.")
    site: str = Field(description="Name of the site; empty: not chosen.")
    mentor: str = Field(description="Name of the mentor; empty: not chosen.")
    machine: str = Field(description="The machine; empty: not stated.")
    transducer: str = Field(description="The transducer; empty: not stated.")
    procedure: str = Field(description="Guided procedure; empty: none.")
    procedure_part: str = Field(description="The student's part in it; empty: no procedure.")
    logged_at: datetime = Field(description="When Sonofolio received it.")
    saved_at: datetime | None = Field(
        description="When it was saved on the phone, by the phone's clock; null: unknown."
    )
    sent_at: datetime | None = Field(description="When it was last sent to the mentor; null: not sent.")
    approved_at: datetime | None = Field(description="When a mentor approved this version; null: not approved.")
    approved_by: str = Field(description="Name of that mentor; empty: not approved.")
    audits: list[Audit] = Field(description="Every audit of it, void ones too.")
    story: list[Step] = Field(description="What happened to it, in order.")
    digest: str = Field(
        description="SHA-256 of what it says, as history keeps it: in hex, of `entered` as UTF-8 JSON with sorted keys,"
        " without spaces and with no letter escaped that need not be."
    )
    entered: dict[str, Any] = Field(
        default_factory=dict, description="What it says in the vocabulary's own ids: all that the digest covers."
    )


class EarlierScan(Part):
    id: int = Field(description="Id of the row.")
    source: str = Field(description="The logbook that it comes from.")
    imported_on: date = Field(description="Day of the import.")
    scanned_on: date | None = Field(description="Day of the scan; null: not stated.")
    region: str = Field(description="Region, as written there.")
    side: str = Field(description="Side, as written there.")
    supervision: str = Field(description="Supervision, as written there; nobody has verified it.")
    finding: str = Field(description="Finding, as written there.")
    report: str = Field(description="Report, as written there.")
    other: dict[str, str] = Field(description="Other columns that were kept: heading -> text.")
    logbook_id: int = Field(default=0, description="Id of the earlier logbook that it comes from.")


class EarlierLogbook(Part):
    id: int = Field(description="Id of the import.")
    source: str = Field(description="What the file was called, or which logbook it comes from.")
    imported_on: date = Field(description="Day of the import.")
    scans: int = Field(description="How many scans it has.")
    about: dict[str, Any] = Field(
        description="Where it was a file of this format: what it says beside its scans, as it stood there; else empty."
    )


class Edition(Part):
    id: int = Field(description="Id of the edition.")
    number: int = Field(description="Its number, from 1.")
    purpose: str = Field(description="What it is for.")
    state: str = Field(description="asked, making, made or failed.")
    code: str = Field(description="The code by which anybody verifies it.")
    asked_at: datetime = Field(description="When it was asked for.")
    declared_at: datetime | None = Field(description="When the student signed the declaration; null: they did not.")
    made_at: datetime | None = Field(description="When it was made; null: not made.")
    pages: int | None = Field(description="Its pages; null: not made.")
    counted: int | None = Field(description="Scans that count in it; null: not made.")
    root: str = Field(description="Merkle tree hash over its counted scans; empty: not made.")
    sha256: str = Field(description="SHA-256 of the PDF; empty: not made.")
    void_at: datetime | None = Field(description="Since when it is void; null: it is not.")
    void_why: str = Field(description="Why; empty: it is not void.")


class Share(Part):
    edition: int = Field(description="Number of the edition that the link shows.")
    label: str = Field(description="For whom or what it is, in the student's words.")
    made_at: datetime = Field(description="When it was made.")
    expires_at: datetime = Field(description="Until when it opens.")
    revoked_at: datetime | None = Field(description="When the student ended it; null: they did not.")
    opened: int = Field(description="How often it was opened.")
    opened_at: datetime | None = Field(description="When it was last opened; null: never.")


class Evidence(Part):
    id: int = Field(description="Id of the file among those of the student.")
    item: str = Field(description="Key of the register's item that it is for.")
    name: str = Field(description="What the file was called.")
    kind: str = Field(description="Its media type, by its content.")
    bytes: int = Field(description="Its size.")
    sha256: str = Field(description="SHA-256 of the file.")
    added_at: datetime = Field(description="When it was added.")
    removed_at: datetime | None = Field(description="When it was taken away; null: it is there.")


class Record(Part):
    head: str = Field(description='Where history ended, as "number:hash"; it proves later that nothing was cut off.')
    root: str = Field(
        description="Merkle tree hash (RFC 9162, SHA-256), in hex, over the digests (64 hex digits each) of the"
        ' scans whose state is "counted", by case number.'
    )


class Logbook(Part):
    """Everything that is one student's: the whole file.

    An approval that its mentor can still undo, for some seconds, counts already, but its audit and its words are not
    in the file yet (docs/decisions/0008-undo-before-anybody-is-told.md).
    """

    format: Literal["sonofolio-logbook-1"] = Field(description="The name of this format.")
    made_at: datetime = Field(description="When it was made.")
    complete: bool = Field(description="True: drafts and withdrawn scans too. False: what was sent to a mentor.")
    student: Student = Field(description="Whose it is.")
    course: Course = Field(description="On which course.")
    definitions: list[Definition] = Field(description="The words on which the counts rest.")
    counts: Counts = Field(description="What counts.")
    placements: list[Placement] = Field(description="Where the student learned, and with whom.")
    scans: list[Scan] = Field(description="The scans, by case number.")
    earlier: list[EarlierScan] = Field(description="Scans from before this course: not verified, never counted.")
    record: Record = Field(description="What proves it.")
    earlier_logbooks: list[EarlierLogbook] = Field(
        default_factory=list, description="The logbooks that the scans from before this course come from."
    )
    editions: list[Edition] = Field(
        default_factory=list, description="The portfolios that were made; only in the student's own file."
    )
    shares: list[Share] = Field(
        default_factory=list, description="The links by which they were shared; only in the student's own file."
    )
    evidence: list[Evidence] = Field(
        default_factory=list,
        description="The files that the student added for a register, without what is in them; only in their own file.",
    )
    interruptions: list[Interruption] = Field(
        default_factory=list, description="When the student's study rested, by first days. Why is not kept."
    )


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that is published at /schemas/logbook-1.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        **Logbook.model_json_schema(mode="serialization"),
    }
