"""Ties in a batch of payments: whether they still hold, what they allow in the month, and what is written down of it.

All of it happens in the payments' transaction, with the ties held: a tie that was ended pays nothing any more, and no number of
payments at once passes a mandate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.i18n import SOURCE_LANGUAGE
from haihe.base.outbox import News
from haihe.payments.family import store
from haihe.payments.family.store import HeldTie
from haihe.payments.model import Offer, Payment, Refused, Status
from haihe.people.family.model import Right, Role, State

PAID_FOR: Final = "bill_paid_for"
"""The deed of a helper who has paid somebody's bill from that person's wallet."""
NEWS: Final = "bill_paid_by_relative"

Title = Callable[[Offer, str], str]
"""Names what an offer pays in a language, without anything that its payer shall not see."""


async def judge(connection: Connection, offers: Sequence[Offer]) -> list[Refused | None]:
    """Refuse what its tie does not allow, and hold the ties until the batch ends; who pays for oneself is not asked."""
    ties = sorted({offer.scan.tie for offer in offers if offer.scan.tie})
    if not ties:
        return [None] * len(offers)
    held = await store.lock(connection, ties)
    month = min(service_day(offer.scan.at) for offer in offers).replace(day=1)
    spent = await store.spent(connection, ties, since=month)
    return [_verdict(offer, held, spent) for offer in offers]


def _verdict(offer: Offer, held: Mapping[int, HeldTie], spent: dict[int, int]) -> Refused | None:
    """Judge one offer, and count it for the next one of the same tie."""
    scan = offer.scan
    if not scan.tie:
        return None
    tie = held.get(scan.tie)
    if tie is None or tie.state is not State.LINKED or service_day(scan.at) > tie.until:
        return Refused(Status.TIE_ENDED)
    if tie.role is Role.RELATIVE:
        return None if scan.payer == tie.member else Refused(Status.TIE_ENDED)
    if scan.payer != tie.owner or Right.PAY_BILLS not in tie.rights:
        return Refused(Status.TIE_ENDED)
    if spent.get(tie.id, 0) + offer.amount > tie.month_max:
        return Refused(Status.MANDATE_REACHED)
    spent[tie.id] = spent.get(tie.id, 0) + offer.amount
    return None


async def write_down(connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]], title: Title) -> None:
    """Write down what was paid by ties; tell owners whose relatives paid, and note what helpers did."""
    tied = [(offer, payment) for offer, payment in paid if offer.scan.tie]
    if not tied:
        return
    ties = await store.lock(connection, sorted({offer.scan.tie for offer, _ in tied}))
    rows = [(one.id, offer.scan.tie, one.amount, service_day(one.paid_at)) for offer, one in tied]
    await store.insert(connection, bucket, rows)
    by_relatives = [pair for pair in tied if ties[pair[0].scan.tie].role is Role.RELATIVE]
    if by_relatives:
        languages = await store.languages(connection, [ties[offer.scan.tie].owner for offer, _ in by_relatives])
        news = [_news(ties[offer.scan.tie].owner, offer, one, languages, title) for offer, one in by_relatives]
        await outbox.publish(connection, bucket, news, at=by_relatives[0][1].paid_at)
    deeds = [_deed(ties[offer.scan.tie], one) for offer, one in tied]
    await audit.write(connection, deeds, at=tied[0][1].paid_at)


def _news(owner: int, offer: Offer, payment: Payment, languages: Mapping[int, str], title: Title) -> News:
    words = title(offer, languages.get(owner, SOURCE_LANGUAGE))
    return News(NEWS, owner, {"amount": payment.amount, "title": words})


def _deed(tie: HeldTie, payment: Payment) -> Deed:
    details = {"tie": str(tie.id), "payment": str(payment.id), "amount": payment.amount}
    return Deed(action=PAID_FOR, actor=Actor.CITIZEN, actor_id=tie.member, subject=tie.owner, details=details)
