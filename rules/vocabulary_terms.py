"""The tables of a vocabulary's file: measures, findings, structures, indications, exclusions, advice, procedures."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from rules.data_file import Flag, Number, Positive, Text, TextOrNone, Texts, TextsOrNone


class HasId(Protocol):
    @property
    def id(self) -> str: ...


Identified = TypeVar("Identified", bound=HasId)


def by_id(found: tuple[Identified, ...]) -> dict[str, Identified]:
    """The tables by id; ValueError when two have one."""
    ids = [one.id for one in found]
    for one in ids:
        if ids.count(one) > 1:
            raise ValueError(f'tables of different ids ("{one}" is there more than once)')
    return dict(zip(ids, found, strict=True))


def as_tables(given: Any) -> Any:
    """A text where a table is taken is the table of that id."""
    return [{"id": one} if isinstance(one, str) else one for one in given] if isinstance(given, list) else given


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A size, grade or level that can be recorded of a finding: numbers of a unit, or one of `words`."""

    id: Text
    name: Text
    unit: TextOrNone = ""
    axes: Positive = 1  # how many numbers it may have, longest first ("14 x 9 x 3 mm")
    most: Number = 0  # the largest number that can be meant, in `unit`
    words: TextsOrNone = ()
    # how a sentence says it; `{}` is the value
    phrase: Annotated[str, Field(pattern=r"\{\}", description="a phrase with {} in it")] = "{}"
    hint: TextOrNone = ""
    source: TextOrNone = ""

    def __post_init__(self) -> None:
        if bool(self.words) == bool(self.unit):
            raise ValueError("words or a unit: a measure has one of them.")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is known of a finding besides its words."""

    id: Text  # as scans hold it, for ever
    name: TextOrNone = ""  # as it is shown; its id where none is given
    measures: TextsOrNone = ()  # ids of what can be measured of it
    after: TextsOrNone = ()  # modifiers of which one must be chosen before it is offered: findings of what was operated
    native: Flag = False  # of a joint's own bone and cartilage: an artificial joint cannot have it
    retired: Flag = False  # no longer offered; scans that have it keep it

    @property
    def shown(self) -> str:
        return self.name or self.id


def _structure_id(text: str) -> str:
    if text == "all" or set(":|") & set(text):
        raise ValueError
    return text


def _findings(tissue: Any, info: ValidationInfo[dict[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """A tissue's findings, and those that the structure adds."""
    if tissue not in list(info.context):
        raise ValueError(f"one of {', '.join(info.context)}")
    return tuple(dict.fromkeys(info.context[tissue] + info.data.get("extra", ())))


@dataclass(frozen=True, kw_only=True)
class Structure:
    """A structure of a region, with every finding that was or is to be picked for it.

    `short` is its name as it stands before a finding in a sentence ("hamstring" tear): None where `name` up to its
    first comma serves, empty where the finding says it all ("lipoma").
    """

    id: Annotated[
        Text, AfterValidator(_structure_id), Field(description='a word without a colon or bar that is not "all"')
    ]
    name: Text
    extra: TextsOrNone = ()
    findings: Annotated[
        tuple[str, ...], BeforeValidator(_findings), Field(alias="tissue", description="one of the tissues")
    ]
    short: Annotated[str, Field(description="text")] | None = None
    never: TextsOrNone = ()  # findings of its tissue that it cannot have; they are not offered
    measures: TextsOrNone = ()  # what can be measured of every finding of it, beside the finding's own
    gone_after: TextsOrNone = ()  # modifiers after which it is not there
    # modifiers after which it is an artificial joint: it has no `native` findings then
    replaced_after: TextsOrNone = ()
    after: TextsOrNone = ()  # modifiers of which one must be chosen before it is there: what an operation has put in
    caveat: TextOrNone = ""  # what ultrasound cannot say of it, for the report
    retired: Flag = False

    def is_gone(self, modifiers: Collection[str] = ()) -> bool:
        """Whether it is offered no longer, or was taken out by what was done (modifiers)."""
        return self.retired or any(one in modifiers for one in self.gone_after)

    def is_there(self, modifiers: Collection[str] = ()) -> bool:
        """Whether it can be seen and is offered, after what was done (modifiers)."""
        return not self.is_gone(modifiers) and (not self.after or any(one in modifiers for one in self.after))


@dataclass(frozen=True, kw_only=True)
class Indication:
    """A clinical question. `structures` are those that answer it; `negative` is what is not there when all of them are
    normal ("rotator cuff tear"); empty where a normal examination is the whole answer. `any_of` are structures of which
    each answers for its own part ("no muscle tear seen in the hamstrings"); alone they are not what *All normal* says.
    """

    id: Text
    name: TextOrNone = ""
    structures: TextsOrNone = ()
    any_of: TextsOrNone = ()
    negative: TextOrNone = ""
    retired: Flag = False

    @property
    def shown(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """What cannot, or can hardly, be true together, and why: asked about before a scan is sent.

    One of `findings` together with: one of `with_findings` in the same structure on the same side; the `outcome`; or
    the lack of a modifier (`without`). With `all_normal` it is *all normal* and no finding instead of `findings`; with
    `nothing_seen`, structures that were not seen and nothing else.
    `id` is kept with a scan whose student says that it is meant.
    """

    id: Text
    findings: TextsOrNone = ()
    with_findings: TextsOrNone = ()
    outcome: TextOrNone = ""
    without: TextOrNone = ""
    all_normal: Flag = False
    nothing_seen: Flag = False
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A sentence for the report, where one of `findings` is larger than so many mm (of the measure `measure`), or was
    recorded with one of `words`; `source` is the guideline.
    """

    findings: Texts
    measure: Text
    larger_than: Number
    words: TextsOrNone = ()
    sentence: Text
    source: Text


@dataclass(frozen=True, kw_only=True)
class Procedures:
    """The guided procedures that can be picked, and the parts that one can have in them."""

    names: TextsOrNone = ()
    roles: Texts
