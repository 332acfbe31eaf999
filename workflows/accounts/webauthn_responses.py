"""What browsers send of passkeys (WebAuthn), and what they are sent: the one place that knows the library for it.

The library takes a tenth of a second to import, so that is done where it is first wanted. It reads what anybody may
send: whatever it raises, the answer is not taken.
"""

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from models import Passkey
from workflows.accounts import challenges

MOST_ANSWER = 20_000  # characters of what a browser sends
MOST_ID = 1364  # of the id of one: 1023 bytes as base64url
TRANSPORTS = ("usb", "nfc", "ble", "smart-card", "internal", "cable", "hybrid")
WRONG = "This passkey opens nothing here. Choose another way in."
LATE = "That took too long. Try once more."
NOT_ADDED = "The passkey was not added. Try once more, or on another device."


@dataclass(frozen=True)
class RelyingParty:
    """For whom passkeys are made: the name that they are bound to, and the one origin that may use them."""

    id: str
    origin: str


class Unusable(Exception):
    """A passkey's answer that is not taken.

    Attributes:
        why: for the log.
        sentence: for whoever sent it.
    """

    def __init__(self, why: str, sentence: str = WRONG):
        super().__init__(why)
        self.why, self.sentence = why, sentence


def relying_party(base_url: str) -> RelyingParty | None:
    """That of our address; None where it has no name, since passkeys are bound to one."""
    parts = urlsplit(base_url.lower())
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        default = {"http": 80, "https": 443}[parts.scheme]
        port = f":{parts.port}" if parts.port not in (None, default) else ""
        return RelyingParty(host, f"{parts.scheme}://{host}{port}")
    return None


def creation_options(
    *, handle: str, name: str, email: str | None, challenge: bytes, party: RelyingParty, known: Sequence[Passkey]
) -> str:
    """What a browser needs to make a passkey that is resident and verifies its user, as JSON."""
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict, structs

    options = generate_registration_options(
        rp_id=party.id,
        rp_name="Sonofolio",
        user_id=bytes.fromhex(handle),
        user_name=email or name,
        user_display_name=name,
        challenge=challenge,
        timeout=_timeout(),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return json.dumps(options_to_json_dict(options) | {"extensions": {"credProps": True}})


def request_options(*, challenge: bytes, party: RelyingParty, allowed: Sequence[Passkey] = ()) -> str:
    """What a browser needs to use a passkey, one of these where they are named, as JSON."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import structs

    return options_to_json(
        generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            timeout=_timeout(),
            allow_credentials=_descriptors(allowed),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
    )


def _descriptors(passkeys: Sequence[Passkey]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes, structs

    return [structs.PublicKeyCredentialDescriptor(base64url_to_bytes(one.id)) for one in passkeys]


def _timeout() -> int:
    return int(challenges.LASTS.total_seconds() * 1000)


def registered(credential: str, handle: str, party: RelyingParty, browser: str) -> tuple[dict[str, Any], bytes]:
    """The columns of a passkey that was made as we asked, and the challenge that it answers. Raises Unusable."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    sent, client = read(credential, NOT_ADDED)
    try:
        challenges.check(client.challenge, challenges.ADD, handle, browser)
        verified = verify_registration_response(
            credential=sent,
            expected_challenge=client.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except challenges.Late as late:
        raise Unusable("late", LATE) from late
    except Exception as wrong:  # a reader of what anybody may send: whatever it raises, the answer is not taken
        raise Unusable(str(wrong) or type(wrong).__name__, NOT_ADDED) from wrong
    if len(verified.credential_id) > MOST_ID * 3 // 4:
        raise Unusable("long id", NOT_ADDED)
    extensions = sent.get("clientExtensionResults")
    properties = extensions.get("credProps") if isinstance(extensions, dict) else None
    if isinstance(properties, dict) and properties.get("rk") is False:
        raise Unusable("not resident", NOT_ADDED)
    response = sent["response"]
    transports = response.get("transports") if isinstance(response.get("transports"), list) else []
    return {
        "id": bytes_to_base64url(verified.credential_id),
        "public_key": bytes_to_base64url(verified.credential_public_key),
        "sign_count": verified.sign_count,
        "transports": [one for one in TRANSPORTS if one in transports],
        "backed_up": verified.credential_backed_up,
    }, client.challenge


def read(credential: str, sentence: str) -> tuple[dict[str, Any], Any]:
    """What a browser sent, and what it says that it was asked. Raises Unusable."""
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json

    try:
        sent = json.loads(credential[: MOST_ANSWER + 1])
        return sent, parse_client_data_json(base64url_to_bytes(sent["response"]["clientDataJSON"]))
    except Exception as wrong:  # likewise
        raise Unusable("unreadable", sentence) from wrong


def claimed_id(credential: str) -> str:
    """The id of the passkey that a browser says it has used; empty where it says none."""
    try:
        found = json.loads(credential[: MOST_ANSWER + 1])["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return found[:MOST_ID] if isinstance(found, str) else ""


def digest(data: bytes) -> bytes:
    """SHA-256, in which WebAuthn names a site and what the browser says."""
    return hashlib.sha256(data).digest()


def genuine(sent: dict[str, Any], passkey: Passkey) -> Any:
    """What the authenticator says, when it is this very passkey that has signed it, for its own person. Raises
    Unusable.
    """
    from webauthn import helpers

    try:
        parsed = helpers.parse_authentication_credential_json(sent)
        response = parsed.response
        key = helpers.decode_credential_public_key(helpers.base64url_to_bytes(passkey.public_key))
        signed = response.authenticator_data + digest(response.client_data_json)
        helpers.verify_signature(
            public_key=helpers.decoded_public_key_to_cryptography(key),
            signature_alg=key.alg,
            signature=response.signature,
            data=signed,
        )
        answer = helpers.parse_authenticator_data(response.authenticator_data)
        handle = response.user_handle
    except Exception as wrong:  # as in `registered`
        raise Unusable("forged") from wrong
    if handle is not None and not hmac.compare_digest(handle.hex(), passkey.person.handle or ""):
        raise Unusable("another person's handle")
    return answer


def verify(sent: dict[str, Any], challenge: bytes, party: RelyingParty, passkey: Passkey) -> None:
    """Everything once more, as the library verifies it: user present and verified, kind of answer. Raises Unusable."""
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes

    try:
        verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as wrong:
        raise Unusable(str(wrong)) from wrong
