"""The JSON API of the city's figures: the same as the page's, for everybody."""

from __future__ import annotations

import msgspec
from litestar import get

from haihe.base.i18n import translate
from haihe.city.model import Figures, Progress, SectorFigures, Spans
from haihe.city.service import City
from haihe.web.json_api import problems
from haihe.web.part import Service


class SpansAnswer(msgspec.Struct, frozen=True):
    """A quantity this year until now, last year until the same day, and all of last year."""

    this_year: int
    last_year_to_same_day: int
    last_year: int


class RegisteredAnswer(msgspec.Struct, frozen=True):
    """Who is registered in this installation, beside the city's population; `share` is between 0 and 1."""

    people: int
    population: int
    population_source: str
    share: float


class FoundingCaseAnswer(msgspec.Struct, frozen=True):
    """How far the real city had come: a published figure, not one of this installation."""

    registered: int
    share: float
    source: str


class SectorAnswer(msgspec.Struct, frozen=True):
    """One kind of thing that is paid. `times` compares this year's payers with last year's to the same day; null without any."""

    kind: str
    title: str
    payers: SpansAnswer
    times: float | None
    payments: SpansAnswer
    payments_today: int
    payments_today_by_hour: tuple[int, ...]


class MilestoneAnswer(msgspec.Struct, frozen=True):
    """A milestone of the programme: `standing` is reached, under_way or overdue."""

    key: str
    name: str
    measure: str
    of: str
    measured: int
    target: int
    due: str
    standing: str


class CityAnswer(msgspec.Struct, frozen=True):
    """The whole city as of a moment. `synthetic`: a past that nobody lived is among it.

    `amount` (what was paid) and `refunded` in fen, of all sectors together; what was paid is not lessened by refunds.
    """

    as_of: str
    day: str
    same_day_last_year: str
    synthetic: bool
    registered: RegisteredAnswer
    founding_case: FoundingCaseAnswer
    amount: SpansAnswer
    refunded: SpansAnswer
    sectors: tuple[SectorAnswer, ...]
    milestones: tuple[MilestoneAnswer, ...]


@get(
    "/api/city",
    include_in_schema=True,
    summary="The city's figures",
    tags=["city"],
    responses=problems(503),
)
async def city_api(city: Service[City], lang: str) -> CityAnswer:
    """Give the figures of the city's page: sums over all people and organisations, as of about a second ago."""
    return answer_of(await city.figures(), lang)


def answer_of(figures: Figures, lang: str) -> CityAnswer:
    """Write the figures as the API answers them."""
    about = figures.about
    return CityAnswer(
        as_of=figures.at.isoformat(timespec="milliseconds"),
        day=figures.today.isoformat(),
        same_day_last_year=figures.same_day.isoformat(),
        synthetic=figures.has_synthetic,
        registered=RegisteredAnswer(
            figures.registered, about.population.value, about.population.source(lang), figures.share
        ),
        founding_case=FoundingCaseAnswer(
            about.founding_case.value,
            about.founding_case.value / about.population.value,
            about.founding_case.source(lang),
        ),
        amount=_spans(figures.amount),
        refunded=_spans(figures.refunded),
        sectors=tuple(_sector(one, lang) for one in figures.sectors),
        milestones=tuple(_milestone(one, lang) for one in figures.milestones),
    )


def _spans(spans: Spans) -> SpansAnswer:
    return SpansAnswer(spans.this_year, spans.to_same_day, spans.last_year)


def _sector(sector: SectorFigures, lang: str) -> SectorAnswer:
    return SectorAnswer(
        kind=sector.kind,
        title=translate(lang, sector.title),
        payers=_spans(sector.payers),
        times=sector.payers.times,
        payments=_spans(sector.payments),
        payments_today=sector.today,
        payments_today_by_hour=tuple(sector.hours),
    )


def _milestone(one: Progress, lang: str) -> MilestoneAnswer:
    milestone = one.milestone
    return MilestoneAnswer(
        key=milestone.key,
        name=milestone.name(lang),
        measure=milestone.measure,
        of=milestone.of,
        measured=one.measured,
        target=milestone.target,
        due=milestone.due.isoformat(),
        standing=one.standing,
    )


HANDLERS = (city_api,)
