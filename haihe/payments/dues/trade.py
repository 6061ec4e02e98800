"""A kind of due as a sector of payments: found by its number, paid once by whoever follows it, told by its sector."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from haihe.base.database import Connection
from haihe.base.i18n import translate
from haihe.payments.dues import store
from haihe.payments.dues.model import Due, DueStatus, DueUnknown
from haihe.payments.dues.service import Dues
from haihe.payments.errors import AmountFixed, NoLongerDue, Settled
from haihe.payments.family import judging, store as ties
from haihe.payments.model import Asking, Description, Offer, Payment, Refused, Scan, Status

Tell = Callable[[Due, str], Description]
"""Tells a due in a language, from its body alone."""
Shape = Callable[[Due, Offer], Awaitable[Offer]]
"""Adds who else pays: contributions and purses; may refuse."""
After = Callable[[Connection, int, Sequence[tuple[Due, Payment]]], Awaitable[None]]
"""Writes the sector's own rows for dues of one bucket's batch that were paid, in the payment's transaction."""


Outline = Callable[[Due, str], str]
"""Names a due in a language for who may pay it and not look into it."""


async def _as_it_is(due: Due, offer: Offer) -> Offer:  # noqa: ARG001 - the hook's shape
    return offer


async def _nothing(connection: Connection, bucket: int, paid: Sequence[tuple[Due, Payment]]) -> None:
    """Write nothing more."""


@dataclass(frozen=True)
class DueTrade:
    """The sector of one kind of due: a scan's `point` is the due. `kind`, `number`, `icon` and `title` as in `Sector`.

    `is_shareable`: people may let a relative pay them. `outline` is all that such a relative reads of one (without it only the title of
    the kind): no name, address, number or figure of the owner's.
    """

    kind: str
    number: int
    icon: str
    title: str
    dues: Dues
    tell: Tell
    shape: Shape = _as_it_is
    after: After = _nothing
    is_shareable: bool = False
    outline: Outline | None = None

    async def price(self, scan: Scan) -> Offer:
        """Offer what is owed. Raises `DueUnknown`, `Settled`, `NoLongerDue`, `AmountFixed`."""
        due, tie = await self._payable(scan)
        return await self._offer(replace(scan, tie=tie), due)

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell what is owed."""
        due, tie = await self._payable(scan)
        offer = await self._offer(replace(scan, tie=tie), due)
        told = self.told_to_relative(due, language) if tie and not scan.tie else self.tell(due, language)
        return Asking(due.organisation, told, offer)

    def told_to_relative(self, due: Due, language: str) -> Description:
        """Tell a due to who may pay it for somebody else: what it is called, nothing more."""
        name = self.outline(due, language) if self.outline else translate(language, self.title)
        return Description(name, self.icon)

    async def _offer(self, scan: Scan, due: Due) -> Offer:
        if scan.amount is not None:
            raise AmountFixed
        plain = Offer(replace(scan, payee=due.organisation), due.amount, due.service)
        return await self.shape(due, plain)

    async def _payable(self, scan: Scan) -> tuple[Due, int]:
        """Read a due that can be paid now, and by which tie (0 as one's own); a helper's mandate is named by the scan."""
        due, tie = await self.dues.payable(scan.point, scan.payer)
        if (tie or scan.tie) and not self.is_shareable:
            raise DueUnknown
        if due.kind != self.number or due.status is DueStatus.WITHDRAWN:
            raise NoLongerDue
        if due.status is DueStatus.PAID:
            raise Settled(**({"payment": str(due.payment)} if due.payer == scan.payer else {}))
        if not due.is_payable(scan.at):
            raise NoLongerDue
        return due, scan.tie or tie

    async def admit(
        self,
        connection: Connection,
        bucket: int,  # noqa: ARG002 - dues have none
        offers: Sequence[Offer],
    ) -> Sequence[Refused | None]:
        """Refuse what was paid or withdrawn meanwhile, and what a tie does not allow; the dues stay locked until the batch ends."""
        locked = await store.lock(connection, sorted({offer.scan.point for offer in offers}))
        seen: set[int] = set()
        verdicts = [_verdict(offer.scan, locked, seen) for offer in offers]
        tied = await judging.judge(connection, offers)
        return [verdict or no for verdict, no in zip(verdicts, tied, strict=True)]

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write down which payment settled each due."""
        rows = [(offer.scan.point, one.id, one.payer, bucket, one.paid_at) for offer, one in paid]
        await store.settle(connection, rows)
        if self.after is _nothing and not any(offer.scan.tie for offer, _ in paid):
            return
        dues = await store.by_ids(connection, [offer.scan.point for offer, _ in paid])
        await self.after(connection, bucket, [(dues[offer.scan.point], payment) for offer, payment in paid])
        await judging.write_down(
            connection,
            bucket,
            paid,
            lambda offer, language: self.told_to_relative(dues[offer.scan.point], language).title,
        )

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        """Tell what was paid; a relative's receipt says no more than the bill did before."""
        dues = await store.by_ids(connection, [payment.point for payment in payments])
        hidden = (
            await ties.by_relatives(connection, payments[0].bucket, [one.id for one in payments]) if payments else ()
        )
        return [
            self.told_to_relative(dues[one.point], language)
            if one.id in hidden
            else self.tell(dues[one.point], language)
            for one in payments
        ]


_ENDED: Final = {DueStatus.PAID: Status.SETTLED, DueStatus.WITHDRAWN: Status.NO_LONGER_DUE}


def _verdict(scan: Scan, locked: dict[int, tuple[DueStatus, int, datetime | None]], seen: set[int]) -> Refused | None:
    """Refuse an ended due, and one that another payer of the same batch pays."""
    status, payment, expires_at = locked.get(scan.point, (DueStatus.WITHDRAWN, 0, None))
    if status is not DueStatus.OPEN:
        return Refused(_ENDED[status], names=payment)
    if expires_at is not None and scan.at >= expires_at:
        return Refused(Status.NO_LONGER_DUE)
    if scan.point in seen:
        return Refused(Status.SETTLED)
    seen.add(scan.point)
    return None
