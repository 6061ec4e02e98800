"""The contribution as something that is paid: told in a language, refused to who is covered, written down when it was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec

from haihe.base.clock import service_day
from haihe.base.database import Connection, Database
from haihe.base.i18n import N_, long_day, translate
from haihe.organisations.model import name_in
from haihe.payments.dues.model import Due, DueStatus
from haihe.payments.dues.service import Dues
from haihe.payments.dues.trade import DueTrade
from haihe.payments.model import Description, Offer, Payment
from haihe.sectors.social import rules, store
from haihe.sectors.social.errors import AlreadyCovered
from haihe.sectors.social.model import KIND, NUMBER, TITLE, Contribution, Window

ICON: Final = "shield-check"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a due keeps of a choice: for whom (masked, as a receipt may say it), the tier, and when the cover begins."""

    tier: str
    tier_names: dict[str, str]
    person: str
    id_number: str
    year: int
    opens: date
    closes: date
    waiting_days: int

    @property
    def window(self) -> Window:
        """The window in which it was chosen."""
        return Window(self.opens, self.closes, self.year, self.waiting_days)


def body_of(due: Due) -> Body:
    """Read a due's body."""
    return msgspec.convert(due.body, Body)


def write_body(body: Body) -> dict[str, Any]:
    """Write a body as JSON can hold it."""
    written: dict[str, Any] = msgspec.to_builtins(body)
    return written


def tell(due: Due, language: str) -> Description:
    """Tell a contribution; once it is paid, with the official number of its receipt."""
    body = body_of(due)
    details = [
        (N_("Insured person"), body.person),
        (N_("ID number"), body.id_number),
        (N_("Year"), str(body.year)),
        (N_("Tier"), name_in(body.tier_names, language)),
        *_cover(due, body, language),
    ]
    if due.status is DueStatus.PAID:
        number = rules.receipt_number(year=body.year, identity=due.id)
        details.append((N_("Official receipt number"), rules.grouped(number)))
    title = translate(language, N_("Social insurance {year} · {person}"), year=body.year, person=body.person)
    return Description(title, ICON, tuple((translate(language, label), value) for label, value in details))


def _cover(due: Due, body: Body, language: str) -> list[tuple[str, str]]:
    """Say when the cover begins; while a late one is unpaid, that one waits."""
    if due.settled_at is not None and due.status is DueStatus.PAID:
        begins = rules.covered_from(body.window, service_day(due.settled_at))
    elif body.waiting_days:
        waits = translate(language, N_("{days} days after the payment"), days=body.waiting_days)
        return [(N_("Covered from"), waits)]
    else:
        begins = date(body.year, 1, 1)
    return [(N_("Covered from"), long_day(begins, language))]


@dataclass(frozen=True)
class Cover:
    """The hooks of the trade that need the database."""

    database: Database

    async def shape(self, due: Due, offer: Offer) -> Offer:
        """Leave the price as it is. Raises `AlreadyCovered` for who was covered in another way meanwhile."""
        year = body_of(due).year
        async with self.database.connection() as connection:
            if await store.covered(connection, [due.subject], year):
                raise AlreadyCovered(year=year)
        return offer

    async def after(self, connection: Connection, bucket: int, paid: Sequence[tuple[Due, Payment]]) -> None:
        """Credit what was paid to the insured persons, whoever paid."""
        await store.insert_contributions(connection, [_contribution(due, payment, bucket) for due, payment in paid])


def _contribution(due: Due, payment: Payment, bucket: int) -> Contribution:
    body = body_of(due)
    return Contribution(
        person=due.subject,
        year=body.year,
        id=due.id,
        organisation=due.organisation,
        tier=body.tier,
        amount=due.amount,
        subsidy=0,
        payment=payment.id,
        bucket=bucket,
        payer=payment.payer,
        receipt=rules.receipt_number(year=body.year, identity=due.id),
        covered_from=rules.covered_from(body.window, service_day(payment.paid_at)),
        recorded_at=payment.paid_at,
    )


def contribution_trade(database: Database, dues: Dues) -> DueTrade:
    """Give the sector of contributions."""
    cover = Cover(database)
    return DueTrade(KIND, NUMBER, ICON, TITLE, dues, tell, shape=cover.shape, after=cover.after, is_shareable=True)
