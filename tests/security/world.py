"""The cast at work, with a scan in every state, a course elsewhere, and who has nothing to do with anybody.

Beside the cast (tests/cast.py): `adam` is the course's administrator, who keeps records and reads no texts; `elsewhere`
directs another course with one student of her own, `limb`; `closed` was a
mentor at the Croydon MSK clinic until her account was disabled; `partless` has an account and no part; `nobody` is not
signed in.
"""

from __future__ import annotations

import io
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache
from peewee import SqliteDatabase
from werkzeug.test import TestResponse

import clock
import config
from models import (
    Address,
    Cohort,
    Confirmation,
    Enrolment,
    FailedMail,
    Letter,
    Move,
    Party,
    Passkey,
    Person,
    Placement,
    Share,
    SignIn,
    Staff,
    Subscription,
    Wish,
    db,
)
from tests import cast as people
from tests.cast import SECRET
from tests.databases import every_row, numbered_as_before
from tests.portfolio import editions, samples
from workflows import files
from workflows.accounts import accounts, devices, mail_links
from workflows.history import history, records
from workflows.notices import digests, failed_mail, letters, subscriptions
from workflows.people import covers, invitations, joining, links
from workflows.portfolio import earlier, earlier_file, register_pack, shares
from workflows.reviews import reviews
from workflows.scans import scans

ROOT = Path(__file__).resolve().parents[2]
CSRF = "the secret of one browser's session"
# A browser that takes push messages, and a key to sign them with; nothing is ever sent to it.
BROWSER = {"endpoint": "https://fcm.googleapis.com/fcm/send/none", "p256dh": "B" + "A" * 86, "auth": "A" * 22}
VAPID = {"vapid_private_key": "A" * 42 + "E", "vapid_subject": "mailto:nobody@example.test"}
STATES = ("draft", "with_mentor", "aided", "returned", "counted", "audited", "withdrawn")


