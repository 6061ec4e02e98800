"""How pages and passkeys meet: what the browser is asked stands in an attribute, what it answers comes in a form's hidden field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request

from haihe.people.passkeys.errors import PasskeyInvalid
from haihe.people.passkeys.model import CREDENTIAL_CHARACTERS_MAX
from haihe.people.passkeys.service import Passkeys

FIELD: Final = "credential"


async def read_credential(request: Request[Any, Any, Any]) -> str:
    """Read the answer from a posted form; "" where none came. Raises `PasskeyInvalid` for what is too long."""
    sent = str((await request.form()).get(FIELD, ""))
    if len(sent) > CREDENTIAL_CHARACTERS_MAX:
        raise PasskeyInvalid
    return sent


def host_header(request: Request[Any, Any, Any]) -> str:
    """Tell at which address a request believes to be."""
    return request.headers.get("host", "")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page needs to offer a passkey: what to ask the browser (JSON), or at which other address it works; both "" for nowhere."""

    options: str = ""
    elsewhere: str = ""


def as_attribute(options: object) -> str:
    """Write what the browser is asked as JSON."""
    return msgspec.json.encode(options).decode()


def sign_in_offer(request: Request[Any, Any, Any], passkeys: Passkeys) -> Offer:
    """Offer to sign in with a passkey."""
    party = passkeys.places.party
    if party is None:
        return Offer()
    if passkeys.places.works_at(host_header(request)):
        return Offer(as_attribute(passkeys.ask_to_sign_in(party)))
    return Offer(elsewhere=party.origin)
