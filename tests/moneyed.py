"""What tests of money in and out need: a city with a stall and rents, a citizen with a passcode and a card, and a bank with moods.

The demo bank runs in the same process (`tests.settling.bank_beside`); `Moody` stands before it and loses or swaps answers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from sqlite3 import Connection as State
from typing import Any

from demo.services import made_up
from haihe.ledger import service as ledger
from haihe.ledger.model import NO_FLAGS, AccountFlag, SystemAccount
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.outside.bank import UNKNOWN, BankLine, HttpBank, Outcome, OutcomeKind
from haihe.outside.http import Unreachable
from haihe.outside.registry import Answer
from haihe.payments.card_payments.model import CardPayment, CardPaymentWish
from haihe.payments.money_ways import MoneyWays, build_money_ways
from haihe.people.model import Citizen
from haihe.settlement.reserve import Reserve
from haihe.wallet.model import Card, TopUp, WalletRules
from haihe.wallet.service import Wallets, build_wallets
from haihe.wallet.withdrawals.model import Withdrawal, WithdrawalWish
from tests.grounds import SectorCity, open_ground
from tests.settling import bank_beside
from tests.tallied import trades

PASSCODE = "271828"
_keys = count(1)


@dataclass
class Moody:
    """The bank behind doors: `silent` ones neither hear nor answer, `lost` ones do and do not answer, `swapped` ones tell of another."""

    bank: HttpBank
    silent: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    swapped: set[str] = field(default_factory=set)

    async def check_card(self, *, card: str, name: str) -> Answer:
        return await self.bank.check_card(card=card, name=name)

    async def pull(self, *, reference: str, card: str, amount_fen: int) -> Outcome:
        if "pull" in self.silent:
            return UNKNOWN
        return self._said("pull", await self.bank.pull(reference=reference, card=card, amount_fen=amount_fen))

    async def push(self, *, reference: str, account: str, amount_fen: int) -> Outcome:
        if "push" in self.silent:
            return UNKNOWN
        return self._said("push", await self.bank.push(reference=reference, account=account, amount_fen=amount_fen))

    async def enquire(self, reference: str) -> Outcome:
        return UNKNOWN if "enquire" in self.silent else self._said("enquire", await self.bank.enquire(reference))

    async def enquire_push(self, reference: str) -> Outcome:
        return UNKNOWN if "enquire" in self.silent else self._said("enquire", await self.bank.enquire_push(reference))

    async def call_off(self, reference: str) -> Outcome:
        return UNKNOWN if "enquire" in self.silent else await self.bank.call_off(reference)

    async def call_off_push(self, reference: str) -> Outcome:
        return UNKNOWN if "enquire" in self.silent else await self.bank.call_off_push(reference)

    async def reserve_lines(self, *, after: int) -> list[BankLine]:
        if "statement" in self.silent:
            raise Unreachable
        return await self.bank.reserve_lines(after=after)

    async def deposit(self, *, reference: str, amount_fen: int) -> None:
        await self.bank.deposit(reference=reference, amount_fen=amount_fen)

    async def made_up_card(self, name: str) -> str:
        return await self.bank.made_up_card(name)

    def _said(self, door: str, outcome: Outcome) -> Outcome:
        if door in self.lost:
            return UNKNOWN
        return Outcome(OutcomeKind.DONE, amount=1) if door in self.swapped else outcome


@dataclass
class MoneyCity:
    """A city whose Li has a passcode and a card."""

    city: SectorCity
    wallets: Wallets
    ways: MoneyWays
    bank: Moody
    state: State
    reserve: Reserve
    li: Citizen
    card: Card
    number: str

    async def withdraw(self, amount: int, *, key: str = "", passcode: str = PASSCODE, **more: Any) -> Withdrawal:
        wish = WithdrawalWish(
            citizen=self.li.id,
            bucket=self.li.bucket,
            amount=amount,
            card=more.pop("card", self.card.id),
            key=key or f"key {next(_keys)}",
            passcode=passcode,
            **more,
        )
        return await self.ways.withdrawals.withdraw(wish)

    async def withdrawal(self, one: Withdrawal) -> Withdrawal:
        return await self.ways.withdrawals.by_id(one.id, citizen=self.li.id, bucket=self.li.bucket)

    async def pay(self, code: str, amount: int | None = None, *, key: str = "", **more: Any) -> CardPayment:
        wish = CardPaymentWish(
            citizen=self.li.id,
            bucket=self.li.bucket,
            code=code,
            card=more.pop("card", self.card.id),
            key=key or f"key {next(_keys)}",
            amount=amount,
            **more,
        )
        return await self.ways.card_payments.pay(wish)

    async def card_payment(self, one: CardPayment) -> CardPayment:
        return await self.ways.card_payments.by_id(one.id, citizen=self.li.id, bucket=self.li.bucket)

    async def top_up(self, amount: int, *, key: str = "") -> TopUp:
        return await self.wallets.top_up(
            citizen=self.li.id,
            bucket=self.li.bucket,
            amount=amount,
            card=self.card.id,
            key=key or f"key {next(_keys)}",
        )

    async def later(self, **by: float) -> None:
        """Let time pass and all jobs run."""
        self.city.clock.turn(timedelta(**by))
        await self.wallets.ask_again()
        await self.ways.withdrawals.ask_again()
        await self.ways.by_statement.run()
        await self.ways.card_payments.finish_known()

    async def add_card(self, ending: str) -> Card:
        """Add a card whose number ends like this (without the check digit), as the demo bank reads it."""
        body = made_up.card()[: -len(ending) - 1] + ending
        number = body + made_up.luhn_digit(body)
        return await self.wallets.cards.add(self.li.id, number)

    async def balance(self) -> int:
        return await self.city.balance(self.li)

    async def in_transit(self) -> int:
        return await self.city.available(self.li.bucket, SystemAccount.IN_TRANSIT)

    async def flag(self, *, add: AccountFlag = NO_FLAGS, remove: AccountFlag = NO_FLAGS) -> None:
        async with self.city.database.transaction() as connection:
            await ledger.set_flags(connection, self.li.bucket, self.li.id, add=add, remove=remove)

    async def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with self.city.database.connection() as connection:
            return await (await connection.execute(statement.encode(), parameters)).fetchall()

    async def news(self, kind: str) -> list[Any]:
        rows = await self.ask(
            "SELECT body FROM outbox WHERE kind = %s AND subject = %s ORDER BY number", kind, self.li.id
        )
        return [row[0] for row in rows]

    async def deeds(self, action: str) -> list[str]:
        """Give how the deeds of a kind about Li ended."""
        return [
            row[0]
            for row in await self.ask(
                "SELECT outcome FROM audit WHERE action = %s AND subject = %s ORDER BY number", action, self.li.id
            )
        ]

    def moved(self, way: str, reference: int) -> list[int]:
        """Give the fen that the bank moved for a reference."""
        rows = self.state.execute(
            f"SELECT amount_fen FROM {way} WHERE reference = ? AND outcome = 'done'",
            (str(reference),),
        ).fetchall()
        return [row[0] for row in rows]

    def on_card(self) -> int:
        return int(self.state.execute("SELECT balance_fen FROM cards WHERE card = ?", (self.number,)).fetchone()[0])

    async def holds(self) -> bool:
        """Compare the reserve with the bank's statement."""
        return (await self.reserve.check()).holds

    def wrong(self) -> list[str]:
        """Check everything as `haihe verify` does."""
        return self.city.verified()

    async def shop(self, key: str = "melons") -> Organisation:
        return await self.city.organisation(key, "shop")


@asynccontextmanager
async def open_money(
    database: Access, folder: Path, *, money: int = 1_000_00, rules: WalletRules | None = None, **changes: Any
) -> AsyncIterator[MoneyCity]:
    """Open such a city; Li has that many fen in the wallet, and is otherwise as `changes` say."""
    async with open_ground(database, trades) as city, bank_beside(folder) as (real, state):
        base, bank = city.ground.base, Moody(real)
        wallets = build_wallets(base, people=city.ground.people, bank=bank, limits=rules or WalletRules(), demo=bank)
        ways = build_money_ways(
            base, wallets=wallets, payments=city.payments, bank=bank, fixed_payees=frozenset({"rent"})
        )
        (li,) = await city.register(1, money, **changes)
        await city.ground.people.set_passcode(li.id, old="", new=PASSCODE)
        number = await bank.made_up_card(li.name)
        card = await wallets.cards.add(li.id, number)
        reserve = Reserve(base.database, base.clock, base.ids, bank, bank)
        await reserve.tell_openings()
        yield MoneyCity(city, wallets, ways, bank, state, reserve, li, card, number)
