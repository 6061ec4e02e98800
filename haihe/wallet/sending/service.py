"""What citizens do: look whose number it is, send money there, see what became of it.

The posting, the key and the sender's row are one transaction in the sender's bucket. Where the recipient lives in another one, the
ledger's crossing brings the money there, at once or, if this process dies, by the job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import structlog

from haihe.base.clock import Clock, service_day
from haihe.base.confirmations import Strength, matter
from haihe.base.database import Connection, Database, TryAgain
from haihe.base.foundation import Foundation
from haihe.base.i18n import N_, translate
from haihe.base.ids import Ids
from haihe.base.money import Money
from haihe.base.vault import Vault, mask_name
from haihe.ledger import service as ledger
from haihe.ledger.crossings.model import Crossing
from haihe.ledger.crossings.service import Crossings
from haihe.ledger.model import Result
from haihe.people.errors import PhoneInvalid
from haihe.people.law.model import STRONGER, Law, Rules, read_law
from haihe.people.rules import read_phone
from haihe.people.service import People
from haihe.wallet.caps import service as caps_service
from haihe.wallet.caps.model import Cap
from haihe.wallet.model import WalletRules
from haihe.wallet.rules import check_key, key_hash
from haihe.wallet.sending import errors, rules, store
from haihe.wallet.sending.mail import Mail
from haihe.wallet.sending.model import Received, Recipient, Sending, SendRequest, Status, Told, Transfer

NOTE_FIELD = "note"

log = structlog.get_logger("haihe.sending")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A request that may be tried: all that has to be the same however often it is."""

    request: SendRequest
    recipient: Recipient
    note: str
    content: bytes
    crossing: Crossing


