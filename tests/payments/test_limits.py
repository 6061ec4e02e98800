"""The law's limits and people's own caps in a batch, and what a confirmation lifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.confirmations import Strength
from haihe.base.database import Database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag, AccountKind, Leg, NewAccount, Posting, Risk, SystemAccount, TransferKind
from haihe.ops.partitions import ensure_partitions
from haihe.ops.verify import verify
from haihe.payments.engine import Engine, Order
from haihe.payments.keys import content_hash, key_hash
from haihe.payments.model import Channel, Offer, Payment, PaymentRequest, Scan, Status
from haihe.people.law.force import put_in_force
from haihe.people.law.model import read_law
from haihe.wallet.caps import store as caps_store
from haihe.wallet.caps.model import Cap, Period, Scope
from tests.payments.conftest import BUCKET, LI, OPERATOR, WANG, PlainSector

NOW = datetime.now(UTC).replace(hour=2, microsecond=0)
_keys = count()


class Payers:
    """Li has class II, Wang class I; each has a million fen."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.sector = database, TurnableClock(NOW), PlainSector()
        self.engine = Engine(database, self.clock, Ids(self.clock, node=3))

    async def found(self) -> None:
        wallet = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED
        accounts = [
            NewAccount(LI, AccountKind.WALLET, LI, wallet, limit_class=2),
            NewAccount(WANG, AccountKind.WALLET, WANG, wallet, limit_class=1),
            NewAccount(OPERATOR, AccountKind.TILL, OPERATOR, AccountFlag.NO_OVERDRAFT),
        ]
        ids = self.engine.ids
        opening = [
            Posting(ids.next(), (Leg(SystemAccount.RESERVE, who, 10_000_00, TransferKind.OPENING),), NOW, subject=who)
            for who in (LI, WANG)
        ]
        async with self.database.transaction() as connection:
            await put_in_force(connection, read_law())
            await ledger.open_accounts(connection, BUCKET, accounts)
            await ledger.post(connection, BUCKET, opening, now=NOW)

    def order(self, payer: int, yuan: int, channel: Channel = Channel.APP, **more: object) -> Order:
        request = PaymentRequest(payer, BUCKET, "code", f"key {next(_keys)}")
        scan = Scan("plain", 5, OPERATOR, payer, BUCKET, self.clock.now(), channel=channel)
        plain = Order(Offer(scan, yuan * 100, 7), self.sector, key_hash(request), content_hash(request))
        return replace(plain, **more)  # type: ignore[arg-type]

    async def pay(self, payer: int, yuan: int, channel: Channel = Channel.APP, **more: object) -> Status:
        (answer,) = await self.engine.run(BUCKET, [self.order(payer, yuan, channel, **more)])
        assert isinstance(answer, Payment)
        return answer.status


@pytest.fixture
async def payers(database_pool: Database) -> Payers:
    made = Payers(database_pool)
    await made.found()
    return made


async def test_second_factor_is_asked_for_where_it_would_do_and_nowhere_else(payers: Payers, owner_dsn: str):
    assert await payers.pay(LI, 990) is Status.PAID
    assert await payers.pay(LI, 20) is Status.CONFIRMATION_NEEDED
    assert await payers.pay(LI, 20, strength=Strength.PASSCODE) is Status.PAID
    assert await payers.pay(LI, 4_990, strength=Strength.PASSCODE) is Status.CONFIRMATION_NEEDED  # a passkey would do
    assert await payers.pay(LI, 10) is Status.PAID
    assert await payers.pay(WANG, 990) is Status.PAID
    assert await payers.pay(WANG, 20) is Status.LIMIT_REACHED  # class I: 1,000 yuan since opening, however confirmed
    assert await payers.pay(WANG, 20, by_card=True) is Status.PAID
    async with payers.database.connection() as connection:
        rooms = await ledger.rooms(connection, BUCKET, [LI, WANG, OPERATOR], day=NOW.date())
    assert (rooms[LI].left(Risk.C), rooms[LI].left(Risk.B), rooms[WANG].left(Risk.A)) == (0, 4_980_00, 10_00)
    assert rooms[OPERATOR].limit_class == 0
    assert verify(owner_dsn).findings == ()


async def test_static_code_has_a_limit_of_its_own_that_no_factor_lifts(payers: Payers):
    assert await payers.pay(LI, 495, Channel.STICKER) is Status.PAID
    assert await payers.pay(LI, 10, Channel.STICKER, strength=Strength.PASSKEY) is Status.LIMIT_REACHED
    assert await payers.pay(LI, 10, Channel.PAPER) is Status.LIMIT_REACHED
    assert await payers.pay(LI, 10, Channel.PAYMENT_CODE) is Status.PAID
    payers.clock.turn(timedelta(days=1))
    assert await payers.pay(LI, 10, Channel.STICKER) is Status.PAID


async def test_own_caps_count_what_leaves_the_wallet_in_their_period(payers: Payers, owner_dsn: str):
    cap = Cap(citizen=LI, bucket=BUCKET, scope=Scope.PAPER, period=Period.DAY, amount=30_00, set_by=LI)
    month = replace(cap, scope=Scope.ALL, period=Period.MONTH, amount=50_00)
    async with payers.database.transaction() as connection:
        await caps_store.put(connection, cap)
        await caps_store.put(connection, month)
    assert await payers.pay(LI, 31, Channel.PAPER) is Status.CAP_REACHED
    both = [payers.order(LI, 20, Channel.PAPER), payers.order(LI, 20, Channel.PAPER)]
    answers = await payers.engine.run(BUCKET, both)
    assert [one.status for one in answers if isinstance(one, Payment)] == [Status.PAID, Status.CAP_REACHED]
    assert await payers.pay(LI, 30) is Status.PAID
    assert await payers.pay(LI, 1) is Status.CAP_REACHED
    async with payers.database.connection() as connection:
        left = {one.scope: one.left(NOW.date()) for one in await caps_store.of(connection, BUCKET, LI)}
    assert left == {Scope.PAPER: 10_00, Scope.ALL: 0}
    payers.clock.turn(timedelta(days=31))
    ensure_partitions(owner_dsn, payers.clock.now())
    assert await payers.pay(LI, 30, Channel.PAPER) is Status.PAID


async def test_law_comes_into_force_once_and_never_changes_a_day_that_is_closed(payers: Payers):
    async def limits() -> list[tuple[object, ...]]:
        async with payers.database.connection() as connection:
            return await (
                await connection.execute("SELECT * FROM turnover_limits ORDER BY limit_class, since")
            ).fetchall()

    before = await limits()
    async with payers.database.transaction() as connection:
        await put_in_force(connection, read_law())
    assert await limits() == before
    assert {row[0] for row in before} == {1, 2, 3}
