"""The console's pages of settlement: an organisation's closed days with their files, the city's view of all, the reserve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from litestar import MediaType, Request, Response, get, post
from litestar.response import Redirect, Stream

from haihe.base.i18n import N_, compact, translate
from haihe.base.money import YUAN_FEN
from haihe.ledger.model import AccountKind
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right
from haihe.settlement.model import Figures, Payout, PayoutStatus, Settlement
from haihe.settlement.service import Settlements
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer
from haihe.web.svg import Chart, bar_chart

OWN: Final = "/console/settlement"
ALL: Final = "/console/settlements"
CITY: Final = "city"
"""The kind of organisation whose staff see all others."""
PAGES: Final = (
    ConsolePage(
        OWN,
        N_("Day close"),
        N_("What each closed day brought, what was paid out, and the file with every payment"),
        "calendar-check",
        Right.SEE_MONEY,
    ),
    ConsolePage(
        ALL,
        N_("Settlement and reserve"),
        N_("Every organisation's closed days, and whether the ledger agrees with the bank"),
        "vault",
        Right.SEE_MONEY,
        frozenset({CITY}),
    ),
)
CHART_DAYS_MAX: Final = 14
CSV: Final = "text/csv; charset=utf-8; header=present"

KIND_NAMES: Final[Mapping[AccountKind, str]] = {
    AccountKind.WALLET: N_("Citizens' wallets"),
    AccountKind.PURSE: N_("Citizens' purses"),
    AccountKind.TILL: N_("Organisations' tills"),
    AccountKind.RESERVE: N_("Reserve at the bank"),
    AccountKind.IN_TRANSIT: N_("In transit"),
    AccountKind.BRIDGE: N_("On the way between citizens"),
    AccountKind.SUSPENSE: N_("Held, because a wallet is frozen"),
    AccountKind.FEES: N_("The city's fees"),
    AccountKind.CITY_FUNDS: N_("Sponsors' funds"),
    AccountKind.REFUNDS_IN_FLIGHT: N_("Refunds on their way"),
    AccountKind.DEBTS: N_("Debts of citizens"),
    AccountKind.CLAIMS: N_("Claims on sponsors"),
    AccountKind.PAYOUTS: N_("Payouts on their way"),
}
"""How the page calls an account's kind."""

STATES: Final[Mapping[PayoutStatus, str]] = {
    PayoutStatus.PLANNED: N_("On its way"),
    PayoutStatus.ASKED: N_("On its way"),
    PayoutStatus.UNKNOWN: N_("The bank has not answered yet"),
    PayoutStatus.DONE: N_("Paid out"),
    PayoutStatus.REFUSED: N_("Refused by the bank, owed on"),
    PayoutStatus.EMPTY: N_("Nothing was left to pay out"),
}
WAITING: Final = N_("Waits for the next payout")
NOTHING: Final = N_("Nothing to pay out")
NEVER: Final = N_("Never paid out")

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A closed day as a page shows it: whose, what it brought, what became of its money (a msgid)."""

    name: str
    settlement: Settlement
    payout: Payout | None

    @property
    def state(self) -> str:
        """Say what became of the day's money."""
        if not self.settlement.is_paid_out:
            return NEVER
        if self.payout:
            return STATES[self.payout.status]
        return WAITING if self.settlement.net > 0 else NOTHING


@get(OWN, guards=[may(Right.SEE_MONEY)])
async def own_page(
    request: AnyRequest, renderer: Renderer, staff: Staff, lang: str, settlements: Service[Settlements]
) -> Response[str]:
    """Show the closed days of the organisation whose member of staff asks."""
    days, payouts = await settlements.of_organisation(staff.organisation)
    name = settlements.organisations.by_id(staff.organisation).name(lang)
    return renderer.page(
        request,
        "settlement/own.html",
        organisation=name,
        lines=[Line(name, settlement, payouts.get(settlement.day)) for settlement in days],
        on_way=sum(payout.amount for payout in {one.id: one for one in payouts.values()}.values() if payout.is_open),
        chart=_chart(days, lang),
        today=settlements.today(),
        verifier_key=settlements.signer.verifier_key,
    )


def _chart(days: Sequence[Settlement], lang: str) -> str:
    """Draw what the newest days brought, in yuan; one day alone needs no picture."""
    shown = [one for one in reversed(days[:CHART_DAYS_MAX]) if one.is_paid_out]
    if len(shown) < 2:
        return ""
    title = translate(lang, N_("Net by day"))
    values = [max(0, one.net) / YUAN_FEN for one in shown]
    ticks = [str(one.day.day) for one in shown]
    return bar_chart(Chart(title, [(title, values)], ticks, lambda value: f"¥{compact(value, lang)}"))


@get(OWN + "/{day:str}/payments.csv", guards=[may(Right.SEE_MONEY)])
async def own_file(staff: Staff, day: str, settlements: Service[Settlements]) -> Stream:
    """Give the file with every payment of the own organisation's closed day."""
    settlement = await settlements.settlement(staff.organisation, _day(day))
    headers = _attached(settlements, settlement, "csv")
    return Stream(settlements.file(settlement), media_type=CSV, headers=headers)


@get(OWN + "/{day:str}/statement.txt", guards=[may(Right.SEE_MONEY)])
async def own_statement(staff: Staff, day: str, settlements: Service[Settlements]) -> Response[str]:
    """Give the signed statement of the own organisation's closed day."""
    settlement = await settlements.settlement(staff.organisation, _day(day))
    text = settlements.statement(settlement)
    return Response(text, media_type=MediaType.TEXT, headers=_attached(settlements, settlement, "txt"))


def _attached(settlements: Settlements, settlement: Settlement, ending: str) -> dict[str, str]:
    key = settlements.organisations.by_id(settlement.organisation).key
    name = f"{key}-{settlement.day.isoformat()}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}


def _day(text: str) -> date:
    """Read a day of an address. Raises `NotFound` for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error


@get(ALL, guards=[may(Right.SEE_MONEY)])
async def all_page(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    settlements: Service[Settlements],
    day: str = "",
) -> Response[str]:
    """Show all organisations' settlements of a day, and the reserve, to the city office."""
    _insist_city(settlements, staff)
    days = await settlements.days()
    shown = next((one for one in days if one.isoformat() == day), days[0] if days else None)
    found, payouts = await settlements.of_day(shown) if shown else ([], {})
    names = settlements.organisations.names(lang)
    checks = await settlements.reserve.newest()
    return renderer.page(
        request,
        "settlement/all.html",
        day=shown,
        days=days,
        lines=[Line(names[one.organisation], one, payouts.get(one.organisation)) for one in found],
        whole=sum((Figures(one.lines, one.gross, one.refunded) for one in found), Figures()),
        fees=sum(one.fee for one in found),
        check=checks[0] if checks else None,
        kinds=[(KIND_NAMES[kind], amount) for kind, amount in (await settlements.reserve.by_kind()).items()],
        today=settlements.today(),
    )


def _insist_city(settlements: Settlements, staff: Staff) -> None:
    """Raise `NotFound` for whoever does not work for the city office."""
    if settlements.organisations.by_id(staff.organisation).kind != CITY:
        raise NotFound


@post(ALL + "/check", guards=[may(Right.SEE_MONEY)])
async def check_now(staff: Staff, settlements: Service[Settlements]) -> Redirect:
    """Compare ledger and bank at once."""
    _insist_city(settlements, staff)
    await settlements.reserve.check()
    return Redirect(ALL, status_code=303)


HANDLERS: Final = (own_page, own_file, own_statement, all_page, check_now)
