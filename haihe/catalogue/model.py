"""The catalogue's words: a service, its terms from a day on, opening hours, and how each is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from haihe.base.errors import Refusal, Translate
from haihe.base.i18n import N_
from haihe.catalogue.prices import Price
from haihe.organisations.model import name_in

EVERY_DAY: Final = frozenset(range(1, 8))
"""ISO weekdays: 1 is Monday."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `start` until just before `end` on these ISO weekdays, in the city's time zone.

    An end that is not after the start lies on the next day: 22:00 to 06:00; 00:00 is midnight, and equal times are the whole day.
    """

    start: time
    end: time
    weekdays: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Terms:
    """What a service costs from a service day on, and on what terms.

    `opens` empty is always open; `audience` is a key of who may use it, empty for everybody; `until` is the last day, none if it
    has no end. Which purses are taken is said by their schemes (`wallet.purses`).
    """

    service: int
    valid_from: date
    price: Price
    opens: tuple[Hours, ...] = ()
    audience: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Something that an organisation is paid for: `key` never changes, `group` is what it is shown with, `icon` a lucide name."""

    id: int
    organisation: int
    key: str
    sector: str
    group: str
    names: Mapping[str, str]
    icon: str

    def name(self, language: str) -> str:
        """Give the name in a language, else in English, else in whichever exists."""
        return name_in(self.names, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerms:
    """Terms of a service that may still have to be made."""

    valid_from: date
    price: Price
    opens: tuple[Hours, ...] = ()
    audience: str = ""
    until: date | None = None

    def of(self, service: int) -> Terms:
        """Give them to a service."""
        return Terms(service, self.valid_from, self.price, self.opens, self.audience, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """A service to be there: made, or brought up to date, by its key within its organisation."""

    key: str
    sector: str
    group: str
    names: Mapping[str, str]
    icon: str
    terms: tuple[NewTerms, ...]


class ServiceUnknown(Refusal):
    """No service has this id."""

    code = "service_unknown"
    status = 404
    text = N_("There is no such service.")


class NotOffered(Refusal):
    """The service's terms have not begun, have ended, or leave a gap on this day."""

    code = "not_offered"
    status = 409
    title = N_("Not offered today")
    text = N_("This service has no price on this day.")


class ClosedNow(Refusal):
    """Outside the opening hours; `opens_at` is the moment of the next opening, missing if none is known."""

    code = "closed_now"
    status = 409
    title = N_("Closed now")
    text = N_("This service is closed now.")

    def message(self, translate: Translate) -> str:
        """Say when it opens, if that is known."""
        opening = N_("This service is closed now. It opens {opens_at:short_moment}.")
        return translate(opening if "opens_at" in self.details else self.text, **self.details)
