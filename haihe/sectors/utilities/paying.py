"""Several bills at once: which of the chosen ones are payable, what they sum up to, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.errors import Refusal
from haihe.payments.dues.model import Due, DueStatus, DueUnknown, Owed
from haihe.payments.dues.service import Dues
from haihe.payments.errors import InProgress, NoLongerDue, Settled
from haihe.payments.model import Description, Payment, PaymentRequest
from haihe.payments.references import reference
from haihe.payments.service import Payments
from haihe.sectors.utilities.bodies import Teller
from haihe.sectors.utilities.errors import NothingChosen
from haihe.sectors.utilities.model import KIND, NUMBER
from haihe.web.guards import Viewer

PAID_AT_ONCE_MAX: Final = 30
_ENDED: Final[dict[DueStatus, type[Refusal]]] = {DueStatus.PAID: Settled, DueStatus.WITHDRAWN: NoLongerDue}


@dataclass(frozen=True, slots=True)
class Choice:
    """The bills that somebody chose: open ones, and those that ended meanwhile, each with the refusal that says so."""

    open: Sequence[Owed]
    ended: Sequence[tuple[Due, Description, Refusal]]

    @property
    def amount(self) -> int:
        """What is to be paid, in fen."""
        return sum(owed.due.amount for owed in self.open)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one bill: its payment's id, or why not; `again` says that it is not known yet."""

    due: Due
    description: Description
    payment: int = 0
    refusal: Refusal | None = None

    @property
    def again(self) -> bool:
        """Tell whether the same request shall be sent once more."""
        return isinstance(self.refusal, InProgress) or (self.refusal is not None and self.refusal.status == 503)


@dataclass(frozen=True)
class Cashdesk:
    """Pays several bills with one press."""

    dues: Dues
    teller: Teller

    async def bills(self, payments: Payments, viewer: Viewer, lang: str) -> list[Owed]:
        """Give what is open of a citizen's accounts, the most urgent first."""
        return [owed for owed in await payments.owed(viewer, lang) if owed.due.kind == NUMBER]

    async def choose(self, payments: Payments, viewer: Viewer, lang: str, ids: Sequence[int]) -> Choice:
        """Read the chosen bills. Raises `NothingChosen`, and `DueUnknown` if one of them is none of the viewer's."""
        if not 0 < len(set(ids)) <= PAID_AT_ONCE_MAX:
            raise NothingChosen(most=PAID_AT_ONCE_MAX)
        there = {owed.due.id: owed for owed in await self.bills(payments, viewer, lang)}
        ended = [await self._ended(viewer, lang, identity) for identity in dict.fromkeys(ids) if identity not in there]
        return Choice([there[identity] for identity in dict.fromkeys(ids) if identity in there], ended)

    async def _ended(self, viewer: Viewer, lang: str, identity: int) -> tuple[Due, Description, Refusal]:
        due = await self.dues.of_viewer(identity, viewer.person)
        if due.kind != NUMBER:
            raise DueUnknown
        return due, self.teller.tell(due, lang), _ENDED.get(due.status, NoLongerDue)()

    async def pay(self, payments: Payments, viewer: Viewer, choice: Choice, key: str) -> list[Outcome]:
        """Pay every chosen bill by itself, under a key of its own made from the page's: pressing twice pays once.

        Those that ended are asked too: whoever pressed twice gets the first answer again.
        """
        bills = [(owed.due, owed.description) for owed in choice.open] + [
            (due, description) for due, description, _ in choice.ended
        ]
        answers = await payments.pay_all(
            [
                PaymentRequest(viewer.person, viewer.bucket, reference(KIND, due.id), f"{key}:{due.id}")
                for due, _ in bills
            ]
        )
        return [_outcome(due, told, answer) for (due, told), answer in zip(bills, answers, strict=True)]


def _outcome(due: Due, told: Description, answer: Payment | Refusal) -> Outcome:
    if isinstance(answer, Payment):
        return Outcome(due, told, payment=answer.id)
    return Outcome(due, told, refusal=answer)