@dataclass
class World:
    """What was made, by name: `ids` has scans ("amara.draft"), enrolments ("amara"), cohorts, and a link's token."""

    settings: config.Settings
    ids: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    app: Flask | None = None
    read: tuple[int, dict[str, list[tuple]]] | None = None  # the last snapshot, and `changes_so_far` then
    files: dict[Path, bytes] = field(default_factory=dict)  # what is stored beside the database

    @property
    def everybody(self) -> list[str]:
        return ["nobody", *self.people]

    def cookie(self, name: str, csrf: str = CSRF) -> str:
        """The session cookie of this person's browser."""
        signer = self.app.session_interface.get_signing_serializer(self.app)
        kept = {"csrf_token": csrf}
        if name != "nobody":
            kept |= {"_user_id": self.tokens[name], "_fresh": True, "seen": int(clock.now().timestamp())}
        signed = signer.dumps(kept)
        return f"{self.app.config['SESSION_COOKIE_NAME']}={signed}"

    def token(self, csrf: str = CSRF) -> str:
        """The CSRF token that the pages of such a browser carry."""
        return URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(csrf)

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        data: Any = None,
        *,
        htmx: bool = False,
        json: bool = False,
        token: str | None = "",
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """One request of this person's browser, as it was after signing in whatever was asked before.

        Args:
            token: the CSRF token; the right one unless told otherwise, None for none.
        """
        sent = {"X-CSRFToken": self.token() if token == "" else token} if token is not None and method == "POST" else {}
        sent["Cookie"] = self.cookie(who)
        if htmx:
            sent["HX-Request"] = "true"
        if json:
            sent["Accept"] = "application/json"
        browser = self.app.test_client(use_cookies=False)
        return browser.open(
            path, method=method, data=data, headers={**sent, **(headers or {})}, buffered=True, **options
        )

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is written meanwhile is taken back at the end, and files that were deleted are put back."""
        self.files = self.files or {
            path: path.read_bytes() for path in (self.settings.instance / "files").rglob("*") if path.is_file()
        }
        before = self.read if self.read and self.read[0] == changes_so_far() else None
        with db.atomic() as transaction:
            yield
            transaction.rollback()
            numbered_as_before()
        for path in [one for one in self.files if not one.exists()]:
            path.write_bytes(self.files[path])
        self.read = (changes_so_far(), before[1]) if before else None

    def snapshot(self) -> dict[str, list[tuple]]:
        """Every row of every table, read again only when something has been written on the connection since."""
        count = changes_so_far()
        if self.read is None or self.read[0] != count or count < 0:
            self.read = count, every_row()
        return self.read[1]


def changes_so_far() -> int:
    """How many rows the connection has written since it was opened; -1 on PostgreSQL, which does not say."""
    return db.execute_sql("SELECT total_changes()").fetchone()[0] if isinstance(db.obj, SqliteDatabase) else -1


def path_to(world: World, rule: str, thing: str) -> tuple[str, Any]:
    """A route's path to an object, and the object's id; "unknown" is an id that nothing has."""
    if "<" not in rule:
        return rule, world.ids.get(thing)
    kind = re.search(r"<(?:(\w+):)?\w+>", rule).group(1)
    unknown = {"uuid": str(uuid.UUID(int=7)), "int": 987654}.get(kind, "no-such-thing")
    number = unknown if thing == "unknown" else world.ids.get(thing, thing)
    return re.sub(r"<.*?>", str(number), rule), number


def changes(before: dict[str, list[tuple]], after: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """The rows that are new or other than before, by table; a removed row shows as itself."""
    return {
        name: sorted(set(before[name]) ^ set(after[name]), key=repr) for name in before if before[name] != after[name]
    }


def make(folder: Path, url: str) -> World:
    """The world in the migrated database at `url`, closed, to be copied."""
    import database
    from workflows.course import programmes

    courses = folder / "programmes"
    shutil.copytree(ROOT / "programmes", courses)
    for file in (ROOT / "tests" / "programmes").glob("*.toml"):
        shutil.copy(file, courses / file.name)
    settings = config.Settings(
        secret_key=SECRET,
        database_url=url,
        base_url="http://localhost",
        instance=folder,
        programmes=courses,
        **VAPID,
    )
    programmes.load_all(courses)
    files.use("", folder)
    opened = database.open_database(settings.database_url)
    world = World(settings)
    with opened.connection_context():
        with days_ago(2):  # so that no approval can be undone any more
            _people(world)
            _scans(world)
            _evidence(world)
        _portfolio(world)
        world.ids["link"] = links.make(world.people["partless"])
        world.ids["stop"] = digests.stop_token(world.people["amara"].id, SECRET)
        _invitations(world)
        failed_mail.keep(world.people["tom"], failed_mail.DIGEST, "550 no such mailbox")
        world.ids["failed mail"] = FailedMail.get().id
        for name, person in world.people.items():
            world.tokens[name] = accounts.start(person)
            if name in ("amara", "mei"):
                visitor, address = accounts.visitor(world.tokens[name]), f"{BROWSER['endpoint']}-{name}"
                subscriptions.subscribe(visitor, address, BROWSER["p256dh"], BROWSER["auth"])
                number = Subscription.get(Subscription.endpoint == address).id
                world.ids[f"browser of {name}"] = number
                file = earlier_file.read(b"Region,Report\nKnee,An effusion of the suprapatellar recess.\n")
                found = earlier.preview(file, ["region", "report"], "", by=person)
                batch = earlier.bring_in(found, source="A fellowship", by=person)
                world.ids[f"earlier of {name}"] = batch.id
        _ways_in(world)
        # However long the tests take, nobody has just proved who they are.
        SignIn.update(made_at=clock.now() - timedelta(hours=1)).execute()
        # Closed behind the workflow's back, so that the sign-in's own record still stands: it must not be enough.
        Person.update(disabled_at=clock.now()).where(Person.id == world.people["closed"].id).execute()
    if isinstance(opened, SqliteDatabase):
        with opened.connection_context():
            opened.pragma("wal_checkpoint(TRUNCATE)")  # all of it in the one file that is copied
    opened.close_all()
    return world


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """The workflows' clock is so many days slow meanwhile."""
    real = clock.now
    clock.now = lambda: real() - timedelta(days=days)
    try:
        yield
    finally:
        clock.now = real


