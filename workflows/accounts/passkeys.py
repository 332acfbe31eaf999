"""Passkeys (WebAuthn): made for one's own account, named, removed, and used to come in.

Each is resident and verifies its user, so it needs neither an e-mail address nor a password beside it. Whatever a
genuine passkey of somebody's signs that we refuse (another site, a challenge that was answered, a counter that went
back) is told to them: somebody may have their passkey, or has led them to a wrong page.
"""

import secrets
from collections.abc import Sequence

import clock
from models import Passkey, Person, db
from workflows.accounts import accounts, challenges, throttle, ways
from workflows.accounts import webauthn_responses as responses
from workflows.accounts.webauthn_responses import RelyingParty, Unusable
from workflows.history import history, records
from workflows.refusals import Conflict, Invalid, NotFound, or_not_found
from workflows.scans import screening

MOST_NAME = 60  # characters of what its owner calls it
LAST = "This is your last way in, so it stays. Add a passkey or prove an e-mail address first."

# Why a genuine passkey was refused, as its owner is told.
SITE = "for a page that is not ours"
ANSWERED = "for a question that was answered before, or that another browser was asked"
COUNTER = "by a copy of it: it counts its uses, and this count had gone back"


def registration_options(
    *,
    handle: str,
    name: str,
    email: str | None,
    party: RelyingParty,
    browser: str,
    known: Sequence[Passkey] = (),
) -> str:
    """What a browser needs to make a passkey, as JSON. Nothing is written, so the person need not be stored yet.

    Args:
        handle: 64 hex digits that name the person to their passkeys (`Person.handle`).
        browser: a secret of the browser's session: no other browser can answer.
        known: passkeys that the person has, of which no second is made on the same device.
    """
    challenge = challenges.make(challenges.ADD, handle, browser)
    return responses.creation_options(
        handle=handle, name=name, email=email, challenge=challenge, party=party, known=known
    )


def options_for(person: int, *, party: RelyingParty, browser: str) -> str:
    """As `registration_options`, for somebody who is here; whoever has no handle yet is given one."""
    whose = Person.get_by_id(person)
    if whose.handle is None:
        with db.atomic():
            records.write(Person.update(handle=new_handle()).where(Person.id == person, Person.handle.is_null()))
            history.record("name_handle", f"person:{person}", by=whose, at=clock.now())
        whose = Person.get_by_id(person)
    return registration_options(
        handle=whose.handle, name=whose.name, email=whose.email, party=party, browser=browser, known=of(person)
    )


def new_handle() -> str:
    """A name for somebody's passkeys that says nothing of them."""
    return secrets.token_hex(32)


def add(
    person: Person,
    credential: str,
    *,
    party: RelyingParty,
    browser: str,
    name: str = "",
    is_told: bool = True,
) -> Passkey:
    """Keep the passkey that a browser has made for this person. In the transaction of its caller, where there is one.

    Args:
        credential: what the browser answered, as JSON.
        name: what its owner calls it, such as "Safari on iPhone".
        is_told: whether they hear of it by notice and letter; not while their account is being made.

    Raises Invalid: under "credential", when it cannot be kept.
    """
    name, now = _plain_name(name or "Passkey"), clock.now()
    handle = Person.select(Person.handle).where(Person.id == person.id).scalar() or ""
    try:
        made, challenge = responses.registered(credential, handle, party, browser)
    except Unusable as no:
        raise Invalid({"credential": [no.sentence]}) from no
    with db.atomic():
        try:
            challenges.spend(challenge)
        except challenges.NotOurs:
            raise Invalid({"credential": [responses.NOT_ADDED]}) from None
        if Passkey.get_or_none(Passkey.id == made["id"]):
            raise Invalid({"credential": [responses.NOT_ADDED]})
        passkey = records.create(Passkey, **made, person=person, name=name, made_at=now)
        history.record("add_passkey", f"person:{person.id}", by=person, at=now)
        if is_told:
            ways.tell(ways.ADDED, person, f"A passkey was added to your account: {name}.", at=now)
    return passkey


def of(person: int) -> list[Passkey]:
    """The passkeys that open this person's account, the newest first."""
    theirs = Passkey.select().where(Passkey.person == person, Passkey.removed_at.is_null())
    return list(theirs.order_by(Passkey.made_at.desc(), Passkey.id))


def rename(number: str, name: str, *, by: Person, named_nobody: str = "") -> None:
    """Call it something else.
    `named_nobody`: as `screening.screen`.
    Raises NotFound: it is not theirs. Invalid: under "passkey_name", no such name is kept.
    """
    _own(number, by)
    name = _plain_name(name)
    screening.screen({"passkey_name": name}, named_nobody)
    with db.atomic():
        if not records.update(Passkey, {"name": name}, id=_own(number, by).id):
            raise NotFound
        history.record("rename_passkey", f"person:{by.id}", by=by, at=clock.now())


def remove(number: str, *, by: Person) -> None:
    """It opens nothing any more. Whoever is signed in stays so.
    Raises NotFound: it is not theirs. Conflict: it is their last way in.
    """
    now = clock.now()
    with db.atomic():
        passkey = _own(number, by)
        if not ways.may_remove(by.id, passkey.id):
            raise Conflict(LAST)
        records.update(Passkey, {"removed_at": now}, id=passkey.id)
        history.record("remove_passkey", f"person:{by.id}", by=by, at=now)
        ways.tell(ways.REMOVED, by, f"A passkey was removed from your account: {passkey.name}.", at=now)


