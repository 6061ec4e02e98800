"""`haihe settle`: close the city's days, check the reserve and pay out."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from haihe.base.clock import CITY_ZONE
from haihe.ops.access import context_of, open_city
from haihe.ops.offices import open_offices
from haihe.ops.settling import bank_of, open_settlements
from haihe.ops.terminal import JSON, Exit, plainly, put_json, say, settings_from_here
from haihe.settlement.errors import DayNotOver
from haihe.settlement.model import Closed

if TYPE_CHECKING:
    from haihe.ops.city import City, Context

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Close all days up to this one; yesterday, city time, without it."),
]


def register(commands: typer.Typer, _city: City) -> None:
    """Add the command."""

    @commands.command("settle")
    @plainly
    def settle(*, day: Day = None, json: JSON = False) -> None:
        """Close all days that are over, settle every organisation, compare the reserve with the bank, and pay out.

        Payments go on meanwhile. Again: nothing changes. A running city does it by itself soon after midnight; without one the
        bank cannot be asked, and payouts wait. Exit code 1 when ledger and bank differ; then nothing is paid out.
        """
        settings = settings_from_here()
        try:
            with open_city(settings, say=say) as access:
                closed = asyncio.run(_settle(context_of(settings, access, say=say), day.date() if day else None))
        except DayNotOver as error:
            today = datetime.now(CITY_ZONE).date()
            say(f"haihe: {error.details['day']} is not over; in the city it is {today}")
            raise typer.Exit(Exit.USAGE) from error
        if json:
            put_json(_as_json(closed))
        else:
            say(_told(closed))
        if closed.check and not closed.check.holds:
            raise typer.Exit(Exit.FOUND)


async def _settle(context: Context, until: date | None) -> Closed:
    async with (
        open_offices(context.app_dsn, secrets=context.secrets, base_url=context.settings.base_url) as offices,
        open_settlements(offices, seal_key=context.secrets.seal_key, bank=bank_of(context.home)) as settlements,
    ):
        return await settlements.settle(until, say=say)


def _as_json(closed: Closed) -> dict[str, object]:
    check = closed.check
    return {
        "days": [day.isoformat() for day in closed.days],
        "settlements": closed.settlements,
        "payouts": closed.payouts,
        "reason": closed.reason,
        "reserve": {
            "holds": check.holds,
            "ledger": check.ledger,
            "bank": check.bank,
            "coming": check.coming,
            "going": check.going,
            "difference": check.difference,
            "findings": list(check.findings),
        }
        if check
        else None,
    }


def _told(closed: Closed) -> str:
    days = ", ".join(map(str, closed.days)) or "nothing was open"
    paid = closed.reason or f"{closed.payouts} payouts"
    return f"closed: {days}; {closed.settlements} settlements; {paid}"
