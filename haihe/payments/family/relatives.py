"""What somebody may pay for relatives: told by name and amount, its owner masked, nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base.clock import service_day
from haihe.payments.dues.model import Owed
from haihe.payments.dues.trade import DueTrade
from haihe.payments.family import store
from haihe.payments.references import reference

if TYPE_CHECKING:
    from haihe.payments.service import Payments
    from haihe.people.service import People
    from haihe.web.guards import Viewer

LISTED_MAX: Final = 50


def shareable(payments: Payments) -> dict[int, DueTrade]:
    """Give the kinds of dues that people may let a relative pay, by number."""
    trades = (one for one in payments.sectors.values() if isinstance(one, DueTrade))
    return {one.number: one for one in trades if one.is_shareable}


@dataclass(frozen=True)
class Relatives:
    """Bills that people pay for one another."""

    people: People

    async def owed(self, payments: Payments, viewer: Viewer, lang: str) -> list[Owed]:
        """Give what is open of what the citizen may pay for relatives, the most urgent first."""
        trades, now = shareable(payments), payments.clock.now()
        async with payments.database.connection() as connection:
            found = await store.open_for(connection, viewer.person, limit=LISTED_MAX)
            dues = await payments.dues.by_ids(connection, [one.due for one in found])
        owners = await self.people.citizens(list({one.owner for one in found})) if found else {}
        return [
            Owed(
                due,
                reference(trades[due.kind].kind, due.id),
                payments.organisations.by_id(due.organisation).name(lang),
                trades[due.kind].told_to_relative(due, lang),
                is_late=due.due_on < service_day(now),
                owner=owners[one.owner].masked_name,
            )
            for one in found
            for due in [dues[one.due]]
            if due.kind in trades and due.is_payable(now)
        ]
