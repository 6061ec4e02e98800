"""What is done with paper cards: issued, printed, capped, revoked, found by what a till saw.

Issuing, revoking and paying take the lock of the citizen's bucket, so a card pays in no batch after the one at which it was revoked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Audit, Deed
from haihe.base.clock import service_day
from haihe.base.outbox import News
from haihe.ledger import service as ledger
from haihe.payments.paper import store
from haihe.payments.paper.errors import (
    DailyCapInvalid,
    NoPaperCard,
    PaperCardMistyped,
    PaperCardRevoked,
    PaperCardUnknown,
)
from haihe.payments.paper.model import (
    DAILY_FEN,
    DAILY_FEN_MAX,
    DAILY_FEN_MIN,
    Holding,
    PaperCard,
    digits_of,
    is_whole,
    new_code,
)
from haihe.wallet.caps import store as caps_store
from haihe.wallet.caps.model import Cap, Period, Scope

if TYPE_CHECKING:
    from datetime import datetime

    from haihe.base.clock import Clock
    from haihe.base.database import Connection, Database
    from haihe.base.foundation import Foundation
    from haihe.base.ids import Ids
    from haihe.base.vault import Vault
    from haihe.payments.paper.model import Issuer

FIELD: Final = "paper_card"
"""The name under which codes are hashed and sealed."""


@dataclass(frozen=True)
class PaperCards:
    """The city's paper cards."""

    database: Database
    clock: Clock
    ids: Ids
    vault: Vault

    @property
    def audit(self) -> Audit:
        """The log of who tried what."""
        return Audit(self.database, self.clock)

    async def find(self, text: str) -> PaperCard:
        """Read the card that a till saw, living or not: `check_living` tells. Raises `PaperCardMistyped`, `PaperCardUnknown`."""
        if not is_whole(text):
            raise PaperCardMistyped
        async with self.database.connection() as connection:
            card = await store.find(connection, self._hash(digits_of(text)))
        if card is None:
            raise PaperCardUnknown
        return card

    def check_living(self, card: PaperCard) -> None:
        """Raise `PaperCardRevoked`; the batch that pays asks once more."""
        if card.revoked_at is not None:
            raise PaperCardRevoked

    async def holding(self, citizen: int, bucket: int) -> Holding:
        """Tell what a citizen has."""
        async with self.database.connection() as connection:
            card = await store.newest(connection, citizen)
            caps = await caps_store.of(connection, bucket, citizen)
        cap = next((one for one in caps if (one.scope, one.period) == (Scope.PAPER, Period.DAY)), None)
        today = service_day(self.clock.now())
        return Holding(card, cap.amount if cap else DAILY_FEN, cap.left(today) if cap else DAILY_FEN)

    async def code(self, card: PaperCard) -> str:
        """Open a living card's code for printing. Raises `NoPaperCard`."""
        if card.revoked_at is not None:
            raise NoPaperCard
        async with self.database.connection() as connection:
            sealed, key = await store.sealed_code(connection, card.id)
        return self.vault.unlock(key, card.citizen).open(FIELD, sealed)

    async def issue(self, citizen: int, bucket: int, *, by: Issuer, daily: int = DAILY_FEN) -> PaperCard:
        """Issue a card that may pay `daily` fen a day; the one before is revoked. Raises `DailyCapInvalid`."""
        check_daily(daily)
        code = new_code()
        async with self.database.transaction() as connection:
            await ledger.lock(connection, bucket)
            now = self.clock.now()
            card = PaperCard(self.ids.next(), citizen, bucket, by.person, now)
            await store.revoke(connection, citizen, by=by.person, at=now)
            sealed = self.vault.unlock(await store.data_key(connection, citizen), citizen).seal(FIELD, code)
            await store.insert(connection, card, code_hash=self._hash(code), code=sealed)
            await self._put_cap(connection, citizen, bucket, by, daily)
            details = {"card": str(card.id), "daily": daily}
            await self._tell(connection, card, by, "paper_card_issued", details, now)
        return card

    async def revoke(self, citizen: int, bucket: int, *, by: Issuer) -> None:
        """Revoke the living card; from now on it pays nothing. Raises `NoPaperCard`."""
        async with self.database.transaction() as connection:
            await ledger.lock(connection, bucket)
            now = self.clock.now()
            identity = await store.revoke(connection, citizen, by=by.person, at=now)
            if not identity:
                raise NoPaperCard
            card = PaperCard(identity, citizen, bucket, by.person, now, now)
            await self._tell(connection, card, by, "paper_card_revoked", {"card": str(identity)}, now)

    async def set_daily(self, citizen: int, bucket: int, *, by: Issuer, daily: int) -> None:
        """Agree on another daily cap; what was paid today stays counted. Raises `DailyCapInvalid`, `NoPaperCard`."""
        check_daily(daily)
        async with self.database.transaction() as connection:
            await ledger.lock(connection, bucket)
            now = self.clock.now()
            card = await store.newest(connection, citizen)
            if card is None or card.revoked_at is not None:
                raise NoPaperCard
            await self._put_cap(connection, citizen, bucket, by, daily)
            news = News("cap_changed", citizen, {"amount": daily, "period": "day"})
            await outbox.publish(connection, bucket, [news], at=now)
            await audit.write(connection, [_deed("paper_card_capped", card, by, {"daily": daily})], at=now)

    async def _put_cap(self, connection: Connection, citizen: int, bucket: int, by: Issuer, daily: int) -> None:
        cap = Cap(citizen=citizen, bucket=bucket, scope=Scope.PAPER, period=Period.DAY, amount=daily, set_by=by.person)
        await caps_store.put(connection, cap)

    async def _tell(
        self,
        connection: Connection,
        card: PaperCard,
        by: Issuer,
        action: str,
        details: dict[str, object],
        now: datetime,
    ) -> None:
        await outbox.publish(connection, card.bucket, [News(action, card.citizen, {})], at=now)
        await audit.write(connection, [_deed(action, card, by, details)], at=now)

    def _hash(self, code: str) -> bytes:
        return self.vault.search_hash(FIELD, code)


def check_daily(daily: int) -> None:
    """Raise `DailyCapInvalid` for a daily cap that the law does not allow."""
    if not DAILY_FEN_MIN <= daily <= DAILY_FEN_MAX:
        raise daily_invalid()


def daily_invalid() -> DailyCapInvalid:
    """Say between which amounts a daily cap must be."""
    return DailyCapInvalid(field="daily", min=DAILY_FEN_MIN, max=DAILY_FEN_MAX)


def _deed(action: str, card: PaperCard, by: Issuer, details: dict[str, object]) -> Deed:
    return Deed(
        action=action,
        actor=Actor.STAFF if by.organisation else Actor.CITIZEN,
        actor_id=by.person,
        organisation=by.organisation,
        subject=card.citizen,
        details=details,
    )


def build_paper_cards(base: Foundation) -> PaperCards:
    """Put the service together."""
    return PaperCards(base.database, base.clock, base.ids, base.vault)
