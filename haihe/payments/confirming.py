"""How a citizen confirms a payment on the page of a code: by the passcode, or by a passkey that signs for this very payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haihe.base.confirmations import matter
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.people.passkeys.forms import as_attribute, host_header, read_credential
from haihe.people.passkeys.model import Order

if TYPE_CHECKING:
    from litestar import Request

    from haihe.people.passkeys.service import Passkeys
    from haihe.web.guards import Viewer


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page of a code was posted with: the key of the request, the code, the amount in yuan as it was typed, the passcode."""

    key: str
    code: str
    amount: str = ""
    passcode: str = ""
    confirmation: str = ""

    @property
    def order(self) -> Order:
        """Name the payment for a passkey; the amount is 0 where the code has a price."""
        return Order(self.key, self.code, _fen(self.amount))


async def confirmed(request: Request[Any, Any, Any], viewer: Viewer, asked: Asked, passkeys: Passkeys) -> str:
    """Give the confirmation of a payment, "" where nobody confirmed. Raises the refusals of passcodes and passkeys."""
    if answer := await read_credential(request):
        party = passkeys.places.at(host_header(request))
        return await passkeys.confirm(viewer.person, asked.order, answer, party=party)
    if asked.passcode:
        return await passkeys.people.confirm(
            viewer.person, key=asked.key, passcode=asked.passcode, about=matter(asked.code, _fen(asked.amount))
        )
    return asked.confirmation


async def passkey_offer(request: Request[Any, Any, Any], viewer: Viewer, asked: Asked, passkeys: Passkeys) -> str:
    """Give what to ask the browser to confirm a payment by passkey (JSON); "" where that is not possible here, or for this person."""
    party = passkeys.places.party
    if party is None or not passkeys.places.works_at(host_header(request)):
        return ""
    options = await passkeys.ask_to_confirm(viewer.person, asked.order, party)
    return as_attribute(options) if options else ""


def _fen(amount: str) -> int:
    try:
        return fen_of_yuan(amount) if amount else 0
    except NotMoneyError:
        return 0
