"""WebAuthn's two ceremonies, by the library `webauthn`: what the browser is asked, and whether its answer is good. Pure.

The library reads what strangers send; whatever it stumbles over is a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from haihe.base.errors import Refusal
from haihe.people.passkeys.errors import PasskeyCopied, PasskeyElsewhere, PasskeyInvalid
from haihe.people.passkeys.model import CREDENTIAL_CHARACTERS_MAX, LIFETIME, Party

if TYPE_CHECKING:
    from collections.abc import Iterator

CITY: Final = "Haihe"
Options = dict[str, Any]
"""What the browser's `navigator.credentials` is given, as JSON; bytes are base64url."""
_TIMEOUT_MS: Final = int(LIFETIME.total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class User:
    """Whom a passkey is for: a mark that tells nothing, and names that only the owner's device shows."""

    handle: bytes
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a browser sent: the credential's id, the challenge it answers, the site it says to be on."""

    text: str
    credential: bytes
    challenge: bytes
    origin: str
    handle: bytes = b""
    counter: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made: its id, its public key (COSE), what it counts."""

    credential: bytes
    public_key: bytes
    counter: int


def ask_to_make(party: Party, user: User, challenge: bytes, *, known: Sequence[bytes]) -> Options:
    """Ask for a new passkey that the device keeps and for which it verifies its user; none for a device that has one of `known`."""
    options = generate_registration_options(
        rp_id=party.name,
        rp_name=CITY,
        user_id=user.handle,
        user_name=user.name,
        user_display_name=user.display_name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json_dict(options)


def ask_to_answer(party: Party, challenge: bytes, *, known: Sequence[bytes] = ()) -> Options:
    """Ask for an answer by one of the `known` passkeys, or by any that the device keeps for this city."""
    options = generate_authentication_options(
        rp_id=party.name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def read_made(text: str) -> Said:
    """Read what `navigator.credentials.create` gave. Raises `PasskeyInvalid`."""
    with _distrusting(text):
        sent = parse_registration_credential_json(text)
        client = parse_client_data_json(sent.response.client_data_json)
        return Said(text, sent.raw_id, client.challenge, client.origin)


def read_answer(text: str) -> Said:
    """Read what `navigator.credentials.get` gave. Raises `PasskeyInvalid`."""
    with _distrusting(text):
        sent = parse_authentication_credential_json(text)
        client = parse_client_data_json(sent.response.client_data_json)
        counter = parse_authenticator_data(sent.response.authenticator_data).sign_count
        return Said(text, sent.raw_id, client.challenge, client.origin, sent.response.user_handle or b"", counter)


def check_made(said: Said, party: Party) -> Made:
    """Check a new passkey. Raises `PasskeyElsewhere`, `PasskeyInvalid`."""
    _check_origin(said, party)
    with _distrusting(said.text):
        made = verify_registration_response(
            credential=said.text,
            expected_challenge=said.challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def check_answer(said: Said, party: Party, public_key: bytes, *, counter: int) -> int:
    """Check an answer with the public key and the last count; give the new count. Raises `PasskeyElsewhere`, `…Copied`, `…Invalid`."""
    _check_origin(said, party)
    with _distrusting(said.text):
        answer = verify_authentication_response(
            credential=said.text,
            expected_challenge=said.challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # whether it goes back is told apart below
            require_user_verification=True,
        )
    if (answer.new_sign_count or counter) and answer.new_sign_count <= counter:
        raise PasskeyCopied
    return answer.new_sign_count


def _check_origin(said: Said, party: Party) -> None:
    if said.origin != party.origin:
        raise PasskeyElsewhere


@contextmanager
def _distrusting(text: str) -> Iterator[None]:
    """Turn whatever the library stumbles over into a refusal. Raises `PasskeyInvalid`."""
    if len(text) > CREDENTIAL_CHARACTERS_MAX:
        raise PasskeyInvalid
    try:
        yield
    except Refusal:
        raise
    except (
        Exception
    ) as error:  # the parsers of CBOR, COSE and ASN.1 below raise whatever they like at what strangers made up
        raise PasskeyInvalid from error
