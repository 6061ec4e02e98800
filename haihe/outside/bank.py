"""The bank: money is pulled from a citizen's card, or pushed to an organisation's account, at most once for each reference of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Protocol

from haihe.outside.http import Outside, Unreachable
from haihe.outside.registry import Answer, read_answer

REASON_CHARACTERS_MAX: Final = 64
REFERENCE_CHARACTERS_MAX: Final = 64


class OutcomeKind(Enum):
    """What became of a pull or a push."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """No answer, or the bank has not heard of it (yet): it may still happen. Enquire, never guess."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pull or a push; a refusal has the bank's reason code ("no_funds", "card_unknown", …).

    `amount` in fen is what the bank says that it moved, None where it does not say; whoever asked compares.
    """

    kind: OutcomeKind
    reason: str = ""
    amount: int | None = field(default=None, compare=False)


DONE: Final = Outcome(OutcomeKind.DONE)
UNKNOWN: Final = Outcome(OutcomeKind.UNKNOWN)
CONTRADICTED: Final = Outcome(OutcomeKind.UNKNOWN, "bank_contradicts")
"""The bank's word does not fit what it was asked: another reference or another amount. Nothing is known by it."""


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line of the reserve account's statement: fen that came in, negative what left it, and the balance after it.

    `kind` is pull, push or deposit; `reference` is ours. Lines are numbered upwards, and their balances follow from one another.
    """

    number: int
    kind: str
    reference: str
    amount: int
    balance: int


class Bank(Protocol):
    """A bank that holds citizens' cards. Everything may be repeated: a reference is carried out once."""

    async def check_card(self, *, card: str, name: str) -> Answer:
        """Tell whether the card is held under this name. Raises `Unreachable`."""
        ...

    async def pull(self, *, reference: str, card: str, amount_fen: int) -> Outcome:
        """Move money from the card to the city's reserve account; `amount_fen` > 0."""
        ...

    async def enquire(self, reference: str) -> Outcome:
        """Ask what became of a reference."""
        ...

    async def call_off(self, reference: str) -> Outcome:
        """Ask that a reference which was not carried out never will be; the answer tells which it is."""
        ...


class PayoutBank(Protocol):
    """The bank that keeps the reserve account. Everything may be repeated: a reference is carried out once."""

    async def push(self, *, reference: str, account: str, amount_fen: int) -> Outcome:
        """Move money from the reserve account to another; `amount_fen` > 0."""
        ...

    async def enquire_push(self, reference: str) -> Outcome:
        """Ask what became of a push."""
        ...

    async def call_off_push(self, reference: str) -> Outcome:
        """Ask that a push which was not carried out never will be; the answer tells which it is."""
        ...

    async def reserve_lines(self, *, after: int) -> list[BankLine]:
        """Read the reserve account's lines after one of them (0 from the first), as many as the bank gives at once.

        Raises `Unreachable`, also for lines that cannot be.
        """
        ...


class ReserveStatement(Protocol):
    """Whatever gives the reserve account's lines: all that settling by the statement needs of a bank."""

    async def reserve_lines(self, *, after: int) -> list[BankLine]:
        """Read the lines after one of them. Raises `Unreachable`."""
        ...


class DemoDeposits(Protocol):
    """A bank that believes its city: what is said to have been paid in at the founding is there. Only a demo bank can do it."""

    async def deposit(self, *, reference: str, amount_fen: int) -> None:
        """Take money into the reserve account, once for each reference. Raises `Unreachable`."""
        ...


class DemoBank(Protocol):
    """What only a demo bank can do."""

    async def made_up_card(self, name: str) -> str:
        """Issue a card with money on it to this name. Raises `Unreachable`."""
        ...


@dataclass(frozen=True)
class SilentBank:
    """Stands for the bank where none can be reached: it is not known what became of anything."""

    async def push(self, *, reference: str, account: str, amount_fen: int) -> Outcome:  # noqa: ARG002 - the connector's shape
        """Move nothing."""
        return UNKNOWN

    async def enquire_push(self, reference: str) -> Outcome:  # noqa: ARG002
        """Know nothing."""
        return UNKNOWN

    async def call_off_push(self, reference: str) -> Outcome:  # noqa: ARG002
        """Know nothing."""
        return UNKNOWN

    async def reserve_lines(self, *, after: int) -> list[BankLine]:  # noqa: ARG002
        """Give no answer."""
        raise Unreachable


