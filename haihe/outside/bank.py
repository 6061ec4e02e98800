"""The bank: money is pulled from a citizen's card under a reference of ours, at most once for each reference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Protocol

from haihe.outside.http import Outside, Unreachable
from haihe.outside.registry import Answer, read_answer

REASON_CHARACTERS_MAX: Final = 64


class OutcomeKind(Enum):
    """What became of a pull."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """No answer, or the bank has not heard of it (yet): it may still happen. Enquire, never guess."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pull; a refusal has the bank's reason code ("no_funds", "card_unknown", …)."""

    kind: OutcomeKind
    reason: str = ""


DONE: Final = Outcome(OutcomeKind.DONE)
UNKNOWN: Final = Outcome(OutcomeKind.UNKNOWN)


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


class DemoBank(Protocol):
    """What only a demo bank can do."""

    async def made_up_card(self, name: str) -> str:
        """Issue a card with money on it to this name. Raises `Unreachable`."""
        ...


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
        return await self._outcome("POST", "/pulls", body)

    async def enquire(self, reference: str) -> Outcome:
        """Ask what became of a reference."""
        return await self._outcome("GET", f"/pulls/{reference}")

    async def call_off(self, reference: str) -> Outcome:
        """Ask that a reference which was not carried out never will be; the answer tells which it is."""
        return await self._outcome("POST", f"/pulls/{reference}/call-off")

    async def made_up_card(self, name: str) -> str:
        """Issue a card with money on it to this name. Raises `Unreachable`."""
        _, answer = await self.outside.ask("POST", "/cards/samples", body={"name": name})
        card = answer.get("card")
        if not isinstance(card, str):
            raise Unreachable
        return card

    async def _outcome(self, method: str, path: str, body: dict[str, object] | None = None) -> Outcome:
        try:
            status, answer = await self.outside.ask(method, path, body=body)
        except Unreachable:
            return UNKNOWN
        return _read_outcome(answer) if status == HTTPStatus.OK else UNKNOWN


def _read_outcome(answer: dict[str, Any]) -> Outcome:
    try:
        kind = OutcomeKind(answer.get("outcome"))
    except ValueError:
        return UNKNOWN
    reason = str(answer.get("reason", ""))[:REASON_CHARACTERS_MAX] if kind is OutcomeKind.REFUSED else ""
    return Outcome(kind, reason)
