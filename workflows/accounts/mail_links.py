"""One-time links by mail, with a code that can be typed instead in the browser that asked.

Whoever asks is answered alike, and by the same statements, whether somebody here has that address or not: a letter is
written for it, and only the worker that sends it looks who that is (docs/decisions/0051-ways-in.md).
"""

import hmac
import secrets
from datetime import datetime, timedelta

import clock
from models import Letter, Link, Person, db
from workflows.accounts import accounts, throttle
from workflows.history import history, keys, records
from workflows.notices import letters
from workflows.people import links
from workflows.refusals import Invalid, NotFound

SIGN_IN, RESET, PROVE = "sign_in", "reset", "prove"
LASTS = timedelta(minutes=15)
MOST_TRIES = 5  # of one code
MOST_ASKED = 3  # letters to one address in `throttle.WINDOW`, whoever asks
MOST_ASKED_THERE = 30  # letters that are asked for from one network address in that time
MOST_EMAIL = 254
NO_ADDRESS = "Write your e-mail address, such as amara@example.ac.uk."
WRONG_CODE = "This code is wrong or has run out. Look at the newest letter, or ask for another."
KINDS = {SIGN_IN: "sign_in_link", RESET: "new_password_link"}
NOBODY = "no_account"


def ask(email: str, purpose: str, *, browser: str, address: str | None, secret: str) -> str:
    """Write a letter with a link and a code to this address, whether or not somebody here has it. Returns the address.

    Args:
        purpose: SIGN_IN or RESET.
        browser: a secret of the browser's session, in which alone the code can be typed.
        address: the network address from which it is asked.

    Raises Invalid: what was typed is no address. throttle.TooMany: too many were asked for.
    """
    email = accounts.account_of(email)
    local, _, domain = email.partition("@")
    if not local or not domain or "@" in domain or len(email) > MOST_EMAIL or not email.isprintable() or " " in email:
        raise Invalid({"email": [NO_ADDRESS]})
    throttle.take(secret, "letters", address, most=MOST_ASKED_THERE)
    throttle.take(secret, f"letter:{email}", most=MOST_ASKED)
    now = clock.now()
    words = {"token": secrets.token_urlsafe(32), "code": new_code(), "purpose": purpose}
    words["browser"] = accounts.hash_of(browser)
    with db.atomic():
        letters.write("asked_link", address=email, person=None, words=words, at=now, until=now + LASTS)
    return email


def answer(letter: letters.Taken) -> tuple[str, dict[str, str]]:
    """What a letter that was asked for becomes when it is sent: a link for whose address it is, or the news that it is
    nobody's. The link is made with the first try to send it.
    Returns the kind of the letter, and its words.
    """
    asked, person = letter.words, accounts.by_address(letter.address)
    if person is None or person.disabled_at is not None:
        return NOBODY, {"address": letter.address}
    with db.atomic():
        make(
            person,
            asked["purpose"],
            letter.address,
            token=asked["token"],
            code=asked["code"],
            browser_hash=asked["browser"],
            at=letter.made_at,
        )
        Letter.update(person=person.id).where(Letter.id == letter.id).execute()
    words = {"name": person.name, "token": asked["token"], "code": asked["code"], "address": letter.address}
    return KINDS[asked["purpose"]], words


def make(person: Person, purpose: str, email: str, *, token: str, code: str, browser_hash: str, at: datetime) -> None:
    """Keep the hashes of a link and its code; a second time changes nothing. In a transaction."""
    mark = accounts.hash_of(token)
    if Link.get_or_none(Link.token_hash == mark):
        return
    records.insert(
        Link,
        token_hash=mark,
        person=person.id,
        made_at=at,
        expires_at=at + LASTS,
        purpose=purpose,
        email=email,
        code_hash=_hash_of_code(code, browser_hash),
        browser_hash=browser_hash,
    )
    history.record("make_link", f"person:{person.id}", by=None, at=clock.now(), purpose=purpose)


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06}"


def _hash_of_code(code: str, browser_hash: str) -> str:
    key = keys.current().derived("mailed codes")
    return hmac.digest(key, f"{browser_hash} {code}".encode(), "sha256").hex()


def by_code(code: str, *purposes: str, browser: str, address: str | None, secret: str) -> Link:
    """The link whose code this is, the newest that this browser has asked for. It is not spent yet.
    Raises throttle.TooMany: too many wrong codes. Invalid: under "code", whatever is wrong.
    """
    mark, now = accounts.hash_of(browser), clock.now()
    place = throttle.take(secret, f"code:{mark}", address)
    asked = Link.browser_hash == mark, Link.purpose.in_(purposes), Link.made_at <= now + clock.AHEAD, links.live(now)
    with db.atomic():
        found = Link.select().where(*asked).order_by(Link.made_at.desc(), Link.token_hash).first()
        if found is not None:
            counted = Link.update(tries=Link.tries + 1)
            counted.where(Link.token_hash == found.token_hash, Link.tries < MOST_TRIES).execute()
    given = _hash_of_code("".join(code.split())[:20], mark)
    code_hash = found.code_hash if found is not None and found.tries < MOST_TRIES else ""
    if found is None or not hmac.compare_digest(given, code_hash or ""):
        raise Invalid({"code": [WRONG_CODE]})
    place.give_back()
    return found


def sign_in_by_code(
    code: str, *, browser: str, address: str | None, secret: str, shared: bool = False, device: str = ""
) -> tuple[str, Person]:
    """Begin a sign-in by the code of a mailed link; returns the token for the cookie, and who it is.
    Raises throttle.TooMany, Invalid: as `by_code`.
    """
    link = by_code(code, SIGN_IN, browser=browser, address=address, secret=secret)
    try:
        return _enter(link.token_hash, shared, device)
    except NotFound:
        raise Invalid({"code": [WRONG_CODE]}) from None


def sign_in(token: str, *, shared: bool = False, device: str = "") -> tuple[str, Person]:
    """Begin a sign-in by a mailed link, which is spent; returns the token for the cookie, and who it is.
    Raises NotFound as `links.owner`, also for the slower of two who use it at once.
    """
    return _enter(accounts.hash_of(token), shared, device)


def _enter(mark: str, shared: bool, device: str) -> tuple[str, Person]:
    now = clock.now()
    accounts.write_signed_out()
    with db.atomic():
        person = links.owner_of_hash(mark, SIGN_IN)
        if not records.write(Link.update(used_at=now).where(Link.token_hash == mark, Link.used_at.is_null())):
            raise NotFound(links.GONE)
        links.close(person.id, SIGN_IN)
        return accounts.start(person, shared=shared, device=device, means="link"), person
