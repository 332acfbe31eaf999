"""One message to one push service: encrypted for the browser (RFC 8291), signed as ours (VAPID, RFC 8292)."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import clock

log = logging.getLogger("sonofolio")

SENT, GONE, LATER, REFUSED = "sent", "gone", "later", "refused"
SECONDS = (5, 10)  # to connect, and to answer
TTL_SECONDS = 24 * 3600  # a push service keeps it so long for a phone that is off
LONGEST_WAIT = timedelta(hours=6)  # whatever a push service asks for


@dataclass(frozen=True)
class Outcome:
    """What became of a message: SENT, GONE (that browser takes no more), LATER (try again), REFUSED (it never will)."""

    what: str
    retry_after: timedelta = timedelta()


class Sender:
    """Sends as the holder of one VAPID key. May be used by several threads."""

    def __init__(self, private_key: str, subject: str):
        """Args:
        private_key: 32 bytes, base64url. subject: "mailto:..." of whoever runs this, for the push services.
        """
        # Read here: it takes half a second and 30 MB, which a server that only answers requests does not need.
        import pywebpush
        import requests
        from py_vapid import Vapid

        class OneHop(requests.Session):
            """Goes where it is sent and no further: no redirect is followed, and no password file is read."""

            def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
                return super().request(
                    method, url, **{**options, "allow_redirects": False, "auth": lambda asked: asked}
                )

        self._push, self._session, self._lost = pywebpush, OneHop, requests.RequestException
        self._key, self._subject = Vapid.from_raw(private_key.encode()), subject

    def send(self, endpoint: str, keys: dict[str, str], message: dict[str, Any], headers: dict[str, str]) -> Outcome:
        """Send it, and say what became of it; raises nothing."""
        try:
            with self._session() as session:
                self._push.webpush(
                    {"endpoint": endpoint, "keys": keys},
                    json.dumps(message),
                    vapid_private_key=self._key,
                    vapid_claims={"sub": self._subject},
                    headers=headers,
                    ttl=TTL_SECONDS,
                    timeout=SECONDS,
                    requests_session=session,
                )
        except self._push.WebPushException as refusal:
            return self._refused(refusal)
        except self._lost:
            return Outcome(LATER)
        except ValueError:  # its keys are no keys
            return Outcome(GONE)
        return Outcome(SENT)

    def _refused(self, refusal: Any) -> Outcome:
        status = refusal.status_code
        if status in (404, 410):
            return Outcome(GONE)
        if status == 429 or (status or 0) >= 500:
            return Outcome(LATER, min(wait_of(refusal.retry_after, clock.now()), LONGEST_WAIT))
        log.warning("push: a push service answered %s", status)  # not where: the address is a secret
        return Outcome(REFUSED)


def wait_of(retry_after: str | None, now: datetime) -> timedelta:
    """How long a Retry-After asks to wait: a number of seconds or a date; not at all when it is neither."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta()
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, timedelta())