def _people(world: World) -> None:
    cast = people.gather()
    world.people |= cast.everybody()
    now, today = clock.now(), clock.now().date()
    for key, name in (
        ("adam", "Adam Administrator"),
        ("elsewhere", "Other Director"),
        ("limb", "Other Student"),
        ("closed", "Closed Account"),
        ("partless", "No Part"),
    ):
        world.people[key] = Person.create(
            email=f"{key}@example.test", name=name, password=people.PASSWORD_HASH, made_at=now
        )
    other = Cohort.create(
        programme="limb-diploma",
        name="February",
        starts_on=today - timedelta(days=9),
        due_on=today + timedelta(days=99),
    )
    Staff.create(person=world.people["adam"], programme="msk-pgcert", role="administrator")
    Staff.create(person=world.people["elsewhere"], programme="limb-diploma", role="director")
    Enrolment.create(person=world.people["limb"], cohort=other, enrolled_on=other.starts_on)
    world.ids |= {"cohort": cast.cohort.id, "other cohort": other.id}
    for enrolment in Enrolment.select():
        name = next(key for key, person in world.people.items() if person.id == enrolment.person_id)
        world.ids[name] = enrolment.id
    amaras = Placement.get(Placement.enrolment == world.ids["amara"])
    Party.create(placement=amaras, person=world.people["closed"], role="mentor")
    world.ids["who left"] = world.people["closed"].id
    world.ids["confirmation of ravi"] = Confirmation.get(Confirmation.person == world.people["ravi"]).id
    for name, person in world.people.items():
        world.ids |= {f"person {name}": person.id, f"address of {name}": person.email}
    Wish.create(person=world.people["closed"], asked_at=now)
    _parts(world, amaras)


def _parts(world: World, amaras: Placement) -> None:
    """Amara's placement, parts in it and in Mei's, and a cover for Priya by Ravi that begins in a month."""
    meis = Placement.get(Placement.enrolment == world.ids["mei"])
    world.ids |= {"placement of amara": amaras.id, "placement of mei": meis.id}
    for name, where in (("priya", amaras), ("ravi", amaras), ("grace", meis)):
        world.ids[f"part of {name}"] = Party.get(Party.placement == where, Party.person == world.people[name]).id
    days = {"from_on": clock.today() + timedelta(days=30), "last_day": clock.today() + timedelta(days=40)}
    made = covers.cover(world.ids["part of priya"], person=world.people["ravi"].id, **days, by=world.people["priya"])
    world.ids["cover of priya"] = made[0].id


def _scans(world: World) -> None:
    """One scan in each state of Amara (with Ravi), Tom (with Ravi) and Mei (with Grace)."""
    for student, mentor in (("amara", "ravi"), ("tom", "ravi"), ("mei", "grace")):
        learner, judge = world.people[student], world.people[mentor]
        for state in STATES:
            support = "aided" if state in ("aided", "audited") else "unaided"
            scan = people.logged(learner, judge, later=state == "draft", support=support)
            world.ids[f"{student}.{state}"] = scan.id
            if state in ("counted", "audited"):
                reviews.approve(scan.id, by=judge, version=1, comment="Clear images. Say where you measured.")
            elif state == "returned":
                reviews.send_back(scan.id, by=judge, version=1, why="Name the side in the conclusion.")
            elif state == "withdrawn":
                scans.withdraw(scan.id, by=learner, version=1)


