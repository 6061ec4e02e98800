"""A cash-in that was typed wrong is taken back: its clerk asks within minutes, a colleague decides, and the money returns to the till.

The posting names the one that it takes back and is of the same kind, so that it counts as nobody's takings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.errors import BrokenInvariantError
from haihe.base.i18n import N_, moment, money, translate
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Result, TransferKind
from haihe.organisations.approvals.model import Approval, Change, Done, Kind
from haihe.organisations.model import Right
from haihe.payments.desk import store
from haihe.payments.desk.errors import AlreadyReversed, CashInUnknown, CashSpent, NotYourCash, ReversedTooLate
from haihe.payments.desk.model import REVERSAL, CashIn, Reversal

if TYPE_CHECKING:
    from haihe.base.database import Connection
    from haihe.base.foundation import Foundation
    from haihe.web.guards import Staff

NAME: Final = "cash_reversal"
_HELD: Final = frozenset({Result.INSUFFICIENT_FUNDS, Result.ACCOUNT_FROZEN, Result.ACCOUNT_CLOSED})


@dataclass(frozen=True)
class CashReversals:
    """Takes cash-ins back that two people decided."""

    base: Foundation

    def kind(self) -> Kind:
        """Give the kind of approval."""
        right = Right.SERVE_CITIZENS
        return Kind(NAME, N_("Cash given back"), "banknote", right, right, self.show, self.apply)

    def check(self, staff: Staff, cash: CashIn) -> None:
        """Raise `NotYourCash` or `ReversedTooLate` unless the clerk who took it asks within minutes."""
        if cash.clerk != staff.person:
            raise NotYourCash
        self._check_time(cash)

    def _check_time(self, cash: CashIn) -> None:
        if self.base.clock.now() - cash.taken_at > REVERSAL:
            raise ReversedTooLate(minutes=int(REVERSAL.total_seconds()) // 60)

    async def show(self, approval: Approval, lang: str) -> Sequence[Change]:
        """Say what was taken and what would be given back. Raises `CashInUnknown`."""
        async with self.base.database.connection() as connection:
            cash = await _taken(connection, approval)
        taken = money(cash.amount, lang)
        return [
            Change(translate(lang, N_("Cash paid in")), taken, money(0, lang)),
            Change(translate(lang, N_("Time")), moment(cash.taken_at, lang), ""),
            Change(translate(lang, N_("Receipt number")), str(cash.id), ""),
        ]

    async def apply(self, connection: Connection, approval: Approval, decider: int) -> Done | None:
        """Take it back in the decision's transaction. Raises `ReversedTooLate`, `AlreadyReversed`, `CashSpent`."""
        cash, now = await _taken(connection, approval), self.base.clock.now()
        self._check_time(cash)
        reversal = Reversal(self.base.ids.next(), cash.bucket, cash.id, approval.asked_by, decider, now)
        if not await store.put_reversal(connection, reversal):
            raise AlreadyReversed
        await store.empty_drawer(connection, cash)
        leg = Leg(cash.citizen, cash.organisation, cash.amount, TransferKind.CASH_IN, names=cash.id)
        posting = Posting(reversal.id, (leg,), now, subject=cash.citizen)
        batch = await ledger.post(connection, cash.bucket, [posting], now=now, remember=False)
        result = batch.posted[0].result
        if result in _HELD:
            raise CashSpent
        if result is not Result.POSTED:
            raise BrokenInvariantError(f"cash-in {cash.id} cannot be taken back: {result.name}")
        await audit.write(connection, [_deed(cash, decider)], at=now)
        return None


def _deed(cash: CashIn, decider: int) -> Deed:
    return Deed(
        action="cash_in_reversed",
        actor=Actor.STAFF,
        actor_id=decider,
        organisation=cash.organisation,
        subject=cash.citizen,
        details={"cash_in": str(cash.id), "amount": cash.amount},
    )


async def _taken(connection: Connection, approval: Approval) -> CashIn:
    identity = int(approval.read()["cash_in"])
    found = await store.by_id(connection, organisation=approval.organisation, identity=identity)
    if found is None:
        raise CashInUnknown
    return found
