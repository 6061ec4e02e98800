"""Freezing and releasing wallets."""

from __future__ import annotations

from dataclasses import dataclass

from haihe.base import audit, outbox
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.foundation import Foundation
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.people.freezing import store
from haihe.people.freezing.errors import NotFrozen
from haihe.people.freezing.guard import refuse_frozen
from haihe.people.freezing.model import Freeze, Hand, by_owner
from haihe.people.model import CodeAsked, Purpose
from haihe.people.resets import store as resets
from haihe.people.service import People


@dataclass(frozen=True)
class Freezing:
    """Stops wallets and lets them go again."""

    database: Database
    clock: Clock
    people: People

    async def freeze(self, citizen: int, *, by: Hand, session: int = 0) -> Freeze:
        """Freeze a wallet at once; a second time has no effect. When this returns no payment of it passes any more.

        Every session of the person ends but `session`, and what was asked for a forgotten passcode is void.
        """
        now = self.clock.now()
        freeze = Freeze(citizen, now, by.actor, by.id)
        async with self.database.transaction() as connection:
            bucket = await store.hold(connection, citizen)
            if not await store.put(connection, freeze):
                return await store.of(connection, citizen) or freeze
            await ledger.set_flags(connection, bucket, citizen, add=AccountFlag.FROZEN)
            await resets.drop(connection, citizen)
            ended = await self.people.devices.end_others_within(connection, citizen, keep=session)
            await outbox.publish(connection, bucket, [News("wallet_frozen", citizen, {"by": by.word})], at=now)
            deed = by.deed("wallet_frozen", citizen, sessions_ended=[one.session for one in ended])
            await audit.write(connection, [deed], at=now)
        self.people.devices.remember(ended)
        return freeze

    async def release(self, citizen: int, *, by: Hand) -> None:
        """Release a wallet for somebody who was recognised, as at a counter; one that is not frozen stays as it is."""
        async with self.database.transaction() as connection:
            await self._release(connection, citizen, by)

    async def ask_code(self, citizen: int, *, language: str, limited: bool = True) -> CodeAsked:
        """Send the owner the code with which to release. Raises `NotFrozen`, `CodeTooSoon`, `Unreachable`."""
        if await self.frozen(citizen) is None:
            raise NotFrozen
        phone = (await self.people.citizen(citizen)).phone
        return await self.people.ask_code(phone, Purpose.RELEASE, language=language, limited=limited)

    async def release_own(self, citizen: int, *, passcode: str, code: str) -> None:
        """Release the own wallet: by what the owner knows and what the owner's phone has got.

        Raises `NotFrozen`, the code's refusals, those of `People.check_passcode`; all are noted.
        """
        by = by_owner(citizen)
        async with self.people.audit.attempt(by.deed("wallet_released", citizen)):
            if await self.frozen(citizen) is None:
                raise NotFrozen
            phone = (await self.people.citizen(citizen)).phone
            await self.people.codes.check(phone, Purpose.RELEASE, code)
            await self.people.check_passcode(citizen, passcode)
            async with self.database.transaction() as connection:
                await self.people.codes.use(connection, phone, Purpose.RELEASE, code)
                await self._release(connection, citizen, by)

    async def _release(self, connection: Connection, citizen: int, by: Hand) -> None:
        now = self.clock.now()
        bucket = await store.hold(connection, citizen)
        if not await store.drop(connection, citizen):
            return
        await ledger.set_flags(connection, bucket, citizen, remove=AccountFlag.FROZEN)
        await outbox.publish(connection, bucket, [News("wallet_released", citizen, {"by": by.word})], at=now)
        await audit.write(connection, [by.deed("wallet_released", citizen)], at=now)

    async def frozen(self, citizen: int) -> Freeze | None:
        """Tell whether a wallet is frozen, since when and by whom."""
        async with self.database.connection() as connection:
            return await store.of(connection, citizen)

    async def refuse_frozen(self, citizen: int) -> None:
        """Let nobody with a frozen wallet go on. Raises `WalletFrozen`."""
        async with self.database.connection() as connection:
            await refuse_frozen(connection, citizen)


def build_freezing(base: Foundation, people: People) -> Freezing:
    """Put the service together."""
    return Freezing(base.database, base.clock, people)
