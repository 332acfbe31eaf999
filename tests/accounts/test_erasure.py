"""Being erased: asked for by oneself, done by a director once the day has come, and the record stays whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

import clock
from models import (
    Address,
    Audit,
    Contact,
    Earlier,
    EarlierBatch,
    Edition,
    Enrolment,
    Evidence,
    FailedMail,
    File,
    Letter,
    Link,
    Notice,
    Party,
    Passkey,
    Person,
    Placement,
    Scan,
    Share,
    SignIn,
    Staff,
    Subscription,
    Tally,
    Wish,
    db,
)
from rules.phrases import day
from tests.accounts.test_retention import counted, end
from tests.cast import PASSWORD, days_ago, logged
from tests.databases import every_row
from tests.security.world import BROWSER
from workflows import files
from workflows.accounts import accounts, mail_links
from workflows.counts import recount
from workflows.history import history, records, verification
from workflows.notices import failed_mail, letters, mail, subscriptions
from workflows.people import erasure, invitations, links, people
from workflows.refusals import Invalid, NotFound, Refused


def portfolio_of(cast) -> None:
    """What a graduate leaves behind: an edition that is shared, an earlier logbook, uploads, a failed mail, a link."""
    student = Enrolment.get(Enrolment.person == cast.amara)
    now = clock.now()
    with db.atomic():
        pdf, cv = (records.create(File, sha256=c * 64, bytes=9, kind="application/pdf", made_at=now) for c in "ab")
        made = {"state": "made", "made_at": now, "file": pdf, "asked_at": now, "asked_by": cast.amara}
        edition = records.create(Edition, enrolment=student, number=1, purpose="working", code="AMARA1", **made)
        shared = {"label": "Okafor at St Elsewhere", "by": cast.amara, "made_at": now}
        records.create(Share, token_hash="s", edition=edition, expires_at=now + timedelta(days=9), **shared)
        batch = {"source": "okafor.csv", "digest": "d", "rows": 1, "by": cast.amara, "made_at": now}
        records.create(Earlier, batch=records.create(EarlierBatch, enrolment=student, **batch), number=1)
        about = {"item": "cv", "name": "Okafor CV.pdf", "file": cv, "by": cast.amara, "made_at": now}
        records.create(Evidence, enrolment=student, **about)
        spoken = {"person": cast.amara, "spoken_on": days_ago(1), "note": "Amara wants more time."}
        records.create(Contact, enrolment=student, by=cast.dana, made_at=now, **spoken)
        history.record("gather", f"enrolment:{student.id}", by=None, at=now)
    place = Placement.get(Placement.enrolment == student).id
    invitations.invite(cast.amara, "mentor", placement=place, means="mail", email="friend@old.test", name="Okafor")
    failed_mail.keep(cast.amara, failed_mail.ADDRESS, "550", "amara.okafor@old.test")
    links.make(cast.amara)
    with db.atomic():
        records.create(Address, person=cast.amara, email="okafor@nhs.example", made_at=now, proved_at=now)
        known = {"public_key": "", "sign_count": 0, "backed_up": True, "name": "Amara's phone", "made_at": now}
        records.create(Passkey, id="a passkey", person=cast.amara, **known)
        history.record("add_passkey", f"person:{cast.amara.id}", by=cast.amara, at=now)
        words = {"name": "Amara Okafor", "sentence": "A passkey was added."}
        letters.write("ways_in_changed", address="amara@old.test", person=cast.amara.id, words=words, at=now)
    mail_links.ask("okafor@nhs.example", mail_links.SIGN_IN, browser="", address=None, secret="s")
    visitor = accounts.visitor(accounts.start(cast.amara, device="Amara's phone"))
    subscriptions.subscribe(visitor, BROWSER["endpoint"], BROWSER["p256dh"], BROWSER["auth"])


def proven(person: Person, end_on) -> None:
    """Their course ends, written as a workflow does, so that history proves it."""
    with db.atomic():
        records.write(Enrolment.update(ended_on=end_on, ended_as="graduated").where(Enrolment.person == person))
        history.record("gather", f"person:{person.id}", by=None, at=clock.now())


@pytest.mark.both
def test_a_graduate_is_erased_and_nothing_says_who_they_were_while_the_record_stays_whole(browse, cast, settings, door):
    scan = counted(cast)
    portfolio_of(cast)
    proven(cast.amara, days_ago(800))
    erasure.ask(cast.amara)
    written = EmailMessage()
    written["To"], written["Subject"] = "Amara Okafor <amara@example.test>", "What waits"
    mail.Outbox(settings.instance / "outbox").send(written)
    phone = browse(cast.amara)
    before = {model: model.select().count() for model in (Scan, Audit, Edition, Tally)}
    story = Scan.select().where(Scan.id == scan.id).dicts().get(), Audit.select().dicts().get()

    director = browse(cast.dana)
    assert "Erase now…" in director.get("/wishes").text
    page = director.get(f"/wishes/{cast.amara.id}").text
    assert "2 texts have a part of the name" in page
    assert f"/scans/{scan.id}" in page
    wrong = director.post(f"/wishes/{cast.amara.id}/erasure", {"name": "Amara"})
    assert (wrong.status_code, 'value="Amara"' in wrong.text) == (422, True)
    assert "Write Amara Okafor, as it stands here." in wrong.text
    assert director.post(f"/wishes/{cast.amara.id}/erasure", {"name": " amara okafor "}).status_code == 303

    person = Person.get_by_id(cast.amara.id)
    assert (person.name, person.password, person.seal, person.handle) == (f"Former student {person.id}", *[None] * 3)
    assert not Address.select().where(Address.person == person.id).exists()
    assert person.email == f"person-{person.id}@erased.invalid"
    words = {str(value) for rows in every_row().values() for row in rows for value in row}
    kept = [word for word in words if "okafor" in word.lower() or "amara" in word.lower()]
    assert sorted(kept) == ["AMARA1", "Clear images, Amara."]
    assert not list((settings.instance / "outbox").glob("*.eml"))
    for model in (Link, Passkey, Letter, Subscription, Earlier, EarlierBatch, Evidence, FailedMail):
        assert not model.select().exists(), model
    assert not SignIn.select().where(SignIn.person == person).exists()
    assert not Notice.select().where(Notice.recipient == person).exists()
    assert [note for (note,) in Contact.select(Contact.note).tuples()] == [""]
    assert (Share.get().revoked_at is not None, Share.get().label) == (True, "")
    assert Wish.get().done_at is not None

    assert {model: model.select().count() for model in before} == before
    assert (Scan.select().where(Scan.id == scan.id).dicts().get(), Audit.select().dicts().get()) == story
    assert [one.sha256 for one in File.select()] == ["a" * 64]  # the edition's; the upload is gone
    assert verification.verify().findings == []
    assert recount.check(cast.cohort) == []
    assert phone.http.get("/").status_code == 303
    assert door("amara@example.test", PASSWORD).status_code == door(person.email, PASSWORD).status_code == 422
    assert f"Former student {person.id}" in director.get(f"/scans/{scan.id}").text
    followed = director.get(f"/students/{scan.enrolment_id}").text
    assert ("mailto:ravi@" in followed, "erased.invalid" in followed) == (True, False)
    assert "Nobody asks to be erased" in director.get("/wishes").text
    with pytest.raises(NotFound):
        erasure.erase(person.id, by=cast.dana, name=person.name)


def test_nobody_is_erased_before_their_day_and_the_refusal_names_it(browse, cast):
    counted(cast)
    logged(cast.tom, cast.priya)
    end(cast.amara, days_ago(700))
    for one in (cast.amara, cast.tom, cast.ravi, cast.priya, cast.dana, cast.helen):
        erasure.ask(one)
    until = day(days_ago(700).replace(year=days_ago(700).year + 2))
    due = cast.cohort.due_on
    says = {
        cast.amara: f"The assessed work of Amara Okafor must be kept until {until}.",
        cast.tom: f"if they end with their cohort, not before {day(due.replace(year=due.year + 2))}.",
        cast.ravi: f"Ravi Patel has judged scans of a student, whose work must be kept until {until}.",
        cast.priya: "1 scan waits for Priya Nair",
        cast.dana: "Dana Director is the only director of PgCert MSK Ultrasound",
    }
    director = browse(cast.dana)
    page = director.get("/wishes").text
    for person, sentence in says.items():
        assert sentence in page
        with pytest.raises(Refused, match=sentence.replace(".", r"\.")):
            erasure.erase(person.id, by=cast.dana, name=person.name)
        answer = director.post(f"/wishes/{person.id}/erasure", {"name": person.name})
        assert answer.status_code == 403
        assert Person.get_by_id(person.id).name == person.name
    assert (
        erasure.erase(cast.helen.id, by=cast.dana, name="Helen Ward").called
        == f"Former clinical manager {cast.helen.id}"
    )


def test_a_mentor_goes_when_their_students_time_is_over_and_their_judgements_stay(cast):
    scan = counted(cast)
    end(cast.amara, days_ago(800))
    with pytest.raises(NotFound):  # nobody is erased who has not asked and is no student past their time
        erasure.erase(cast.ravi.id, by=cast.dana, name="Ravi Patel")
    erasure.ask(cast.ravi)
    erasure.erase(cast.ravi.id, by=cast.dana, name="Ravi Patel")
    assert Person.get_by_id(cast.ravi.id).name == f"Former mentor {cast.ravi.id}"
    assert Scan.get_by_id(scan.id).approved_by_id == cast.ravi.id
    assert not Party.select().where(Party.person == cast.ravi, Party.ended_on.is_null()).exists()


def test_a_director_leaves_another_and_nobody_erases_themselves_or_who_is_elsewhere_too(cast):
    with db.atomic():
        Staff.create(person=cast.ian, programme="msk-pgcert", role="director")
        Staff.create(person=cast.helen, programme="limb-diploma", role="internal_assessor")
    for one in (cast.dana, cast.helen):
        erasure.ask(one)
    with pytest.raises(Refused, match="Nobody erases themselves"):
        erasure.erase(cast.dana.id, by=cast.dana, name="Dana Director")
    with pytest.raises(Refused, match="a part on another course too"):
        erasure.erase(cast.helen.id, by=cast.dana, name="Helen Ward")
    erasure.erase(cast.dana.id, by=cast.ian, name="Dana Director")
    assert not Staff.select().where(Staff.person == cast.dana).exists()


def test_a_wish_is_told_to_the_directors_once_and_can_be_taken_back(browse, cast):
    browser = browse(cast.amara)
    for _ in range(2):
        assert browser.post("/me/erasure").status_code == 303
    assert Wish.select().count() == 1
    assert "you asked to be erased." in browser.get("/me").text
    assert [one.recipient for one in Notice.select()] == [cast.dana]
    assert "Erasure asked for" in browse(cast.dana).get("/news").text
    for _ in range(2):
        assert browser.post("/me/erasure/withdrawal").status_code == 303
    assert Wish.get().withdrawn_at is not None
    assert "Ask to be erased" in browser.get("/me").text
    assert not Notice.select().exists()
    assert "Nobody asks to be erased" in browse(cast.dana).get("/wishes").text
    with pytest.raises(NotFound):
        erasure.erase(cast.amara.id, by=cast.dana, name="Amara Okafor")


def test_editions_past_their_time_are_listed_to_the_director_who_deletes_them_with_their_files(browse, cast):
    student, made_at = Enrolment.get(Enrolment.person == cast.amara), clock.now()
    ages = {1: 6 * 366 + 1, 2: 6 * 365 - 2}  # days since each was made
    for number, age in ages.items():
        at = made_at - timedelta(days=age)
        with db.atomic():
            pdf = files.store(b"%%PDF-1.7\n%d\n%%%%EOF\n" % number, at=at)
            made = {"state": "made", "made_at": at, "file": pdf, "asked_at": at, "asked_by": cast.amara}
            edition = records.create(Edition, enrolment=student, number=number, purpose="working", code=number, **made)
            shared = {"label": "", "by": cast.amara, "made_at": at, "expires_at": at + timedelta(days=9)}
            records.create(Share, token_hash=number, edition=edition, **shared)
            history.record("gather", f"edition:{edition.id}", by=None, at=made_at)
    director = browse(cast.dana)
    assert "1 PDF edition past its time" in director.get("/wishes").text
    for _ in range(2):
        assert director.post("/wishes/editions").status_code == 303
    assert [one.number for one in Edition.select()] == [2]
    assert (Share.select().count(), File.select().count()) == (1, 1)
    assert list(files.check(clock.now() + timedelta(days=1))) == []
    assert verification.verify().findings == []
    assert "Delete for ever" not in director.get("/wishes").text


def test_the_command_asks_refuses_with_the_day_and_erases(settings, database, cast):
    from app import create_app

    run = create_app(replace(settings)).test_cli_runner().invoke
    refused = run(args=["erase-person", "amara@example.test", "--yes"])
    assert (refused.exit_code, "not before" in refused.output) == (1, True)
    assert run(args=["erase-person", "nobody@example.test"]).exit_code == 1
    assert run(args=["erase-person"]).exit_code == 2
    end(cast.amara, days_ago(800))
    assert run(args=["erase-person", "amara@example.test"], input="n\n").exit_code == 1
    assert Person.get_by_id(cast.amara.id).name == "Amara Okafor"
    done = run(args=["erase-person", "amara@example.test", "--yes"])
    assert (done.exit_code, f"Former student {cast.amara.id}" in done.output) == (0, True)
    assert run(args=["erase-person", "--help"]).exit_code == 0


def test_who_was_erased_is_never_invited_back_by_their_placeholder(cast):
    erasure.ask(cast.helen)
    erasure.erase(cast.helen.id, by=cast.dana, name="Helen Ward")
    with pytest.raises(Invalid):
        people.register(Person.get_by_id(cast.helen.id).email, "Helen Ward")
    people.register("helen@example.test", "Helen Ward")  # a new account, with nothing of the old one
