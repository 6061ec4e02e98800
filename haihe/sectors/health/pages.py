"""What a patient sees: bills with their split before paying, visits paid, the personal account, how the year stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get

from haihe.base.errors import Refusal
from haihe.base.i18n import translator
from haihe.payments.dues.model import DueStatus, Owed
from haihe.payments.model import Quote
from haihe.payments.service import Payments
from haihe.sectors.health.model import KIND, NUMBER
from haihe.sectors.health.service import Clinics
from haihe.sectors.health.telling import explain, read_body
from haihe.wallet.purses.service import Purses
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

PageRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill as its patient sees it before paying: who would pay what, or why it cannot be paid now, and how the split came about."""

    owed: Owed
    quote: Quote | None
    refused: str
    why: Sequence[str]


@get("/health")
async def health_page(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    clinics: Service[Clinics],
    payments: Service[Payments],
    purses: Service[Purses],
) -> Response[str]:
    """Show a citizen's own bills, visits and insurance."""
    owed = [one for one in await payments.owed(viewer, lang) if one.due.kind == NUMBER]
    insured, year, policy = await clinics.standing(viewer.person)
    visits = await clinics.visits(viewer.person)
    return renderer.page(
        request,
        "clinic/health.html",
        bills=[await _open_bill(payments, viewer, one, lang) for one in owed],
        visits=[due for due in visits if due.status is not DueStatus.OPEN],
        payees=payments.organisations.names(lang),
        paid=DueStatus.PAID,
        insured=insured,
        year=year,
        policy=policy,
        account=await _account(purses, viewer),
    )


async def _open_bill(payments: Payments, viewer: Viewer, owed: Owed, lang: str) -> OpenBill:
    why = explain(read_body(owed.due).reckoning, lang)
    try:
        return OpenBill(owed, await payments.quote(viewer, owed.code, lang), "", why)
    except Refusal as refusal:
        return OpenBill(owed, None, refusal.message(translator(lang)), why)


async def _account(purses: Purses, viewer: Viewer) -> int | None:
    """Tell what is on the personal account; None where there is none."""
    held = await purses.of(citizen=viewer.person, bucket=viewer.bucket)
    taken = [purse.amount for purse in held if KIND in purses.terms(purse.scheme).accepted.kinds]
    return sum(taken) if taken else None


HANDLERS: Final = (health_page,)
