"""Every organisation's page of the console: what it charged, was paid, has open and gave back on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from litestar import Request, Response, get

from haihe.base.i18n import N_, number, translate
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right
from haihe.payments import store
from haihe.payments.model import Channel, Payment
from haihe.payments.service import Payments
from haihe.payments.tallies import DayTallies, Tallies
from haihe.payments.tallies_store import HourTally, Sum
from haihe.people.service import People
from haihe.web.guards import Staff
from haihe.web.part import Part, Service
from haihe.web.piles import TONES, piled_bars
from haihe.web.render import Renderer

PATH: Final = "/console/today"
PAGE: Final = ConsolePage(
    PATH,
    N_("Today"),
    N_("What was charged, paid, left open and refunded, by hour and kind"),
    "chart-column",
    Right.SEE_MONEY,
)
"""What every organisation's staff find in their console, if they may see money."""

FIRST_DAY: Final = date(2017, 1, 1)
"""The city has no older payments; far older days have no place on the clock."""
HOURS: Final = range(24)


@dataclass(frozen=True, slots=True)
class Latest:
    """A payment as the organisation that got it may see it."""

    payment: Payment
    payer: str
    title: str

    @property
    def is_synthetic(self) -> bool:
        """Tell whether it belongs to the demo's past, which nobody lived."""
        return self.payment.channel is Channel.SYNTHETIC


@get(PATH, guards=[may(Right.SEE_MONEY)])
async def today_page(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    staff: Staff,
    lang: str,
    tallies: Service[Tallies],
    payments: Service[Payments],
    people: Service[People],
    day: str = "",
) -> Response[str]:
    """Show the day of the organisation whose member of staff asks; today unless another day is asked for."""
    today = tallies.today()
    shown = _day(day, today)
    figures = await tallies.day(staff.organisation, shown)
    return renderer.page(
        request,
        "payments/today.html",
        organisation=payments.organisations.by_id(staff.organisation).name(lang),
        figures=figures,
        kinds=_by_kind(figures.hours, payments, lang),
        hours=_by_hour(figures.hours),
        drawn=_drawn(figures, lang),
        latest=await _latest(figures.latest, payments, people, lang),
        today=today,
        now=tallies.clock.now(),
    )


def _day(text: str, today: date) -> date:
    """Read a day that was asked for; today when it cannot be one, has not come or is from before the city's time."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_DAY <= day <= today else today


def _by_kind(hours: Sequence[HourTally], payments: Payments, lang: str) -> list[tuple[str, Sum]]:
    """Sum up by kind, with the name of each kind."""
    titles = {sector.number: translate(lang, sector.title) for sector in payments.sectors.values()}
    sums = _summed((one.kind, one) for one in hours)
    return [(titles.get(kind, str(kind)), one) for kind, one in sums]


def _by_hour(hours: Sequence[HourTally]) -> list[tuple[int, Sum]]:
    """Sum up by hour, without those in which nothing was paid."""
    return _summed((one.hour, one) for one in hours)


def _summed(tallies: Iterable[tuple[int, HourTally]]) -> list[tuple[int, Sum]]:
    sums: dict[int, Sum] = defaultdict(Sum)
    for key, one in tallies:
        sums[key] = Sum(sums[key].number + one.payments, sums[key].amount + one.amount)
    return sorted(sums.items())


def _drawn(figures: DayTallies, lang: str) -> str:
    """Draw the payments by hour."""
    sums = dict(_by_hour(figures.hours))
    title = translate(lang, N_("Payments by hour"))
    values = [sums[hour].number if hour in sums else 0 for hour in HOURS]
    return piled_bars(title, [(TONES[0], values)], lambda value: number(value, lang))


async def _latest(newest: Sequence[tuple[int, int]], payments: Payments, people: People, lang: str) -> list[Latest]:
    """Read and tell the latest payments; of who paid no more is seen than the first letter."""
    by_bucket: dict[int, list[int]] = defaultdict(list)
    for bucket, identity in newest:
        by_bucket[bucket].append(identity)
    found: dict[int, Payment] = {}
    async with payments.database.connection() as connection:
        for bucket, ids in by_bucket.items():
            found |= await store.by_ids(connection, bucket, ids)
        told = await payments.describe(connection, list(found.values()), lang)
    payers = await people.citizens([one.payer for one in found.values()])
    return [
        Latest(found[identity], payers[found[identity].payer].name_for_others(lang), told[identity].title)
        for _, identity in newest
        if identity in found and identity in told
    ]


HANDLERS: Final = (today_page,)


def part(tallies: Tallies) -> Part:
    """Give the page; its template stands among those of payments."""
    return Part("today", handlers=HANDLERS, dependencies={"tallies": tallies})
