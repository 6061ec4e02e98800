"""Gives the demo city a past: payments of last year and this one, posted at the founding by the engine that posts all others.

Each is marked synthetic, in its row and wherever a person reads it. The plan comes from a seed, so that a founding that was killed
posts the same payments under the same keys again; what was posted is answered by its key. The citizens for trying things out have no
past, and the others are given exactly the money that they spend in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.errors import BrokenInvariantError
from haihe.city import past_store as store
from haihe.city.past_plan import Past, PastPayment, PastTrade, plan_past, read_past
from haihe.counter.branch import Founding, Ground
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, Result, SystemAccount, TransferKind
from haihe.payments.dues.service import build_dues
from haihe.payments.engine import Engine, Order
from haihe.payments.keys import content_hash, key_hash
from haihe.payments.model import (
    Asking,
    Channel,
    Description,
    Offer,
    Payment,
    PaymentRequest,
    Refused,
    Scan,
    Status,
)
from haihe.payments.tallies import Tallies
from haihe.people.model import Citizen

BATCH: Final = 4_096
"""Payments that are posted at once."""
PUT_THERE: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED})
BEFORE: Final = timedelta(days=1)
"""So long before the first payment the wallet got its money."""


@dataclass(frozen=True)
class SyntheticSector:
    """Stands for a sector while the past is posted: it refuses nobody and has no rows of its own. It is never asked for a price."""

    kind: str
    number: int
    icon: str = ""
    title: str = ""

    async def price(self, scan: Scan) -> Offer:
        """Have no price: the past is decided."""
        raise NotImplementedError(scan)

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Have nothing to ask."""
        raise NotImplementedError(scan, language)

    async def admit(
        self,
        connection: Connection,  # noqa: ARG002 - the protocol's shape
        bucket: int,  # noqa: ARG002
        offers: Sequence[Offer],
    ) -> Sequence[Refused | None]:
        """Let everybody pay."""
        return [None] * len(offers)

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write nothing more."""

    async def describe(
        self,
        connection: Connection,  # noqa: ARG002 - the protocol's shape
        payments: Sequence[Payment],
        language: str,  # noqa: ARG002
    ) -> Sequence[Description]:
        """Tell nothing: whoever describes the past does it for all kinds."""
        return [Description(self.title, self.icon) for _ in payments]


async def found_past(ground: Ground, founding: Founding) -> int:
    """Post the demo's past, once for all; give how many payments it has (0 where it was there). Organisations must be founded.

    It may be killed anywhere and called again. Raises `BrokenInvariantError` where another past was begun.
    """
    past = read_past(founding.folder, reserved=founding.reserved)
    database = ground.base.database
    async with database.transaction() as connection:
        if await store.has_ended(connection):
            return 0
        mark = f"{past.digest} {len(founding.citizens)} "
        begun = await store.begin(connection, mark + service_day(founding.now).isoformat())
    if not begun.startswith(mark):
        raise BrokenInvariantError(f"another past was begun: {begun}")
    until = date.fromisoformat(begun.removeprefix(mark))
    payments = plan_past(past, citizens=len(founding.citizens), payees=_payees(ground), until=until)
    await _fund(ground, founding.citizens, payments)
    await _pay(ground, past, founding.citizens, payments)
    async with database.connection() as connection:
        await store.end(connection, len(payments))
    await Tallies(database, ground.base.clock, build_dues(ground.base)).catch_up()
    founding.say(f"{len(payments):,} synthetic payments are the demo's past")
    return len(payments)


def _payees(ground: Ground) -> Mapping[str, Sequence[int]]:
    """Give the ids of all organisations by their kind, in the order of their keys."""
    payees: dict[str, list[int]] = defaultdict(list)
    for one in sorted(ground.organisations.everyone(), key=lambda organisation: organisation.key):
        payees[one.kind].append(one.id)
    return payees


async def _fund(ground: Ground, citizens: Sequence[Citizen], payments: Sequence[PastPayment]) -> None:
    """Give every wallet what it spends, before its first payment. The posting's id is written down before it is posted."""
    spent: dict[int, int] = defaultdict(int)
    first: dict[int, datetime] = {}
    for payment in payments:
        spent[payment.place] += payment.amount
        first.setdefault(payment.place, payment.at)
    by_bucket: dict[int, list[int]] = defaultdict(list)
    for place in spent:
        by_bucket[citizens[place].bucket].append(place)
    for bucket, places in sorted(by_bucket.items()):
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            since = {citizens[place].id: first[place] - BEFORE for place in part}
            ids = ground.base.ids.take(len(part))
            wished = [
                store.Money(citizens[place].id, bucket, identity, spent[place])
                for place, identity in zip(part, ids, strict=True)
            ]
            await _post_money(ground, bucket, wished, since)


async def _post_money(
    ground: Ground, bucket: int, wished: Sequence[store.Money], since: Mapping[int, datetime]
) -> None:
    async with ground.base.database.connection() as connection:
        written = await store.put_money(connection, wished)
    postings = [
        Posting(
            money.posting,
            (Leg(SystemAccount.RESERVE, money.citizen, money.amount, TransferKind.OPENING),),
            since[money.citizen],
            subject=money.citizen,
        )
        for money in written
    ]
    async with ground.base.database.transaction() as connection:
        batch = await ledger.post(connection, bucket, postings, now=ground.base.clock.now(), remember=False)
        refused = {one.result for one in batch.posted} - PUT_THERE
        if refused:
            raise BrokenInvariantError(f"money for the past of bucket {bucket} was refused: {refused}")


async def _pay(ground: Ground, past: Past, citizens: Sequence[Citizen], payments: Sequence[PastPayment]) -> None:
    """Pay in the order of the times, each bucket in a few large batches."""
    engine = Engine(ground.base.database, ground.base.clock, ground.base.ids)
    sectors = {trade.kind: SyntheticSector(trade.kind, trade.number) for trade in past.trades}
    by_bucket: dict[int, list[PastPayment]] = defaultdict(list)
    for payment in payments:
        by_bucket[citizens[payment.place].bucket].append(payment)
    for bucket, own in sorted(by_bucket.items()):
        for start in range(0, len(own), BATCH):
            part = own[start : start + BATCH]
            orders = [_order(past, citizens[one.place], one, sectors[one.trade.kind]) for one in part]
            await _pay_batch(engine, bucket, orders)


async def _pay_batch(engine: Engine, bucket: int, orders: Sequence[Order]) -> None:
    """Pay a batch in which a payer may stand many times: nobody is judged here, and the ledger goes through it in order."""
    async with engine.database.transaction() as connection, connection.pipeline():
        answers = await engine.pay(connection, bucket, orders)
        if any(not isinstance(one, Payment) or one.status is not Status.PAID for one in answers):
            raise BrokenInvariantError(f"payments of the past were refused in bucket {bucket}")


def _order(past: Past, citizen: Citizen, payment: PastPayment, sector: SyntheticSector) -> Order:
    scan = Scan(
        kind=sector.kind,
        point=0,
        payee=payment.payee,
        payer=citizen.id,
        bucket=citizen.bucket,
        at=payment.at,
        amount=payment.amount,
        channel=Channel.SYNTHETIC,
    )
    request = PaymentRequest(citizen.id, citizen.bucket, _code(payment.trade), _key(past, payment), payment.amount)
    return Order(Offer(scan, payment.amount, 0), sector, key_hash(request), content_hash(request))


def _code(trade: PastTrade) -> str:
    return f"past {trade.kind}"


def _key(past: Past, payment: PastPayment) -> str:
    return f"past {past.digest} {payment.trade.kind} {payment.turn}"