def _ways_in(world: World) -> None:
    """Everybody's address is proved; a passkey of Amara's, and a second sign-in of hers."""
    now, amara = clock.now(), world.people["amara"]
    world.ids["passkey of amara"] = number = "a-passkey-of-amara"
    device = {"public_key": "", "sign_count": 0, "backed_up": False, "name": "Her phone"}
    with db.atomic():
        for name in ("elsewhere", "limb", "closed", "partless"):
            person = world.people[name]
            records.create(Address, person=person, email=person.email, made_at=now, proved_at=now)
        for key, email, proved in (
            ("address of amara", "amara@nhs.example", now),
            ("unproved of amara", "amara@old.example", None),
        ):
            records.create(Address, person=amara, email=email, made_at=now, proved_at=proved)
            world.ids[key] = email
        later = {"at": now + timedelta(days=1), "browser_hash": "", "code": "654321"}  # good for as long as the tests
        for key, purpose, email in (
            ("sign-in link", mail_links.SIGN_IN, amara.email),
            ("proof of amara", mail_links.PROVE, "amara@old.example"),
        ):
            world.ids[key] = token = f"a-secret-{purpose}-of-amara"
            mail_links.make(amara, purpose, email, token=token, **later)
        records.create(Passkey, id=number, person=amara, made_at=now, **device)
        history.record("add_passkey", f"person:{amara.id}", by=amara, at=now)
    accounts.start(amara, device="Firefox on Linux")
    visitor = accounts.visitor(world.tokens["amara"])
    world.ids["sign-in of amara"] = next(one.mark for one in devices.devices(visitor) if not one.here)


def _portfolio(world: World) -> None:
    """An edition of Amara's portfolio with its file, one of Mei's, and a link to Amara's that was never opened."""
    files.use("", world.settings.instance)
    for name in ("amara", "mei"):
        edition = editions.made(world.people[name], f"%PDF-1.7 portfolio of {name} %%EOF".encode())
        world.ids |= {f"edition of {name}": edition.id, f"code of {name}": edition.code}
    number, amara = world.ids["edition of amara"], world.people["amara"]
    world.ids["link to edition"] = shares.share(number, by=amara, label="Croydon physiotherapy", days=30)
    world.ids["share"] = Share.get().token_hash


def _invitations(world: World) -> None:
    """A mail and a code of Amara's for a mentor, and the letter to somebody who has joined Mei's placement."""
    amara, mei = world.people["amara"], world.people["mei"]
    places = {name: Placement.get(Placement.enrolment == world.ids[name]).id for name in ("amara", "mei")}
    world.ids |= {"placement of amara": places["amara"], "the course": "msk-pgcert", "invite a student": "a student"}
    to = {"email": "joy.mensah@clinic.example.org", "means": "mail"}
    world.ids["invitation"] = invitations.invite(amara, "mentor", placement=places["amara"], **to)[0].id
    world.ids["code"] = invitations.invite(amara, "mentor", placement=places["amara"])[1]
    _, code = invitations.invite(mei, "clinical_manager", placement=places["mei"])
    joining.accept_new(code, name="Kim New", email="kim@clinic.example.org", browser=joining.Browser())
    letter = Letter.select().where(Letter.kind == "joined").get()
    world.ids["letter"] = letters.take(letter.id).words["token"]


def _evidence(world: World) -> None:
    """A certificate for the register, of two students; the same file is in another place too, so that it stays."""
    for student in ("amara", "mei"):
        for item in ("application-form", "certificate"):
            content, by = io.BytesIO(samples.pdf(student)), world.people[student]
            world.ids[f"{item} of {student}"] = register_pack.add(item, content, by=by, shows_nobody=True).id


def step_of(scan_id: str) -> int:
    """The last step of a scan's story, as a mentor's page carries it."""
    return Move.select(Move.id).where(Move.scan == scan_id).order_by(Move.id.desc()).limit(1).scalar()


@contextmanager
def opened(world: World, url: str, compiled: FileSystemBytecodeCache) -> Iterator[World]:
    """The world with an app on the copy at `url`, and a connection of the test's, which the requests share."""
    import database
    from app import create_app

    settings = replace(world.settings, database_url=url)
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled
    # Nothing is edited meanwhile, so no template or static file need be looked at again for every page.
    app.config["TEMPLATES_AUTO_RELOAD"] = app.jinja_env.auto_reload = False
    real = database.open_database(settings.database_url)
    with real.connection_context():
        yield World(settings, world.ids, world.tokens, world.people, app)
    real.close_all()
