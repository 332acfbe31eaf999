"""The people of the demo course, told once. Nobody in it exists.

Dana directs the course, Ian assesses inside it, Alma administers it. Amara and Tom learn at the Croydon MSK clinic
with Ravi (and Joy, his colleague), where Helen is the clinical manager; Esther assesses them from outside and has no
part in the clinic. Mei learns at the Brighton sports clinic with Grace: a stranger to Ravi. At the North Downs
practice the mentor has not looked at a scan for weeks. Siân, of the Lewisham hub, is on leave from today, and her
colleague Kwame covers. Chloe's study is interrupted, and Marcus has an extension. Two students came back after a
break and have graduated, a third has finished.
"""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "sonofolio-demo"  # noqa: S105 - everybody's, on purpose; the demo course is refused in production
PROGRAMME = "msk-pgcert"
SHARED = "demo-link-to-the-portfolio-of-Lucy-Hargreaves"  # /shared/<this>
INVITATION = "demo-invitation-from-Amara-Okafor-to-a-mentor"  # /join/<this>

DIRECTOR = ("director", "Dana Director")
INTERNAL_ASSESSOR = ("ian", "Ian Novak")
ADMINISTRATOR = ("alma", "Alma Reyes")  # keeps the records, and reads no texts


@dataclass(frozen=True)
class Place:
    """A site: its machines (the sponsor's first), mentors, manager and external assessor by key, and its case mix.

    `mix` is the share of each region; `slow` is how many days its mentors take more than others.
    """

    name: str
    machines: tuple[str, ...]
    mentors: tuple[str, ...]
    manager: str
    assessor: str | None
    mix: dict[str, int]
    slow: float = 0


@dataclass(frozen=True)
class Student:
    """A student and where they stand: how many scans more than expected have counted (fewer when negative).

    Of those `waiting`, `forgotten` are aided ones that wait for more than a week. `finished`: all count, whatever is
    expected. `joined`: enrolled so many days ago instead of at the start. `away`: began a year earlier and came back
    after a break. `silent`: no clinic for the last so many days. `interrupted`: study has rested for so many days, and
    goes on in three weeks. `extended`: the scans are due so many days later. `newcomer` is a further mentor of theirs,
    of `NEWCOMERS`, who approved `held` scans. `skill`, 0 to 1, is how often the mentor has nothing to add. `days` are
    the clinic's weekdays, Monday 0.
    """

    key: str
    name: str
    sites: tuple[str, ...]
    ahead: int = 0
    waiting: int = 4
    forgotten: int = 0
    returned: int = 0
    drafts: int = 0
    withdrawn: int = 0
    days: tuple[int, ...] = (1, 3)
    skill: float = 0.5
    finished: bool = False
    graduated: bool = False
    away: bool = False
    joined: int | None = None
    silent: int = 0
    interrupted: int = 0
    extended: int = 0
    remit: tuple[str, ...] | None = None
    newcomer: str = ""
    held: int = 0


ON_LEAVE, COVERED_BY, LEAVE_DAYS = "sian", "kwame", 14

# key (also the e-mail's first part) -> name
MENTORS = {
    "ravi": "Ravi Patel",
    "joy": "Joy Lindqvist",
    "grace": "Grace Adeyemi",
    "fiona": "Fiona Mackinnon",
    "tomasz": "Tomasz Wrona",
    "kwame": "Kwame Boahen",
    "sian": "Siân Prosser",
    "oliver": "Oliver Hartnell",
    "ayesha": "Ayesha Rehman",
}
# Mentors whom a student invited and the course has not confirmed yet: what they approve is held.
NEWCOMERS = {"joanna": "Joanna Pike", "dev": "Dev Malhotra"}
SAME_BROWSER = "dev"  # accepted the invitation in the browser in which it was made
BEFORE = ("oliver", "ayesha")  # mentored before confirmations began
MANAGERS = {
    "helen": "Helen Ward",
    "martin": "Martin Ashcombe",
    "deborah": "Deborah Oyelaran",
    "gareth": "Gareth Pryce",
    "nisha": "Nisha Vadgama",
    "carol": "Carol Whitlock",
}
ASSESSORS = {"esther": "Esther Blake", "callum": "Callum Reidford"}

_GENERAL = {
    "shoulder": 34,
    "elbow": 9,
    "wrist": 11,
    "hand": 7,
    "hip": 6,
    "knee": 16,
    "ankle": 9,
    "foot": 6,
    "muscle": 2,
}
_SPORT = {"shoulder": 20, "elbow": 8, "wrist": 6, "hand": 4, "hip": 9, "knee": 18, "ankle": 16, "foot": 5, "muscle": 14}
_INFLAMED = {"shoulder": 14, "elbow": 6, "wrist": 24, "hand": 24, "hip": 3, "knee": 12, "ankle": 8, "foot": 9}
_HOSPITAL = {
    "shoulder": 30,
    "elbow": 8,
    "wrist": 13,
    "hand": 9,
    "hip": 8,
    "knee": 12,
    "ankle": 9,
    "foot": 5,
    "muscle": 6,
}

