"""What is written into the audit log of payments that were refused: most are nobody's fault, some may be a thief's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from haihe.base.audit import Actor, Deed
from haihe.payments.errors import AccountFrozen
from haihe.payments.model import AT_TILLS

if TYPE_CHECKING:
    from haihe.payments.model import Payment


def tried_while_frozen(payment: Payment) -> Deed:
    """Say that somebody tried to pay from a frozen wallet: perhaps whoever holds the stolen phone."""
    at_till = payment.channel in AT_TILLS
    return Deed(
        action="payment_tried",
        actor=Actor.TERMINAL if at_till else Actor.CITIZEN,
        actor_id=payment.point if at_till else payment.payer,
        organisation=payment.payee,
        subject=payment.payer,
        outcome=AccountFrozen.code,
        details={"payment": str(payment.id)},
    )
