"""Bank cards of citizens: added under the citizen's own name, kept sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base import audit
from haihe.base.audit import Actor, Audit, Deed
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.base.vault import Vault
from haihe.outside.bank import Bank, DemoBank
from haihe.outside.http import Unreachable
from haihe.outside.registry import Answer
from haihe.people.service import People
from haihe.wallet import errors, rules, store
from haihe.wallet.auto import store as auto_store
from haihe.wallet.model import Card, WalletRules

LAST_DIGITS: Final = 4
ADDED: Final = "card_added"
REMOVED: Final = "card_removed"
_FIELD: Final = "card"


@dataclass(frozen=True)
class Cards:
    """The bank cards that citizens top up from."""

    database: Database
    clock: Clock
    ids: Ids
    vault: Vault
    people: People
    bank: Bank
    rules: WalletRules
    audit: Audit
    demo: DemoBank | None = None

    async def made_up(self, citizen: int) -> str | None:
        """Have a made-up card issued to a citizen, in a demo; elsewhere None. Raises `BankUnavailable`."""
        try:
            return await self.demo.made_up_card((await self.people.citizen(citizen)).name) if self.demo else None
        except Unreachable as error:
            raise errors.BankUnavailable from error

    async def of(self, citizen: int) -> list[Card]:
        """Give a citizen's cards, newest first."""
        async with self.database.connection() as connection:
            return await store.cards(connection, citizen)

    async def add_confirmed(self, citizen: int, number: str, passcode: str) -> Card:
        """Add a card as a citizen asks for it: with the payment passcode where one is set. Raises its refusals, and as `add` does."""
        async with self.audit.attempt(Deed(action=ADDED, actor=Actor.CITIZEN, actor_id=citizen, subject=citizen)):
            rules.read_card(number)
            if (await self.people.citizen(citizen)).has_passcode:
                await self.people.check_passcode(citizen, passcode)
            return await self.add(citizen, number)

    async def add(self, citizen: int, number: str) -> Card:
        """Add a card with the citizen's mandate for later pulls and pushes; one that is there already is given again.

        Raises `CardInvalid`, `CardMismatch` when the bank knows it under another name, `BankUnavailable`, `TooManyCards`.
        """
        card = rules.read_card(number)
        name = (await self.people.citizen(citizen)).name
        try:
            answer = await self.bank.check_card(card=card, name=name)
        except Unreachable as error:
            raise errors.BankUnavailable from error
        if answer is not Answer.MATCH:
            raise errors.CardMismatch(field="card")
        return await self._keep(citizen, card)

    async def _keep(self, citizen: int, number: str) -> Card:
        new = Card(self.ids.next(), number[-LAST_DIGITS:])
        async with self.database.transaction() as connection:
            own = self.vault.unlock(await store.data_key(connection, citizen), citizen)
            kept = await store.put_card(
                connection,
                new,
                citizen=citizen,
                number=own.seal(_FIELD, number),
                number_hash=self.vault.search_hash(_FIELD, number),
                now=self.clock.now(),
            )
            if len(await store.cards(connection, citizen)) > self.rules.cards_max:
                raise errors.TooManyCards(field="card", cards=self.rules.cards_max)
            if kept == new:
                await self._note(connection, ADDED, citizen, kept.id)
        return kept

    async def remove(self, citizen: int, card: int) -> None:
        """Forget a card, and stop the automatic top-up that pulls from it. Raises `CardUnknown`."""
        async with self.database.transaction() as connection:
            if not await store.drop_card(connection, card, citizen=citizen):
                raise errors.CardUnknown(field="card")
            await auto_store.stop_for_card(connection, citizen, card, REMOVED)
            await self._note(connection, REMOVED, citizen, card)

    async def _note(self, connection: Connection, action: str, citizen: int, card: int) -> None:
        deed = Deed(action=action, actor=Actor.CITIZEN, actor_id=citizen, subject=citizen, details={"card": str(card)})
        await audit.write(connection, [deed], at=self.clock.now())

    async def number(self, citizen: int, card: int) -> str:
        """Open a card's number for the bank. Raises `CardUnknown`."""
        async with self.database.connection() as connection:
            found = await store.card_number(connection, card, citizen=citizen)
        if found is None:
            raise errors.CardUnknown(field="card")
        key, sealed = found
        return self.vault.unlock(key, citizen).open(_FIELD, sealed)
