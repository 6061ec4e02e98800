"""Pages of schemes and campaigns: what a citizen has and gets, what a sponsor gave."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get

from haihe.base.i18n import N_
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right, name_in
from haihe.payments.benefits import benefits_of, campaign_facts
from haihe.payments.service import Payments
from haihe.wallet.purses.figures import of_sponsor
from haihe.web.guards import Staff, Viewer
from haihe.web.part import Part, Service
from haihe.web.render import Renderer

PATH: Final = "/console/benefits"
SPONSORS: Final = frozenset({"city", "university", "insurer"})
"""Kinds of organisations that give money with a purpose."""
PAGE: Final = ConsolePage(
    PATH,
    N_("Subsidies and campaigns"),
    N_("Budget, used, left, lapsed; payments and citizens reached"),
    "hand-coins",
    Right.SEE_MONEY,
    SPONSORS,
)


@get("/me/benefits")
async def benefits(
    request: Request[Any, Any, Any], renderer: Renderer, lang: str, viewer: Viewer, payments: Service[Payments]
) -> Response[str]:
    """Show a citizen's purses, where and until when they can be used, and the campaigns that apply."""
    names = payments.organisations.names(lang)
    held, campaigns = await benefits_of(payments.purses, viewer, names, lang)
    return renderer.page(request, "payments/benefits.html", purses=held, campaigns=campaigns)


@get(PATH, guards=[may(Right.SEE_MONEY)])
async def sponsored(
    request: Request[Any, Any, Any], renderer: Renderer, lang: str, staff: Staff, payments: Service[Payments]
) -> Response[str]:
    """Show the schemes and campaigns of the organisation whose member of staff asks."""
    schemes, campaigns = await of_sponsor(payments.purses, staff.organisation)
    return renderer.page(
        request,
        "payments/sponsored.html",
        organisation=payments.organisations.by_id(staff.organisation).name(lang),
        schemes=[(one, name_in(one.scheme.names, lang)) for one in schemes],
        campaigns=[(one, name_in(one.fund.names, lang), campaign_facts(one.terms, lang)) for one in campaigns],
        now=payments.clock.now(),
    )


def part() -> Part:
    """Give the pages; their templates stand among those of payments."""
    return Part("benefits", handlers=(benefits, sponsored))
