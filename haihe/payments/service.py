"""What a citizen does with payments: see what a code costs, pay it, look at the receipt and the history."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translate
from haihe.base.money import Money
from haihe.ledger import store as ledger_store
from haihe.ledger.model import TransferKind
from haihe.payments import store
from haihe.payments.engine import Order, answer_known
from haihe.payments.errors import REFUSAL_OF_STATUS, CursorInvalid, InProgress, KeyReused, PaymentUnknown
from haihe.payments.keys import content_hash, key_hash
from haihe.payments.model import Entry, HistoryPage, Payment, Quote, Receipt, Scan, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from haihe.base.batching import Gatherer
    from haihe.base.clock import Clock
    from haihe.base.database import Connection, Database
    from haihe.codes.service import Stickers
    from haihe.ledger.store import StatementRow
    from haihe.organisations.service import Organisations
    from haihe.payments.model import Description, PaymentRequest
    from haihe.payments.sector import Sector
    from haihe.web.guards import Viewer

HISTORY_LIMIT_MAX: Final = 100

MOVEMENTS: Final[Mapping[int, tuple[str, str]]] = {
    TransferKind.TOP_UP: (N_("Top-up from bank card"), "wallet"),
    TransferKind.OPENING: (N_("Opening balance"), "landmark"),
}
"""Title and icon of money that moved without a payment."""


@dataclass(frozen=True)
class Payments:
    """Everything that can be paid, by whatever sector's code."""

    database: Database
    clock: Clock
    stickers: Stickers
    organisations: Organisations
    sectors: Mapping[str, Sector]
    gatherer: Gatherer[Order, Payment]
    _working: dict[int, int] = field(default_factory=dict)
    """Key hashes of requests under way in this process, with their content hashes."""

    async def quote(self, viewer: Viewer, code: str, lang: str) -> Quote:
        """Say what a code offers this citizen. Raises `CodeUnknown`, `CodeRevoked`."""
        scan, sector = await self._scan(code, payer=viewer.person, bucket=viewer.bucket)
        return Quote(
            code=code,
            kind=scan.kind,
            payee=self.organisations.by_id(scan.payee).name(lang),
            amount=sector.asking_price(scan),
            description=sector.describe_scan(scan, lang),
        )

    async def pay(self, request: PaymentRequest) -> Payment:
        """Pay; the same request with the same key gets the same answer.

        Raises, in this order: `KeyReused`, `InProgress`, `CodeUnknown`, `CodeRevoked`, `AmountMissing`, `AmountFixed`,
        `AmountInvalid`, `AlreadyPaid`, `AccountFrozen`, `AccountClosed`, `InsufficientFunds`, `LimitReached`, `PayeeUnavailable`;
        `TryAgain` when the database is away or it is not known whether the commit was heard.
        """
        key, content = key_hash(request), content_hash(request)
        if key in self._working:
            raise InProgress if self._working[key] == content else KeyReused
        self._working[key] = content
        try:
            order = await self._order(request, key, content)
            payment = order if isinstance(order, Payment) else await self.gatherer.submit(request.bucket, order)
        finally:
            del self._working[key]
        return self._answered(payment)

    async def receipt(self, viewer: Viewer, payment_id: int, lang: str) -> Receipt:
        """Give a payment of the viewer's own with its description. Raises `PaymentUnknown`."""
        async with self.database.connection() as connection:
            payment = (await store.by_ids(connection, viewer.bucket, [payment_id])).get(payment_id)
            if payment is None or payment.payer != viewer.person or payment.status is not Status.PAID:
                raise PaymentUnknown
            described = await self._describe(connection, [payment], lang)
        return Receipt(self._named(payment, lang), described[payment.id])

    async def history(self, viewer: Viewer, lang: str, *, limit: int, cursor: str | None) -> HistoryPage:
        """Give what moved the citizen's money, newest first: payments, top-ups. Raises `CursorInvalid`."""
        async with self.database.connection() as connection:
            rows, next_cursor = await self._statement(connection, viewer, limit=limit, cursor=cursor)
            payments = await store.by_ids(connection, viewer.bucket, [row.payment for row in rows if row.payment])
            described = await self._describe(connection, list(payments.values()), lang)
        return HistoryPage(tuple(_entry(row, viewer.person, described, lang) for row in rows), next_cursor)

    async def list_payments(
        self, viewer: Viewer, *, limit: int, cursor: str | None
    ) -> tuple[list[Payment], str | None]:
        """Give the citizen's payments, newest first. Raises `CursorInvalid`."""
        found: list[Payment] = []
        async with self.database.connection() as connection:
            while True:
                rows, cursor = await self._statement(connection, viewer, limit=limit - len(found), cursor=cursor)
                payments = await store.by_ids(connection, viewer.bucket, [row.payment for row in rows if row.payment])
                found += [self._named(payments[row.payment]) for row in rows if row.payment in payments]
                if cursor is None or len(found) >= limit:
                    return found, cursor

    async def _scan(
        self, code: str, *, payer: int, bucket: int, amount: int | None = None, companion: bool = False
    ) -> tuple[Scan, Sector]:
        sticker = await self.stickers.find(code)
        scan = Scan(
            kind=sticker.kind,
            point=sticker.point,
            payee=sticker.organisation,
            payer=payer,
            bucket=bucket,
            at=self.clock.now(),
            amount=amount,
            companion=companion,
        )
        return scan, self.sectors[sticker.kind]

    async def _order(self, request: PaymentRequest, key: int, content: int) -> Order | Payment:
        """Make the order; what is refused before the batch is answered by its key first, so that a repeat gets its first answer."""
        try:
            scan, sector = await self._scan(
                request.code,
                payer=request.payer,
                bucket=request.bucket,
                amount=request.amount,
                companion=request.companion,
            )
            return Order(sector.price(scan), sector, request.channel, key, content)
        except Refusal:
            async with self.database.connection() as connection:
                known = await store.probe(connection, request.bucket, key)
            if known is None:
                raise
        payment = answer_known(content, known)
        if isinstance(payment, KeyReused):
            raise payment
        return payment

    def _answered(self, payment: Payment) -> Payment:
        """Turn a payment row into its answer: the payment, or the refusal that it recorded."""
        if payment.status is Status.PAID:
            return self._named(payment)
        details: dict[str, object] = {"payment": str(payment.names)} if payment.names else {}
        if payment.status is Status.INSUFFICIENT_FUNDS:
            details["balance"] = Money(payment.balance).as_json()
        raise REFUSAL_OF_STATUS[payment.status](**details)

    def _named(self, payment: Payment, lang: str = "zh") -> Payment:
        return replace(payment, payee_name=self.organisations.by_id(payment.payee).name(lang))

    async def _describe(self, connection: Connection, payments: Sequence[Payment], lang: str) -> dict[int, Description]:
        described: dict[int, Description] = {}
        for sector in self.sectors.values():
            own = [payment for payment in payments if payment.kind == sector.number]
            if own:
                texts = await sector.describe(connection, own, lang)
                described |= zip((payment.id for payment in own), texts, strict=True)
        return described

    async def _statement(
        self, connection: Connection, viewer: Viewer, *, limit: int, cursor: str | None
    ) -> tuple[list[StatementRow], str | None]:
        if cursor is None:
            start = await ledger_store.last_transfer(connection, viewer.bucket, viewer.person)
        else:
            start = _start_of(cursor)
        rows = await ledger_store.statement(connection, viewer.bucket, viewer.person, start=start, limit=limit)
        if cursor is not None and not rows:
            raise CursorInvalid
        return rows, str(rows[-1].before) if rows and rows[-1].before else None


def _start_of(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > len(str(1 << 63)) - 1:
        raise CursorInvalid
    return int(cursor)


def _entry(row: StatementRow, account: int, described: Mapping[int, Description], lang: str) -> Entry:
    amount = -row.amount if row.debit == account else row.amount
    if row.payment in described:
        text = described[row.payment]
        return Entry(row.id, text.title, text.icon, amount, row.effective, f"/payments/{row.payment}")
    title, icon = MOVEMENTS[row.kind]
    return Entry(row.id, translate(lang, title), icon, amount, row.effective, "")
