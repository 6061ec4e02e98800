"""Refunds above what one person gives alone: asked for by one, given by another's decision, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base.i18n import N_, money, translate
from haihe.organisations.approvals.model import Approval, Change, Done, Kind
from haihe.organisations.model import Right
from haihe.payments.refunds.model import RefundRequest

if TYPE_CHECKING:
    from haihe.base.database import Connection
    from haihe.payments.refunds.service import Refunds

REFUND: Final = "refund"


@dataclass(frozen=True)
class RefundApproval:
    """Shows and gives refunds that two people decided."""

    refunds: Refunds

    def kind(self) -> Kind:
        """Give the kind."""
        right = Right.GIVE_REFUNDS
        return Kind(REFUND, N_("A refund"), "undo-2", right, right, self.show, self.apply)

    async def show(self, approval: Approval, lang: str) -> Sequence[Change]:
        """Say what was refunded of the payment, and what would be. Raises `PaymentUnknown`."""
        wish = approval.read()
        payment, rest = await self.refunds.find(approval.organisation, int(wish["payment"]))
        before = payment.amount - rest.left
        after = before + wish["amount"] if wish["amount"] <= rest.left else before
        return [
            Change(translate(lang, N_("Payment")), str(payment.id), money(payment.amount, lang)),
            Change(translate(lang, N_("Refunded of it")), money(before, lang), money(after, lang)),
            Change(translate(lang, N_("Amount")), "", money(wish["amount"], lang)),
            Change(translate(lang, N_("Reason")), "", wish["reason"]),
        ]

    async def apply(self, connection: Connection, approval: Approval, _: int) -> Done:
        """Give it back, in the decision's transaction: the request's number is the idempotency key."""
        wish = approval.read()
        payment = int(wish["payment"])
        request = RefundRequest(
            payment=payment,
            bucket=await self.refunds.bucket_of(payment),
            organisation=approval.organisation,
            staff=approval.asked_by,
            key=f"approval {approval.id}",
            reason=wish["reason"],
            amount=wish["amount"],
        )
        given = await self.refunds.engine.give_back_one(connection, request)
        return lambda: self.refunds.engine.tell(given.bucket, [given])