def _own(number: str, person: Person) -> Passkey:
    return or_not_found(
        Passkey.get_or_none(Passkey.id == number, Passkey.person == person.id, Passkey.removed_at.is_null())
    )


def _plain_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise Invalid({"passkey_name": [f"Write a name for it, of at most {MOST_NAME} characters."]})
    return name


def sign_in_options(*, party: RelyingParty, browser: str) -> str:
    """What a browser needs to use a passkey, of whoever it is, as JSON. Nothing is written."""
    return responses.request_options(challenge=challenges.make(challenges.SIGN_IN, "", browser), party=party)


def proof_options(person: int, *, party: RelyingParty, browser: str) -> str:
    """The same for somebody who is signed in and is to prove once more who they are."""
    handle = Person.select(Person.handle).where(Person.id == person).scalar()
    challenge = challenges.make(challenges.PROVE, handle or "", browser)
    return responses.request_options(challenge=challenge, party=party, allowed=of(person))


def sign_in(
    credential: str,
    *,
    party: RelyingParty,
    browser: str,
    address: str | None,
    secret: str,
    shared: bool = False,
    device: str = "",
) -> tuple[str, Person]:
    """Begin a sign-in for the person whose passkey this is; returns the token for their cookie, and who they are.

    Args:
        credential: what the browser answered, as JSON.
        address: the network address that it comes from; wrong answers of one passkey are counted for it.
        secret: what the keys of counted tries are hashed with.

    Raises throttle.TooMany when this passkey was wrong too often from this address. Invalid: under "credential"; its
    cause is Unusable, which says why.
    """
    place = throttle.take(secret, f"passkey:{responses.claimed_id(credential)}", address)
    accounts.write_signed_out()
    try:
        with db.atomic():
            passkey = _used(credential, challenges.SIGN_IN, "", party, browser)
            if passkey.person.disabled_at is not None:
                raise Unusable("disabled")
            token = accounts.start(passkey.person, shared=shared, device=device, means="passkey")
    except Unusable as no:
        _tell_owner(no)
        raise Invalid({"credential": [no.sentence]}) from no
    place.give_back()
    return token, passkey.person


def prove(visitor: accounts.Visitor, credential: str, *, party: RelyingParty, browser: str) -> None:
    """Somebody who is signed in proves once more who they are.
    Raises Invalid: under "credential", also for a passkey of somebody else.
    """
    handle = Person.select(Person.handle).where(Person.id == visitor.id).scalar() or ""
    try:
        with db.atomic():
            passkey = _used(credential, challenges.PROVE, handle, party, browser)
            if passkey.person_id != visitor.id:
                raise Unusable("somebody else's")
            accounts.note_proof(visitor)
    except Unusable as no:
        _tell_owner(no)
        raise Invalid({"credential": [no.sentence]}) from no


class _Alarming(Unusable):
    """A genuine passkey that was used as nobody uses theirs."""

    def __init__(self, passkey: Passkey, how: str):
        super().__init__(how)
        self.passkey, self.how = passkey, how


def _tell_owner(no: Unusable) -> None:
    if not isinstance(no, _Alarming):
        return
    owner, now = no.passkey.person, clock.now()
    with db.atomic():
        history.record("refuse_passkey", f"person:{owner.id}", by=None, at=now)
        sentence = (
            f"Your passkey “{no.passkey.name}” was used {no.how}. Sonofolio refused it. "
            "Remove this passkey, and add a new one, if you cannot say how that came about."
        )
        ways.tell(ways.REFUSED, owner, sentence, at=now)


def _used(credential: str, purpose: str, subject: str, party: RelyingParty, browser: str) -> Passkey:
    """The passkey that has answered a challenge of ours, which is spent by it; its counter is stored with the next
    entry of history. In the transaction of what it is used for. Raises Unusable.
    """
    sent, client = responses.read(credential, responses.WRONG)
    passkey = Passkey.get_or_none(Passkey.id == responses.claimed_id(credential), Passkey.removed_at.is_null())
    if passkey is None:
        raise Unusable("unknown")
    answer = responses.genuine(sent, passkey)
    if client.origin != party.origin or answer.rp_id_hash != responses.digest(party.id.encode()):
        raise _Alarming(passkey, SITE)
    try:
        challenges.check(client.challenge, purpose, subject, browser)
        challenges.spend(client.challenge)
    except challenges.Late as late:
        raise Unusable("late", responses.LATE) from late
    except challenges.NotOurs as not_ours:
        raise _Alarming(passkey, ANSWERED) from not_ours
    if (answer.sign_count or passkey.sign_count) and answer.sign_count <= passkey.sign_count:
        raise _Alarming(passkey, COUNTER)
    responses.verify(sent, client.challenge, party, passkey)
    now = clock.now()
    used = {"sign_count": answer.sign_count, "backed_up": answer.flags.bs, "used_at": now}
    records.update(Passkey, used, id=passkey.id)
    return passkey
