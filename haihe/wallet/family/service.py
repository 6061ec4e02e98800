"""What guardians do with a child's wallet: top it up, see it, cap a month, freeze it; and how anybody's own money goes to whom they help.

Whoever asks is checked here first; the change, its news and its deed are one transaction in the child's bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.clock import day_start
from haihe.base.database import Connection
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.people.family.children import Children
from haihe.people.family.errors import RightMissing
from haihe.people.family.model import Right, Role
from haihe.people.freezing.model import by_guardian
from haihe.people.freezing.service import Freezing
from haihe.people.model import Citizen
from haihe.wallet.caps import service as caps, store as caps_store
from haihe.wallet.caps.model import Cap, Period, Scope
from haihe.wallet.family.errors import CapInvalid, FrozenByOthers
from haihe.wallet.sending.model import Recipient, SendRequest, Transfer
from haihe.wallet.sending.service import Sendings

CAP_FEN_MAX: Final = 10_000_00


@dataclass(frozen=True, slots=True)
class ChildWallet:
    """A child with its wallet as its guardian sees it; amounts in fen, `cap` None without one."""

    child: Citizen
    balance: int
    cap: Cap | None
    spent: int
    """What has left the wallet this month."""
    is_frozen: bool


@dataclass(frozen=True)
class Allowances:
    """The children's wallets in their guardians' hands."""

    children: Children
    sendings: Sendings
    freezing: Freezing

    # --- seeing

    async def wallet(self, guardian: int, child: int) -> ChildWallet:
        """Show a child's wallet to its guardian. Raises `ChildUnknown`."""
        found, today = await self.children.in_care(guardian, child), self.children.families.today()
        async with self.children.families.database.connection() as connection:
            balance = (await ledger.balances(connection, found.bucket, [child])).get(child, 0)
            _, own = await caps.room(connection, found.bucket, child, today=today)
            since = day_start(Period.MONTH.start(today))
            spent = await caps_store.left_wallet(connection, found.bucket, child, since=since)
        cap = next((one for one in own if one.period is Period.MONTH), None)
        return ChildWallet(found, balance, cap, spent, await self.freezing.frozen(child) is not None)

    # --- money

    async def top_up(self, guardian: Citizen, child: int, *, amount: int, key: str, passcode: str = "") -> Transfer:
        """Put a guardian's own money into a child's wallet. Raises `ChildUnknown`, and like `Sendings.send`."""
        found = await self.children.in_care(guardian.id, child)
        return await self._give(guardian, found, name=found.name, amount=amount, key=key, passcode=passcode)

    async def top_up_for(self, helper: Citizen, tie: int, *, amount: int, key: str, passcode: str = "") -> Transfer:
        """Put a helper's own money into the wallet of whom they act for. Raises `TieUnknown`, `RightMissing`, like `Sendings.send`."""
        mandate = await self.children.families.tie(tie, member=helper.id, role=Role.HELPER)
        if Right.TOP_UP not in mandate.terms.rights:
            raise RightMissing
        owner = await self.children.people.citizen(mandate.owner)
        given = await self._give(helper, owner, name=owner.masked_name, amount=amount, key=key, passcode=passcode)
        details = {"tie": str(tie), "transfer": str(given.id), "amount": amount}
        await self._note("topped_up_for", helper.id, owner.id, details)
        return given

    async def _give(self, giver: Citizen, to: Citizen, *, name: str, amount: int, key: str, passcode: str) -> Transfer:
        return await self.sendings.send(
            SendRequest(
                sender=giver.id,
                bucket=giver.bucket,
                phone="",
                amount=amount,
                key=key,
                passcode=passcode,
                to=Recipient(to.id, to.bucket, name),
            )
        )

    async def _note(self, action: str, actor: int, subject: int, details: dict[str, object]) -> None:
        deed = Deed(action=action, actor=Actor.CITIZEN, actor_id=actor, subject=subject, details=details)
        await self.children.families.audit.note(deed)

    # --- the cap

    async def set_cap(self, guardian: int, child: int, amount: int) -> None:
        """Let a child's wallet spend at most so much a month, in fen, what it spent this month included. Raises `ChildUnknown`, `CapInvalid`."""
        if not 0 <= amount <= CAP_FEN_MAX:
            raise cap_invalid()
        found, today = await self.children.in_care(guardian, child), self.children.families.today()
        cap = Cap(
            citizen=child, bucket=found.bucket, scope=Scope.ALL, period=Period.MONTH, amount=amount, set_by=guardian
        )

        async def work(connection: Connection) -> None:
            await ledger.lock(connection, found.bucket)
            await caps.set_cap(connection, cap, today=today)
            await self._tell_cap(connection, guardian, found, {"amount": amount, "period": "month"})

        await self.children.families.database.repeat(work)

    async def lift_cap(self, guardian: int, child: int) -> None:
        """Let a child's wallet spend what is in it; twice is as once. Raises `ChildUnknown`."""
        found = await self.children.in_care(guardian, child)

        async def work(connection: Connection) -> None:
            await ledger.lock(connection, found.bucket)
            if not any(one.scope is Scope.ALL for one in await caps_store.of(connection, found.bucket, child)):
                return
            await _drop(connection, found)
            await self._tell_cap(connection, guardian, found, {"amount": 0, "period": "none"})

        await self.children.families.database.repeat(work)

    async def _tell_cap(self, connection: Connection, guardian: int, child: Citizen, body: dict[str, object]) -> None:
        now = self.children.families.clock.now()
        await outbox.publish(connection, child.bucket, [News("cap_changed", child.id, dict(body))], at=now)
        deed = Deed(action="cap_changed", actor=Actor.CITIZEN, actor_id=guardian, subject=child.id, details=body)
        await audit.write(connection, [deed], at=now)

    # --- freezing

    async def freeze(self, guardian: int, child: int) -> None:
        """Stop a child's wallet at once; its own phone is signed out. Twice is as once. Raises `ChildUnknown`."""
        await self.children.in_care(guardian, child)
        await self.freezing.freeze(child, by=by_guardian(guardian))

    async def release(self, guardian: int, child: int) -> None:
        """Let a child's wallet go again. Raises `ChildUnknown`, `FrozenByOthers` where a counter has frozen it."""
        await self.children.in_care(guardian, child)
        freeze = await self.freezing.frozen(child)
        if freeze is not None and freeze.by is not Actor.CITIZEN:
            raise FrozenByOthers
        await self.freezing.release(child, by=by_guardian(guardian))

    # --- growing up

    async def end_grown_up(self) -> None:
        """End the care of those who have come of age: nobody sees or caps their wallet any more. The job of every morning."""
        for grown in await self.children.grown_up():
            async with self.children.families.database.transaction() as connection:
                await self._let_go(connection, grown)

    async def _let_go(self, connection: Connection, grown: Citizen) -> None:
        await self.children.end_care(connection, grown.id)
        await ledger.lock(connection, grown.bucket)
        await _drop(connection, grown)
        now = self.children.families.clock.now()
        news = News("family_ended", grown.id, {"role": "guardian"})
        await outbox.publish(connection, grown.bucket, [news], at=now)
        await audit.write(connection, [Deed(action="care_ended", actor=Actor.CITY, subject=grown.id)], at=now)


async def _drop(connection: Connection, child: Citizen) -> None:
    await caps_store.drop(connection, child.bucket, child.id, scope=Scope.ALL, period=Period.MONTH)


def cap_invalid() -> CapInvalid:
    """Say between which amounts a cap must be."""
    return CapInvalid(field="amount", min=0, max=CAP_FEN_MAX)
