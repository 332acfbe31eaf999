"""Which browsers get push messages. A subscription belongs to a sign-in and ends with it."""

import base64
import binascii
from urllib.parse import urlsplit

import clock
from models import SignIn, Subscription, db
from workflows.accounts import accounts
from workflows.accounts.accounts import Visitor
from workflows.refusals import Invalid, NotFound, Refused, or_not_found

# The push services of the browsers there are. We send where a browser tells us to, so it is these or nothing.
HOSTS = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com")
WITHIN = (".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")
MOST = 1000  # characters of an address
POINT, SECRET = 65, 16  # bytes of the browser's public key and of its secret (RFC 8291)


def subscribe(
    visitor: Visitor, endpoint: str, p256dh: str, auth: str, *, instead_of: str = "", test_origin: str = ""
) -> None:
    """Send push messages to this visitor's browser from now on.

    Args:
        endpoint: the push service's address for this browser.
        p256dh, auth: its keys, base64url as browsers write them.
        instead_of: only in the place of this address, which must be this person's: a browser that changed its own, or
            that is signed in anew.
        test_origin: an origin that is none of a push service's and is taken all the same.

    Raises Invalid: no address of a known push service, or no keys. Refused: on a shared computer. NotFound: there is
    nothing of theirs to take the place of.
    """
    if visitor.shared:
        raise Refused("A shared computer tells nobody.")
    wrong = {}
    if not is_endpoint(endpoint, test_origin):
        wrong["endpoint"] = ["This is no address of a push service that we know."]
    if _size(p256dh) != POINT or _size(auth) != SECRET:
        wrong["p256dh"] = ["These are no keys of a browser."]
    if wrong:
        raise Invalid(wrong)
    here, now = accounts.hash_of(visitor.token), clock.now()
    asked = {"sign_in": here, "endpoint": endpoint, "p256dh": p256dh.rstrip("="), "auth": auth.rstrip("=")}
    with db.atomic():
        theirs = Subscription.select().join(SignIn).where(SignIn.person == visitor.id)
        before = or_not_found(theirs.where(Subscription.endpoint == instead_of).first()) if instead_of else None
        if before is not None and all(before.__data__[name] == value for name, value in asked.items()):
            return  # it is subscribed already
        others = (Subscription.sign_in == here) | (Subscription.endpoint == endpoint)
        Subscription.delete().where(others, Subscription.id != (before.id if before else 0)).execute()
        if before is not None:
            Subscription.update(asked).where(Subscription.id == before.id).execute()
        else:
            Subscription.insert(**asked, made_at=now, delivered_until=now, next_at=now).execute()


def unsubscribe(visitor: Visitor, number: int) -> None:
    """Send no more push messages to one of this person's browsers. Raises NotFound when it is none of theirs."""
    theirs = SignIn.select(SignIn.token_hash).where(SignIn.person == visitor.id)
    if not Subscription.delete().where(Subscription.id == number, Subscription.sign_in.in_(theirs)).execute():
        raise NotFound()


def is_endpoint(address: str, test_origin: str = "") -> bool:
    """Whether this is an address at a push service that we know: https, its usual port, nothing before the host."""
    if len(address) > MOST or not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if test_origin and f"{parts.scheme}://{parts.netloc}" == test_origin:
        return True
    host = parts.hostname or ""
    plain = parts.netloc in (host, f"{host}:443") and port in (None, 443) and not parts.fragment
    return parts.scheme == "https" and plain and (host in HOSTS or host.endswith(WITHIN))


def _size(text: str) -> int:
    """How many bytes this base64url is; 0 when it is none."""
    try:
        bare = text.rstrip("=")
        return len(base64.b64decode(bare + "=" * (-len(bare) % 4), altchars="-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