@dataclass(frozen=True)
class HttpBank:
    """The bank behind an HTTP address (demo/services/bank.py describes it)."""

    outside: Outside

    async def check_card(self, *, card: str, name: str) -> Answer:
        """Tell whether the card is held under this name. Raises `Unreachable`."""
        status, answer = await self.outside.ask("POST", "/cards/checks", body={"card": card, "name": name})
        return read_answer(status, answer)

    async def pull(self, *, reference: str, card: str, amount_fen: int) -> Outcome:
        """Move money from the card to the city's reserve account; `amount_fen` > 0."""
        body = {"reference": reference, "card": card, "amount_fen": amount_fen}
        return await self._outcome("POST", "/pulls", reference, body)

    async def enquire(self, reference: str) -> Outcome:
        """Ask what became of a reference."""
        return await self._outcome("GET", f"/pulls/{reference}", reference)

    async def call_off(self, reference: str) -> Outcome:
        """Ask that a reference which was not carried out never will be; the answer tells which it is."""
        return await self._outcome("POST", f"/pulls/{reference}/call-off", reference)

    async def made_up_card(self, name: str) -> str:
        """Issue a card with money on it to this name. Raises `Unreachable`."""
        _, answer = await self.outside.ask("POST", "/cards/samples", body={"name": name})
        card = answer.get("card")
        if not isinstance(card, str):
            raise Unreachable
        return card

    async def push(self, *, reference: str, account: str, amount_fen: int) -> Outcome:
        """Move money from the reserve account to another; `amount_fen` > 0."""
        body = {"reference": reference, "account": account, "amount_fen": amount_fen}
        return await self._outcome("POST", "/pushes", reference, body)

    async def enquire_push(self, reference: str) -> Outcome:
        """Ask what became of a push."""
        return await self._outcome("GET", f"/pushes/{reference}", reference)

    async def call_off_push(self, reference: str) -> Outcome:
        """Ask that a push which was not carried out never will be; the answer tells which it is."""
        return await self._outcome("POST", f"/pushes/{reference}/call-off", reference)

    async def reserve_lines(self, *, after: int) -> list[BankLine]:
        """Read the reserve account's lines after one of them. Raises `Unreachable`, also for lines that cannot be."""
        status, answer = await self.outside.ask("GET", f"/reserve?after={after:d}")
        lines = answer.get("lines")
        if status != HTTPStatus.OK or not isinstance(lines, list):
            raise Unreachable
        return [_read_line(line) for line in lines]

    async def deposit(self, *, reference: str, amount_fen: int) -> None:
        """Take money into the reserve account, once for each reference. Raises `Unreachable`."""
        body = {"reference": reference, "amount_fen": amount_fen}
        status, answer = await self.outside.ask("POST", "/deposits", body=body)
        if status != HTTPStatus.OK or answer.get("outcome") != OutcomeKind.DONE.value:
            raise Unreachable

    async def _outcome(self, method: str, path: str, reference: str, body: dict[str, object] | None = None) -> Outcome:
        try:
            status, answer = await self.outside.ask(method, path, body=body)
        except Unreachable:
            return UNKNOWN
        return _read_outcome(answer, reference) if status == HTTPStatus.OK else UNKNOWN


def _read_outcome(answer: dict[str, Any], reference: str) -> Outcome:
    """Read an answer; one about another reference says nothing about this one."""
    try:
        kind = OutcomeKind(answer.get("outcome"))
    except ValueError:
        return UNKNOWN
    if answer.get("reference", reference) != reference:
        return CONTRADICTED
    reason = str(answer.get("reason", ""))[:REASON_CHARACTERS_MAX] if kind is OutcomeKind.REFUSED else ""
    amount = answer.get("amount_fen")
    return Outcome(kind, reason, amount if type(amount) is int else None)


def _read_line(line: object) -> BankLine:
    names = ("number", "amount_fen", "balance_fen")
    if not isinstance(line, dict) or any(type(line.get(name)) is not int for name in names):
        raise Unreachable
    kind, reference = (str(line.get(name, ""))[:REFERENCE_CHARACTERS_MAX] for name in ("kind", "reference"))
    return BankLine(line["number"], kind, reference, line["amount_fen"], line["balance_fen"])