SITES = {
    "croydon": Place(
        "Croydon MSK clinic",
        ("Esaote MyLab X8", "Esaote MyLab Omega", "GE LOGIQ E10"),
        ("ravi", "joy"),
        "helen",
        "esther",
        _GENERAL,
    ),
    "brighton": Place(
        "Brighton sports clinic", ("Esaote MyLab X90", "Canon Aplio i700"), ("grace",), "martin", "esther", _SPORT
    ),
    "guildford": Place(
        "Guildford hospital, radiology",
        ("Esaote MyLab X9", "Canon Aplio i800", "Philips EPIQ Elite"),
        ("fiona", "tomasz"),
        "deborah",
        "callum",
        _HOSPITAL,
    ),
    "lewisham": Place(
        "Lewisham community MSK hub",
        ("Esaote MyLab Sigma", "GE Venue Go"),
        ("kwame", "sian"),
        "gareth",
        "esther",
        _GENERAL,
    ),
    "kent": Place(
        "North Downs practice, Maidstone", ("Esaote MyLab X75",), ("oliver",), "carol", None, _GENERAL, slow=2
    ),
    "tooting": Place(
        "Tooting rheumatology clinic", ("Esaote MyLab X8", "Samsung RS85"), ("ayesha",), "nisha", "callum", _INFLAMED
    ),
}

STUDENTS = (
    Student("amara", "Amara Okafor", ("croydon",), ahead=-2, waiting=6, returned=1, drafts=1, withdrawn=1, skill=0.6),
    Student("tom", "Tom Bright", ("croydon",), ahead=-20, waiting=6, forgotten=2, drafts=2, days=(0, 3), skill=0.3),
    Student("mei", "Mei Chen", ("brighton",), ahead=19, waiting=5, days=(0, 2, 4), skill=0.7),
    Student("leila", "Leila Haddad", ("guildford", "tooting"), ahead=58, waiting=6, days=(0, 1, 2, 3, 4), skill=0.8),
    Student("jon", "Jon Price", ("lewisham",), ahead=-47, waiting=0, drafts=3, days=(2,), skill=0.2, silent=16),
    Student("hannah", "Hannah Griffiths", ("kent",), ahead=-28, waiting=27, days=(1, 4), skill=0.6),
    Student("yusuf", "Yusuf Demir", ("kent",), ahead=-43, waiting=24, drafts=1, days=(2, 4), skill=0.4),
    Student("sofia", "Sofia Marino", ("croydon",), ahead=2, waiting=5, skill=0.5),
    Student("daniel", "Daniel Asante", ("croydon",), ahead=-4, waiting=4, returned=1, days=(2, 4), skill=0.5),
    Student(
        "niamh", "Niamh Gallagher", ("brighton",), ahead=6, waiting=3, days=(1, 4), skill=0.6, newcomer="joanna", held=4
    ),
    Student("arjun", "Arjun Mehta", ("guildford",), ahead=-7, waiting=7, forgotten=1, drafts=1, days=(0, 3), skill=0.4),
    Student(
        "chloe",
        "Chloe Fairbairn",
        ("guildford",),
        ahead=1,
        waiting=0,
        days=(1, 2),
        silent=19,
        withdrawn=1,
        interrupted=18,
    ),
    Student("kofi", "Kofi Owusu", ("lewisham",), ahead=8, waiting=4, days=(0, 2), skill=0.7),
    Student(
        "katarzyna", "Katarzyna Zielińska", ("tooting",), waiting=3, days=(1, 3), skill=0.6, newcomer="dev", held=3
    ),
    Student(
        "fatima",
        "Fatima Anwar",
        ("tooting",),
        ahead=5,
        waiting=4,
        returned=1,
        days=(0, 4),
        skill=0.6,
        remit=("shoulder", "wrist", "hand", "knee", "ankle", "foot"),
    ),
    Student("rhys", "Rhys Llewellyn", ("brighton",), ahead=13, waiting=3, days=(0, 3), skill=0.7),
    Student("olivia", "Olivia Tan", ("guildford",), ahead=24, waiting=6, days=(1, 2, 3), skill=0.8, withdrawn=1),
    Student(
        "marcus",
        "Marcus Grant",
        ("lewisham",),
        ahead=-18,
        waiting=5,
        forgotten=1,
        drafts=1,
        days=(3,),
        skill=0.4,
        extended=56,
    ),
    Student("georgia", "Georgia Papadaki", ("lewisham",), ahead=-9, waiting=0, silent=24, skill=0.5),
    Student("samuel", "Samuel Adeleke", ("guildford",), ahead=-6, waiting=2, joined=9, days=(1, 2, 4), skill=0.3),
    Student("isla", "Isla Drummond", ("croydon",), waiting=0, joined=2, days=(1, 3)),
    Student("nathan", "Nathan Broome", ("brighton",), finished=True, away=True, waiting=1, days=(1, 3), skill=0.8),
    Student("lucy", "Lucy Hargreaves", ("guildford",), finished=True, away=True, graduated=True, waiting=0, skill=0.8),
    Student("zainab", "Zainab Yusuf", ("tooting",), finished=True, away=True, graduated=True, waiting=0, skill=0.8),
)