@dataclass(frozen=True)
class Sendings:
    """Money between citizens."""

    database: Database
    clock: Clock
    ids: Ids
    vault: Vault
    people: People
    crossings: Crossings
    rules: WalletRules
    law: Law = field(default_factory=read_law)

    # --- before it is sent

    async def recipient(self, sender: int, phone: str) -> Recipient:
        """Find who has a phone number and can receive money. Raises `PhoneInvalid`, `RecipientUnknown`, `RecipientIsSelf`.

        The time tells no more than the answer: a number that nobody has costs as many questions as one whose wallet is closed.
        """
        found = await self.people.find(read_phone(phone))
        looked_at = found or await self.people.citizen(sender)
        async with self.database.connection() as connection:
            takes_money = await store.takes_money(connection, looked_at.bucket, looked_at.id)
        if found is not None and found.id == sender:
            raise errors.RecipientIsSelf(field="phone")
        if found is None or not takes_money:
            raise errors.RecipientUnknown(field="phone")
        return Recipient(found.id, found.bucket, found.masked_name)

    async def check(self, request: SendRequest) -> Recipient:
        """Say who would get it, before anybody is asked to confirm. Raises like `send` up to the amount, and `MoneyInsufficient`."""
        recipient = await self._checked_recipient(request)
        async with self.database.connection() as connection:
            held = (await ledger.balances(connection, request.bucket, [request.sender])).get(request.sender, 0)
        if held < request.amount:
            raise errors.MoneyInsufficient(balance=Money(held).as_json())
        return recipient

    def asks_passcode(self, amount: int) -> bool:
        """Tell whether an amount in fen needs the payment passcode."""
        return amount > self.rules.passcode_above_fen

    # --- sending

    async def send(self, request: SendRequest) -> Transfer:
        """Send; the same request with the same key gets the same transfer, as it stands now.

        Raises in this order `TopUpKeyMissing`, `SendingKeyReused`, `PhoneInvalid`, `RecipientUnknown`, `RecipientIsSelf`,
        `RecipientChanged`, `SendingAmountInvalid`, `NoteTooLong`, the passcode's refusals, then what the ledger refuses:
        `SenderFrozen`, `SenderClosed`, `MoneyInsufficient`, `SendingLimitReached`, `RecipientUnavailable`; these are remembered,
        but not `SendingNotConfirmed`, after which the same key may come again with a stronger confirmation.
        `TryAgain` when the database is away or it is not known whether the commit was heard.
        """
        check_key(request.key)
        content = self._content(request)
        async with self.database.connection() as connection:
            known = await self._known(connection, request, content)
        sending = known or await self._begin(await self._draft(request, content))
        if sending.result is not Result.POSTED:
            raise _refusal(sending)
        return await self._told(await self._finish(sending))

    async def _draft(self, request: SendRequest, content: bytes) -> _Draft:
        recipient = await self._checked_recipient(request)
        identity, undo = self.ids.take(2)
        crossing = Crossing(
            id=identity,
            undo=undo,
            bucket=request.bucket,
            target=recipient.bucket,
            debit=request.sender,
            credit=recipient.id,
            amount=request.amount,
            effective=self.clock.now(),
            risk=self._law().risk(await self._confirm(request), is_static=False),
        )
        return _Draft(request, recipient, rules.read_note(request.note), content, crossing)

    async def _checked_recipient(self, request: SendRequest) -> Recipient:
        recipient = request.to or await self.recipient(request.sender, request.phone)
        if request.expects not in {"", recipient.name}:
            raise errors.RecipientChanged
        rules.check_amount(request.amount, self.rules)
        rules.read_note(request.note)
        return recipient

    def _law(self) -> Rules:
        return self.law.on(service_day(self.clock.now()))

    async def _confirm(self, request: SendRequest) -> Strength:
        """Tell how a request is confirmed; above an amount the passcode, or what is stronger, has to be there."""
        strength = self.people.confirmations.read(
            request.sender, request.key, request.confirmation, about=matter(f"send-{request.phone}", request.amount)
        )
        if request.passcode or (strength is Strength.NONE and self.asks_passcode(request.amount)):
            await self.people.check_passcode(request.sender, request.passcode)
            return max(strength, Strength.PASSCODE)
        return strength

    async def _begin(self, draft: _Draft) -> Sending:
        return await self.database.repeat(lambda connection: self._begin_in(connection, draft))

    async def _begin_in(self, connection: Connection, draft: _Draft) -> Sending:
        """Post, and write down what came of it, under the bucket's lock: the same request that came at once waits, and finds it."""
        request, crossing = draft.request, draft.crossing
        await ledger.lock(connection, request.bucket)
        if known := await self._known(connection, request, draft.content):
            return known
        today = service_day(crossing.effective)
        caps = await self._caps(connection, request, today)
        own, theirs = await self._sealed(connection, draft)
        posted = await self.crossings.begin(
            connection, request.bucket, [replace(crossing, body=theirs)], remember=False
        )
        if posted[0].result not in {
            Result.POSTED,
            *errors.REFUSAL_OF_RESULT,
        }:  # the clock was put back: a later id will do
            raise TryAgain
        if posted[0].result is Result.LIMIT_EXCEEDED and await self._would_do(connection, crossing, today):
            raise errors.SendingNotConfirmed
        new = store.NewSending(
            id=crossing.id,
            bucket=request.bucket,
            sender=request.sender,
            recipient=crossing.credit,
            amount=request.amount,
            balance=posted[0].balance,
            sent_at=crossing.effective,
            result=posted[0].result,
            key_hash=key_hash(request.key),
            content=draft.content,
            note=own,
        )
        await store.insert(connection, new)
        if new.result is Result.POSTED:
            await caps_service.count(connection, request.bucket, caps, request.amount, today=today)
        return (await store.by_ids(connection, request.bucket, [new.id]))[new.id]

    async def _would_do(self, connection: Connection, crossing: Crossing, today: date) -> bool:
        """Tell whether the day's limit of a stronger confirmation leaves room; then nothing is remembered, and the key stays free."""
        room = (await ledger.rooms(connection, crossing.bucket, [crossing.debit], day=today))[crossing.debit]
        return any(crossing.amount <= room.left(risk) for risk in STRONGER.get(crossing.risk, ()))

    async def _caps(self, connection: Connection, request: SendRequest, today: date) -> list[Cap]:
        """Give the sender's own caps on everything. Raises `SendingLimitReached` where one of them does not allow so much."""
        room, caps = await caps_service.room(connection, request.bucket, request.sender, today=today)
        if room is not None and request.amount > room:
            raise errors.SendingLimitReached
        return caps

    async def _finish(self, sending: Sending) -> Sending:
        """Bring what is on its way to its end. The money has left already: whatever hinders here, the job goes on."""
        if sending.status is not Status.SENT:
            return sending
        try:
            await self.crossings.finish(sending.bucket, [sending.id])
            async with self.database.connection() as connection:
                return (await store.by_ids(connection, sending.bucket, [sending.id]))[sending.id]
        except Exception:  # whatever it was, "on its way" is the truth
            log.warning("a transfer is still on its way", transfer=sending.id, exc_info=True)
            return sending

    async def _known(self, connection: Connection, request: SendRequest, content: bytes) -> Sending | None:
        found = await store.by_key(connection, request.bucket, sender=request.sender, key_hash=key_hash(request.key))
        if found is None:
            return None
        sending, first_content = found
        if content != first_content:
            raise errors.SendingKeyReused
        return sending

    def _content(self, request: SendRequest) -> bytes:
        """Hash what is asked, with the city's key: a phone number must not be found by trying all of them."""
        try:
            phone = str(request.to.id) if request.to else read_phone(request.phone)
        except PhoneInvalid:  # then nothing is stored, and any value will do
            phone = request.phone
        return self.vault.search_hash("sending", f"{phone}\x1f{request.amount}\x1f{request.note.strip()}")

    async def _sealed(self, connection: Connection, draft: _Draft) -> tuple[bytes, bytes]:
        """Seal the note for both, each under a key of their own; no note is an empty one."""
        if not draft.note:
            return b"", b""
        both = (draft.request.sender, draft.recipient.id)
        keys = await store.data_keys(connection, both)
        own, theirs = (self.vault.unlock(keys[one], one).seal(NOTE_FIELD, draft.note) for one in both)
        return own, theirs

    # --- afterwards

    async def transfer(self, identity: int, *, citizen: int, bucket: int) -> Transfer:
        """Read a transfer that a citizen sent or received. Raises `TransferUnknown`."""
        async with self.database.connection() as connection:
            sent = (await store.by_ids(connection, bucket, [identity])).get(identity)
            received = (await store.arrivals(connection, bucket, [identity])).get(identity)
        if sent and sent.sender == citizen and sent.result is Result.POSTED:
            return await self._told(sent)
        if received and received.recipient == citizen:
            return await self._told(received)
        raise errors.TransferUnknown

    async def tell(
        self, *, citizen: int, bucket: int, crossed: Sequence[int], undone: Sequence[int], lang: str
    ) -> dict[int, Told]:
        """Tell movements of a citizen's wallet: postings that crossed, and transfers that took some back; others are absent."""
        async with self.database.connection() as connection:
            named = await store.undone_by(connection, bucket, undone) if undone else {}
            sent = await store.by_ids(connection, bucket, [*crossed, *named.values()])
            received = await store.arrivals(connection, bucket, crossed) if crossed else {}
        own = {key: one for key, one in sent.items() if one.sender == citizen}
        got = {key: one for key, one in received.items() if one.recipient == citizen}
        others = [one.recipient for one in own.values()] + [one.sender for one in got.values()]
        names = {key: one.name_for_others(lang) for key, one in (await self.people.citizens(others)).items()}
        told = {key: _line(N_("Sent to {name}"), "send", names[one.recipient], key, lang) for key, one in own.items()}
        told |= {key: _line(N_("From {name}"), "hand-coins", names[one.sender], key, lang) for key, one in got.items()}
        return told | {
            key: _line(N_("Back from {name}"), "undo-2", names[own[first].recipient], first, lang)
            for key, first in named.items()
            if first in own
        }

    async def _told(self, row: Sending | Received) -> Transfer:
        """Put a row into the words of whose it is; after a return the balance is what there is now."""
        is_outgoing = isinstance(row, Sending)
        owner, other = (row.sender, row.recipient) if is_outgoing else (row.recipient, row.sender)
        status = row.status if isinstance(row, Sending) else Status.ARRIVED
        async with self.database.connection() as connection:
            key = (await store.data_keys(connection, [owner]))[owner] if row.note else b""
            now = await ledger.balances(connection, row.bucket, [owner]) if status is Status.RETURNED else {}
        return Transfer(
            id=row.id,
            is_outgoing=is_outgoing,
            other=mask_name((await self.people.citizen(other)).name),
            amount=row.amount,
            balance=now.get(owner, row.balance),
            at=row.sent_at if isinstance(row, Sending) else row.arrived_at,
            status=status,
            note=self.vault.unlock(key, owner).open(NOTE_FIELD, row.note) if row.note else "",
            is_held=isinstance(row, Sending) and row.is_held,
        )


def _line(text: str, icon: str, name: str, transfer: int, lang: str) -> Told:
    return Told(translate(lang, text, name=name), icon, f"/transfers/{transfer}")


def _refusal(sending: Sending) -> Exception:
    refusal = errors.REFUSAL_OF_RESULT[sending.result]
    if refusal is errors.MoneyInsufficient:
        return refusal(balance=Money(sending.balance).as_json())
    return refusal()


def build_sendings(base: Foundation, *, people: People, limits: WalletRules) -> Sendings:
    """Put the service together."""
    crossings = Crossings(base.database, base.clock, Mail(base.clock))
    return Sendings(base.database, base.clock, base.ids, base.vault, people, crossings, limits)
