"""Acting for somebody by a mandate: what a helper sees of the owner's wallet and bills, and pays from it.

Everything a helper does is a deed about the owner. The helper's own passcode confirms each payment: with it the owner's payment
counts as confirmed by two factors, those of who acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base.audit import Actor, Deed
from haihe.base.confirmations import Strength, matter
from haihe.ledger import service as ledger
from haihe.payments.dues.model import DueUnknown
from haihe.payments.errors import KeyMissing
from haihe.payments.family import store
from haihe.payments.family.judging import PAID_FOR
from haihe.payments.family.relatives import shareable
from haihe.payments.family.store import PaidBy
from haihe.payments.keys import KEY_CHARACTERS_MAX
from haihe.payments.model import PaymentRequest
from haihe.payments.references import read_reference
from haihe.people.family.errors import RightMissing
from haihe.people.family.model import Right, Role, Tie
from haihe.web.guards import Viewer

if TYPE_CHECKING:
    from haihe.payments.dues.model import Owed
    from haihe.payments.model import Payment
    from haihe.payments.service import Payments
    from haihe.people.family.service import Families
    from haihe.people.model import Citizen

NEWEST_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of the owner as the helper reads it: what it is called, fen, and the reference that pays it."""

    title: str
    icon: str
    owed: Owed


@dataclass(frozen=True, slots=True)
class Desk:
    """What a helper has before them; `owner` masked, `balance` None where the mandate does not show it, amounts in fen."""

    tie: Tie
    owner: str
    balance: int | None
    bills: Sequence[Bill]
    spent: int
    newest: Sequence[PaidBy]

    @property
    def left(self) -> int:
        """What the mandate still allows this month."""
        return max(0, self.tie.terms.month_max - self.spent)

    def may(self, right: str) -> bool:
        """Tell whether the mandate has a right, by its name."""
        return Right[right] in self.tie.terms.rights


@dataclass(frozen=True)
class Acting:
    """Helpers at work."""

    families: Families

    async def desk(self, payments: Payments, helper: int, tie: int, lang: str) -> Desk:
        """Show a helper the owner's bills, and what else the mandate shows. Raises `TieUnknown`."""
        mandate, owner = await self._mandate(helper, tie)
        rights = mandate.terms.rights
        async with self.families.database.connection() as connection:
            month = self.families.today().replace(day=1)
            spent = (await store.spent(connection, [tie], since=month)).get(tie, 0)
            newest = await store.newest(connection, tie, limit=NEWEST_MAX)
            balance = (await ledger.balances(connection, owner.bucket, [owner.id])).get(owner.id, 0)
        return Desk(
            mandate,
            owner.masked_name,
            balance if Right.SEE_BALANCE in rights else None,
            await self._bills(payments, owner, lang) if Right.PAY_BILLS in rights else (),
            spent,
            newest,
        )

    async def _bills(self, payments: Payments, owner: Citizen, lang: str) -> list[Bill]:
        trades = shareable(payments)
        return [
            Bill(told.title, told.icon, owed)
            for owed in await payments.owed(Viewer(owner.id, owner.bucket, 0), lang)
            if owed.due.kind in trades
            for told in [trades[owed.due.kind].told_to_relative(owed.due, lang)]
        ]

    async def pay(self, payments: Payments, helper: int, tie: int, *, code: str, key: str, passcode: str) -> Payment:
        """Pay a bill of the owner's from the owner's wallet; the same key pays once.

        Raises `TieUnknown`, `RightMissing`, `DueUnknown` for what is no bill, the passcode's refusals, then as `Payments.pay` does, `TieEnded` and `MandateReached`.
        """
        if not 0 < len(key) <= KEY_CHARACTERS_MAX:
            raise KeyMissing
        mandate, owner = await self._mandate(helper, tie)
        details = {"tie": str(tie)}
        deed = Deed(action=PAID_FOR, actor=Actor.CITIZEN, actor_id=helper, subject=owner.id, details=details)
        async with self.families.audit.attempt(deed):
            if Right.PAY_BILLS not in mandate.terms.rights:
                raise RightMissing
            named = read_reference(code)
            if named is None or named[0] not in {trade.kind for trade in shareable(payments).values()}:
                raise DueUnknown
            await self.families.people.check_passcode(helper, passcode)
            own_key = f"mandate {tie} {key}"
            return await payments.pay(
                PaymentRequest(
                    payer=owner.id,
                    bucket=owner.bucket,
                    code=code,
                    key=own_key,
                    confirmation=payments.confirmations.grant(
                        owner.id, own_key, Strength.PASSCODE, about=matter(code, None)
                    ),
                    tie=tie,
                )
            )

    async def _mandate(self, helper: int, tie: int) -> tuple[Tie, Citizen]:
        mandate = await self.families.tie(tie, member=helper, role=Role.HELPER)
        return mandate, await self.families.people.citizen(mandate.owner)
