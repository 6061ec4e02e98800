"""Erasure: destroys a person's key, and with it everything that was sealed under it.

What moved money stays: payments, postings and their seals name a number that nobody's name belongs to any more, so the books, the proofs and
`haihe verify` stay whole. All parts destroy in one transaction; whoever is erased is so completely, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Audit, Deed
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.holdings import Holding, Pending
from haihe.base.revocations import Revocations
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.people.devices.model import Ended
from haihe.people.model import Citizen, CodeAsked, Purpose
from haihe.people.privacy import store
from haihe.people.privacy.errors import ErasureNotUnderstood, MoneyLeft, StillPending
from haihe.people.service import People

ERASED: Final = "person_erased"
TOKENS_END_S: Final = (1 << 32) - 1
"""The latest end that a token can name: no token of an erased person is ever good again, not even one that nobody knows of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands between a person and the erasure: fen in the wallet, and texts (msgids) of what is not finished."""

    balance: int
    reasons: Sequence[str]

    @property
    def is_free(self) -> bool:
        """Whether nothing does."""
        return self.balance == 0 and not self.reasons


@dataclass(frozen=True)
class Erasure:
    """Erases persons."""

    database: Database
    clock: Clock
    people: People
    revocations: Revocations
    holdings: Sequence[Holding]

    async def standing(self, citizen: int, bucket: int) -> Standing:
        """Tell what has to happen before."""
        async with self.database.connection() as connection:
            return await self._standing(connection, citizen, bucket)

    async def ask_code(self, citizen: int, *, lang: str, limited: bool = True) -> CodeAsked:
        """Send the one-time code that an erasure needs. Raises `CodeTooSoon`, `Unreachable`."""
        who = await self.people.citizen(citizen)
        return await self.people.codes.ask(who.phone, Purpose.ERASE, language=lang, limited=limited)

    async def erase(self, citizen: int, *, passcode: str, code: str, is_understood: bool) -> None:
        """Erase a person for good.

        Raises in this order `ErasureNotUnderstood`, `MoneyLeft`, `StillPending`, the passcode's refusals, the code's. A refused wish stands in
        the audit log and changes nothing.
        """
        who = await self.people.citizen(citizen)
        wish = Deed(action=ERASED, actor=Actor.CITIZEN, actor_id=citizen, subject=citizen)
        async with Audit(self.database, self.clock).attempt(wish):
            if not is_understood:
                raise ErasureNotUnderstood(field="understood")
            _refuse(await self.standing(citizen, who.bucket))
            await self.people.check_passcode(citizen, passcode)
            await self.people.codes.check(who.phone, Purpose.ERASE, code)
            ended = await self.database.repeat(lambda connection: self._erase(connection, who, code, wish))
        self.people.devices.remember(ended)
        self.revocations.remember([citizen])

    async def _erase(self, connection: Connection, who: Citizen, code: str, wish: Deed) -> Sequence[Ended]:
        await ledger.lock(connection, who.bucket)
        await store.hold_citizen(connection, who.id)
        _refuse(await self._standing(connection, who.id, who.bucket))
        await self.people.codes.use(connection, who.phone, Purpose.ERASE, code)
        now = self.clock.now()
        ended = await self.people.devices.end_others_within(connection, who.id, keep=0)
        await self.revocations.revoke_within(connection, {who.id: TOKENS_END_S})
        await store.forget_codes(connection, self.people.records.phone_hash(who.phone))
        values = {"citizen": who.id, "bucket": who.bucket, "now": now}
        for holding in self.holdings:
            for statement in holding.erase:
                await store.destroy(connection, statement, values)
        await ledger.set_flags(connection, who.bucket, who.id, add=AccountFlag.CLOSED)
        await audit.write(connection, [wish], at=now)
        return ended

    async def _standing(self, connection: Connection, citizen: int, bucket: int) -> Standing:
        balance = (await ledger.balances(connection, bucket, [citizen])).get(citizen, 0)
        values = {"citizen": citizen, "bucket": bucket, "now": self.clock.now()}
        reasons = [pending.text for pending in self._pending() if await store.count(connection, pending.count, values)]
        return Standing(balance, reasons)

    def _pending(self) -> list[Pending]:
        return [pending for holding in self.holdings for pending in holding.pending]


def _refuse(standing: Standing) -> None:
    if standing.balance:
        raise MoneyLeft(amount=standing.balance)
    if standing.reasons:
        raise StillPending(reasons=list(standing.reasons))
