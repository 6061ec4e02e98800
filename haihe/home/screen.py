"""What stands on the home screen: what is due and what is in the purses, as lines that a template only draws."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from haihe.base.i18n import N_, translate
from haihe.home.services import ServiceLink
from haihe.organisations.model import name_in
from haihe.payments.dues.model import Owed
from haihe.wallet.purses.model import Purse, Scheme
from haihe.web.part import Link


@dataclass(frozen=True)
class HomeScreen:
    """What the composition root tells the home screen.

    The tiles of sectors, the address that stands in stickers, and where services are paid by the catalogue's word for their sector;
    `unread` counts a citizen's unread notices, for the bell.
    """

    tiles: tuple[Link, ...]
    city_url: str
    service_links: Mapping[str, ServiceLink] = field(default_factory=dict)
    unread: Callable[[int], Awaitable[int]] | None = None


@dataclass(frozen=True, slots=True)
class DueLine:
    """Something that is owed; `amount` in fen, `until` says by when."""

    href: str
    icon: str
    title: str
    amount: int
    until: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class PurseLine:
    """A purse's name, and in fen what is left in it."""

    name: str
    amount: int


def due_lines(owed: Sequence[Owed], *, today: date, lang: str) -> list[DueLine]:
    """Tell what is owed, in the order in which it was given."""
    return [
        DueLine(
            f"/s/{one.code}",
            one.description.icon,
            translate(lang, N_("Bills of {name}: {title}"), name=one.owner, title=one.description.title)
            if one.owner
            else one.description.title,
            one.due.amount,
            _until(one, today=today, lang=lang),
            one.is_late,
        )
        for one in owed
    ]


def _until(one: Owed, *, today: date, lang: str) -> str:
    if one.due.expires_at is not None:
        return translate(lang, N_("Pay until {at:short_moment}"), at=one.due.expires_at)
    if one.is_late:
        return translate(lang, N_("Overdue, was due {day:day}"), day=one.due.due_on)
    if one.due.due_on == today:
        return translate(lang, N_("Due today"))
    return translate(lang, N_("Due by {day:day}"), day=one.due.due_on)


def purse_lines(purses: Sequence[Purse], schemes: Mapping[int, Scheme], lang: str) -> list[PurseLine]:
    """Name the purses in which something is left; a scheme that this process does not know yet is left out."""
    return [
        PurseLine(name_in(schemes[purse.scheme].names, lang), purse.amount)
        for purse in purses
        if purse.amount and purse.scheme in schemes
    ]
