"""What a citizen does with payments: see what a code costs, pay it, look at the receipt and the history."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace as changed
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from haihe.base.audit import Audit
from haihe.base.clock import service_day
from haihe.base.confirmations import matter
from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translate
from haihe.base.money import Money
from haihe.codes.model import CodeRevoked, CodeUnknown
from haihe.ledger.model import TransferKind
from haihe.organisations.model import name_in
from haihe.payments import store
from haihe.payments.attempts import tried_while_frozen
from haihe.payments.dues.model import Owed
from haihe.payments.dues.trade import DueTrade
from haihe.payments.engine import Order, answer_known
from haihe.payments.errors import LIMITED, REFUSAL_OF_STATUS, InProgress, KeyReused, PaymentUnknown
from haihe.payments.keys import charge_hashes, content_hash, key_hash
from haihe.payments.model import (
    MOVED,
    Channel,
    Description,
    Entry,
    HistoryPage,
    PaidPart,
    Payment,
    Quote,
    Receipt,
    Refused,
    Scan,
    Share,
    Source,
    Status,
)
from haihe.payments.movements import Movement, Teller, read_movements, tell
from haihe.payments.references import read_reference, reference
from haihe.payments.refunds.reading import read_rest
from haihe.payments.refunds.telling import ICON as REFUND_ICON, TITLE as REFUND_TITLE, originals, told_as_refund
from haihe.payments.shares import divide, own_part
from haihe.payments.sharing import completed, read_holdings
from haihe.payments.shown_codes import find_shown, with_what
from haihe.wallet.limits.model import LIMITS_PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from haihe.base.batching import Gatherer
    from haihe.base.clock import Clock
    from haihe.base.confirmations import Confirmations
    from haihe.base.database import Connection, Database
    from haihe.codes.payment_codes import PaymentCodes
    from haihe.codes.service import Stickers
    from haihe.organisations.service import Organisations
    from haihe.payments.dues.service import Dues
    from haihe.payments.family.relatives import Relatives
    from haihe.payments.model import Charge, Offer, PaymentRequest
    from haihe.payments.paper.service import PaperCards
    from haihe.payments.sector import Sector
    from haihe.wallet.purses.service import Purses
    from haihe.wallet.sending.model import Told
    from haihe.web.guards import Viewer

HISTORY_LIMIT_MAX: Final = 100

MOVEMENTS: Final[Mapping[int, tuple[str, str]]] = {
    TransferKind.TOP_UP: (N_("Top-up from bank card"), "wallet"),
    TransferKind.OPENING: (N_("Opening balance"), "landmark"),
    TransferKind.GRANT: (N_("Subsidy received"), "hand-coins"),
    TransferKind.CROSSING: (N_("Money between citizens"), "send"),
    TransferKind.REVERSAL: (N_("Money that came back"), "undo-2"),
    TransferKind.LAPSE: (N_("Lapsed, back to the sponsor"), "hourglass"),
    TransferKind.REFUND: (REFUND_TITLE, REFUND_ICON),
    TransferKind.CASH_IN: (N_("Cash paid in at a counter"), "banknote"),
    TransferKind.WITHDRAWAL: (N_("Withdrawal to bank card"), "landmark"),
}
"""Title and icon of money that moved without a payment."""
PLACES: Final[Mapping[int, str]] = {TransferKind.TOP_UP: "/top-up/", TransferKind.WITHDRAWAL: "/withdraw/"}
"""Where those are told about that have a page under their own number."""


@dataclass(frozen=True)
class Payments:
    """Everything that can be paid, by whatever sector's code."""

    database: Database
    clock: Clock
    stickers: Stickers
    codes: PaymentCodes
    papers: PaperCards
    organisations: Organisations
    purses: Purses
    dues: Dues
    sectors: Mapping[str, Sector]
    gatherer: Gatherer[Order, Payment]
    confirmations: Confirmations
    teller: Teller | None = None
    """Tells what moved between citizens; without one the history says only that something did."""
    relatives: Relatives | None = None
    """Knows whose bills else somebody may pay."""
    _working: dict[int, int] = field(default_factory=dict)
    """Key hashes of requests under way in this process, with their content hashes."""

    async def quote(self, viewer: Viewer, code: str, lang: str) -> Quote:
        """Say what a code offers this citizen. Raises `CodeUnknown`, `CodeRevoked` and what its sector refuses."""
        scan, sector = await self._scan(code, payer=viewer.person, bucket=viewer.bucket)
        asking = await sector.ask(scan, lang)
        _insist_on_payee(asking.payee)
        offer = self._completed(asking.offer) if asking.offer else None
        shares = await self._expected_shares(offer, viewer) if offer else None
        return Quote(
            code=code,
            kind=scan.kind,
            payee=self.organisations.by_id(asking.payee).name(lang),
            amount=offer.amount if offer else None,
            description=asking.description,
            own=None if shares is None else own_part(shares),
            parts=self._parts(shares, lang) if shares and offer and offer.is_shared else (),
        )

    async def priced(self, viewer: Viewer, request: PaymentRequest) -> tuple[Offer, int]:
        """Say what a request would pay as things stand: its offer, and the payer's own part in fen. Raises as `pay` up to the price."""
        scan, sector = await self._scan(
            request.code,
            payer=request.payer,
            bucket=request.bucket,
            amount=request.amount,
            companion=request.companion,
        )
        offer = self._completed(await sector.price(scan))
        _insist_on_payee(offer.scan.payee)
        return offer, own_part(await self._expected_shares(offer, viewer))

    async def pay(self, request: PaymentRequest) -> Payment:
        """Pay; the same request with the same key gets the same answer.

        Raises, in this order: `KeyReused`, `InProgress`, `CodeUnknown`, `CodeRevoked`, `AmountMissing`, `AmountFixed`,
        `AmountInvalid`, `ConfirmationInvalid`, `AlreadyPaid`, `PriceChanged`, `CapReached`, `AccountFrozen`, `AccountClosed`,
        `InsufficientFunds`, `LimitReached` or `ConfirmationNeeded`, `PayeeUnavailable`;
        `TryAgain` when the database is away or it is not known whether the commit was heard. Sectors add refusals of their own.
        """

        async def order() -> Order:
            scan, sector = await self._scan(
                request.code,
                payer=request.payer,
                bucket=request.bucket,
                amount=request.amount,
                companion=request.companion,
                tie=request.tie,
            )
            offer = await sector.price(scan)
            _insist_on_payee(offer.scan.payee)
            strength = self.confirmations.read(
                request.payer, request.key, request.confirmation, about=matter(request.code, request.amount)
            )
            return Order(self._completed(offer), sector, key, content, request.own_max, strength, request.by_card)

        key, content = key_hash(request), content_hash(request)
        return await self._pay(request.bucket, key, content, order)

    async def pay_all(self, requests: Sequence[PaymentRequest]) -> list[Payment | Refusal]:
        """Pay several things, each by itself: what one of them is refused, the others do not suffer from."""
        answers = await asyncio.gather(*(self.pay(one) for one in requests), return_exceptions=True)
        return [_refusal_or_payment(answer) for answer in answers]

    async def charge(self, charge: Charge) -> Payment:
        """Let a till be paid by whoever showed it a payment code or a paper card; the same charge with the same key gets the same answer.

        Raises `PaymentCodeUnknown`, `PaymentCodeExpired`, `PaymentCodeUsed`, `PaperCardMistyped`, `PaperCardUnknown`, `PaperCardRevoked`,
        and as `pay` does.
        """
        shown = await find_shown(self.codes, self.papers, charge.code)
        key, content = charge_hashes(changed(charge, code=shown.content), shown.citizen)

        async def order() -> Order:
            shown.check()
            sector = self.sectors[charge.kind]
            scan = Scan(
                kind=charge.kind,
                point=charge.point,
                payee=charge.payee,
                payer=shown.citizen,
                bucket=shown.bucket,
                at=self.clock.now(),
                amount=charge.amount,
                channel=shown.channel,
                code=shown.code,
            )
            return Order(self._completed(await sector.price(scan)), sector, key, content)

        return await self._pay(shown.bucket, key, content, order)

    async def _pay(self, bucket: int, key: int, content: int, make: Callable[[], Awaitable[Order]]) -> Payment:
        if key in self._working:
            raise InProgress if self._working[key] == content else KeyReused
        self._working[key] = content
        try:
            order = await self._order_or_answer(bucket, key, content, make)
            payment = order if isinstance(order, Payment) else await self.gatherer.submit(bucket, order)
        finally:
            del self._working[key]
        if payment.status is Status.ACCOUNT_FROZEN:
            await Audit(self.database, self.clock).note(tried_while_frozen(payment))
        return self._answered(payment)

    async def _order_or_answer(
        self, bucket: int, key: int, content: int, make: Callable[[], Awaitable[Order]]
    ) -> Order | Payment:
        """Make the order; what is refused before the batch is answered by its key first, so that a repeat gets its first answer."""
        try:
            return await make()
        except Refusal:
            async with self.database.connection() as connection:
                known = await store.probe(connection, bucket, key)
            if known is None:
                raise
        payment = answer_known(content, known)
        if isinstance(payment, KeyReused):
            raise payment
        return payment

    async def owed(self, viewer: Viewer, lang: str) -> list[Owed]:
        """Give what is open of what the citizen follows, told in a language, the most urgent first."""
        today = service_day(self.clock.now())
        trades = {one.number: one for one in self.sectors.values() if isinstance(one, DueTrade)}
        return [
            Owed(
                due,
                reference(trades[due.kind].kind, due.id),
                self.organisations.by_id(due.organisation).name(lang),
                trades[due.kind].tell(due, lang),
                is_late=due.due_on < today,
            )
            for due in await self.dues.open_of(viewer.person)
            if due.kind in trades
        ]

    async def owed_for_others(self, viewer: Viewer, lang: str) -> list[Owed]:
        """Give what is open of what the citizen may pay for relatives, told by name and amount only."""
        return await self.relatives.owed(self, viewer, lang) if self.relatives else []

    async def receipt(self, viewer: Viewer, payment_id: int, lang: str) -> Receipt:
        """Give a payment or refund of the viewer's own with its description, and what was given back. Raises `PaymentUnknown`."""
        async with self.database.connection() as connection:
            payment = await _own(connection, viewer, payment_id)
            described = await self.describe(connection, [payment], lang)
            rest = await read_rest(connection, viewer.bucket, payment)
        return Receipt(
            self._named(payment, lang),
            described[payment.id],
            self._parts(payment.paid_by, lang),
            tuple(rest.refunds),
            rest.left,
        )

    async def own(self, viewer: Viewer, payment_id: int) -> Payment:
        """Give a payment or refund of the viewer's own. Raises `PaymentUnknown`."""
        async with self.database.connection() as connection:
            return await _own(connection, viewer, payment_id)

    def paid_parts(self, payment: Payment, lang: str) -> tuple[PaidPart, ...]:
        """Tell who paid what of a payment."""
        return self._parts(payment.paid_by, lang)

    async def history(self, viewer: Viewer, lang: str, *, limit: int, cursor: str | None) -> HistoryPage:
        """Give what moved the citizen's money, purses included, newest first. Raises `CursorInvalid`."""
        async with self.database.connection() as connection:
            movements, next_cursor = await read_movements(
                connection, viewer.bucket, viewer.person, limit=limit, cursor=cursor
            )
            payments = await store.by_ids(connection, viewer.bucket, [one.payment for one in movements if one.payment])
            described = await self.describe(connection, list(payments.values()), lang)
        told = await tell(self.teller, viewer, movements, lang)
        return HistoryPage(tuple(self._entry(one, described, told, lang) for one in movements), next_cursor)

    async def list_payments(
        self, viewer: Viewer, *, limit: int, cursor: str | None
    ) -> tuple[list[Payment], str | None]:
        """Give the citizen's payments, newest first. Raises `CursorInvalid`."""
        found: list[Payment] = []
        async with self.database.connection() as connection:
            while True:
                movements, cursor = await read_movements(
                    connection, viewer.bucket, viewer.person, limit=limit - len(found), cursor=cursor
                )
                ids = [one.payment for one in movements if one.payment]
                payments = await store.by_ids(connection, viewer.bucket, ids)
                paid = [payments[identity] for identity in ids if identity in payments]
                found += [self._named(one) for one in paid if one.status is Status.PAID]
                if cursor is None or len(found) >= limit:
                    return found, cursor

    async def _scan(
        self, code: str, *, payer: int, bucket: int, amount: int | None = None, companion: bool = False, tie: int = 0
    ) -> tuple[Scan, Sector]:
        """Read a code: a sticker's, or a reference to something in the app."""
        now = self.clock.now()
        named = read_reference(code)
        if named is not None:
            sector = self.sectors.get(named[0])
            if sector is None:
                raise CodeUnknown
            scan = Scan(sector.kind, named[1], 0, payer, bucket, now, amount, companion, Channel.APP, tie=tie)
            return scan, sector
        sticker = await self.stickers.find(code)
        scan = Scan(sticker.kind, sticker.point, sticker.organisation, payer, bucket, now, amount, companion)
        if sticker.kind not in self.sectors:  # its sector was removed from the city
            raise CodeRevoked
        return scan, self.sectors[sticker.kind]

    def _completed(self, offer: Offer) -> Offer:
        return completed(offer, self.purses, self.organisations)

    async def _expected_shares(self, offer: Offer, viewer: Viewer) -> tuple[Share, ...]:
        """Say who would pay what as things stand; the batch decides. Raises `SponsorUnavailable` and the like."""
        if not offer.is_shared:
            return (Share(viewer.person, offer.amount, Source.BALANCE),)
        async with self.database.connection() as connection:
            held = await read_holdings(connection, viewer.bucket, [offer])
        shares = divide(offer, held)
        if isinstance(shares, Refused):
            raise REFUSAL_OF_STATUS[shares.status]
        return shares

    def _parts(self, shares: Sequence[Share], lang: str) -> tuple[PaidPart, ...]:
        return tuple(PaidPart(share.source, self._source_name(share, lang), share.amount) for share in shares)

    def _source_name(self, share: Share, lang: str) -> str:
        match share.source:
            case Source.PURSE:
                return name_in(self.purses.directory.schemes[share.scheme].names, lang)
            case Source.FUND:
                return name_in(self.purses.directory.funds[share.account].names, lang)
            case _:
                return translate(lang, N_("Wallet balance"))

    def _answered(self, payment: Payment) -> Payment:
        """Turn a payment row into its answer: the payment, or the refusal that it recorded."""
        if payment.status is Status.PAID:
            return self._named(payment)
        is_own = payment.status is Status.ALREADY_PAID
        details: dict[str, object] = {"payment": str(payment.names)} if is_own else {}
        if payment.status is Status.INSUFFICIENT_FUNDS:
            details["balance"] = Money(payment.balance).as_json()
        if payment.status in LIMITED:
            details["way"] = LIMITS_PATH
        raise REFUSAL_OF_STATUS[payment.status](**details)

    def _named(self, payment: Payment, lang: str = "zh") -> Payment:
        return replace(payment, payee_name=self.organisations.by_id(payment.payee).name(lang))

    async def describe(self, connection: Connection, payments: Sequence[Payment], lang: str) -> dict[int, Description]:
        """Tell payments in a language, by their ids: each by its sector, a refund by the payment that it gives back."""
        given_back = await originals(connection, payments)
        paid = {one.id: one for one in (given_back.get(one.id, one) for one in payments)}
        described = await self._describe_paid(connection, list(paid.values()), lang)
        return {
            one.id: told_as_refund(described[given_back[one.id].id], lang)
            if one.id in given_back
            else described[one.id]
            for one in payments
        }

    async def _describe_paid(
        self, connection: Connection, payments: Sequence[Payment], lang: str
    ) -> dict[int, Description]:
        plain = Description(translate(lang, N_("Payment")), "receipt-text")
        described = {one.id: plain for one in payments}
        for sector in self.sectors.values():
            own = [one for one in payments if one.kind == sector.number and one.channel is not Channel.SYNTHETIC]
            past = [one for one in payments if one.kind == sector.number and one.channel is Channel.SYNTHETIC]
            described |= {one.id: _of_the_past(sector, lang) for one in past}
            if own:
                texts = await sector.describe(connection, own, lang)
                described |= zip((payment.id for payment in own), texts, strict=True)
        return {one.id: _with_paper(one, described[one.id], lang) for one in payments}

    def _entry(
        self, movement: Movement, described: Mapping[int, Description], told: Mapping[int, Told], lang: str
    ) -> Entry:
        if movement.payment in described:
            text = described[movement.payment]
            href = f"/payments/{movement.payment}"
            return Entry(movement.id, text.title, text.icon, movement.amount, movement.effective, href, text.note)
        if line := told.get(movement.id):
            return Entry(movement.id, line.title, line.icon, movement.amount, movement.effective, line.href)
        title, icon = MOVEMENTS[movement.kind]
        href = f"{PLACES[movement.kind]}{movement.id}" if movement.kind in PLACES else ""
        return Entry(movement.id, translate(lang, title), icon, movement.amount, movement.effective, href)


async def _own(connection: Connection, viewer: Viewer, payment_id: int) -> Payment:
    """Read a payment or refund of the viewer's own. Raises `PaymentUnknown`."""
    payment = (await store.by_ids(connection, viewer.bucket, [payment_id])).get(payment_id)
    if payment is None or payment.payer != viewer.person or payment.status not in MOVED:
        raise PaymentUnknown
    return payment


def _with_paper(payment: Payment, told: Description, lang: str) -> Description:
    """Say so where it was paid by paper card."""
    if payment.channel is not Channel.PAPER:
        return told
    line = with_what(lang)
    return changed(told, details=(*told.details, line), note=line[1])


def _of_the_past(sector: Sector, lang: str) -> Description:
    """Tell a payment of the demo's past, which nobody lived; its receipt says so."""
    return Description(translate(lang, sector.title), sector.icon)


def _insist_on_payee(payee: int) -> None:
    """Refuse a reference to what is only paid where it stands, such as a bus: nobody says who is paid."""
    if not payee:
        raise CodeUnknown


def _refusal_or_payment(answer: Payment | BaseException) -> Payment | Refusal:
    if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
        raise answer
    return answer
