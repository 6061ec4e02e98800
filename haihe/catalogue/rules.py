"""When a service is open, which terms hold, and whether a declared service is sound. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import CITY_ZONE, day_start
from haihe.base.i18n import LANGUAGES
from haihe.catalogue.model import EVERY_DAY, Hours, NewService, NewTerms, Terms
from haihe.catalogue.prices import Choice, PriceFaultyError, check_price

NAME_CHARACTERS_MAX: Final = 100
KEY: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
ONE_DAY: Final = timedelta(days=1)


def terms_on(terms: Sequence[Terms], day: date) -> Terms | None:
    """Choose the newest terms that have begun on a day, None if there are none or they have ended; in any order."""
    begun = [one for one in terms if one.valid_from <= day]
    newest = max(begun, key=lambda one: one.valid_from, default=None)
    return None if newest is None or (newest.until is not None and day > newest.until) else newest


def is_open(opens: Sequence[Hours], moment: datetime) -> bool:
    """Tell whether a moment lies in the opening hours; none at all is always open."""
    today = moment.astimezone(CITY_ZONE).date()
    return not opens or any(
        start <= moment < end for day in (today - ONE_DAY, today) for start, end in _openings(opens, day)
    )


def first_opening(opens: Sequence[Hours], day: date, *, after: datetime) -> datetime | None:
    """Give the first moment of a day, later than `after`, at which it opens; None if it does not open that day."""
    starts = [start for start, _ in _openings(opens, day)] if opens else [day_start(day)]
    return min((start for start in starts if start > after), default=None)


def _openings(opens: Sequence[Hours], day: date) -> list[tuple[datetime, datetime]]:
    """Give from when to when it is open by the hours that begin on a day of the city."""
    return [
        (
            datetime.combine(day, hours.start, CITY_ZONE),
            datetime.combine(day if hours.end > hours.start else day + ONE_DAY, hours.end, CITY_ZONE),
        )
        for hours in opens
        if day.isoweekday() in hours.weekdays
    ]


def check_services(services: Sequence[NewService]) -> None:
    """Raise `PriceFaultyError`, with the service's key and the reason, unless all can be founded together."""
    keys = Counter(service.key for service in services)
    for service in services:
        try:
            _check_service(service)
        except PriceFaultyError as error:
            raise PriceFaultyError(f"{service.key}: {error}") from error
        if keys[service.key] > 1:
            raise PriceFaultyError(f"{service.key}: it is there twice")


def _check_service(service: NewService) -> None:
    for what, key in (("key", service.key), ("sector", service.sector), ("group", service.group)):
        _check_key(key, what)
    _check_names(service.names)
    if not service.terms:
        raise PriceFaultyError("it has no terms")
    days = [terms.valid_from for terms in service.terms]
    if twice := sorted({day for day in days if days.count(day) > 1}):
        raise PriceFaultyError(f"two terms from {twice[0]}")
    for terms in service.terms:
        try:
            _check_terms(terms)
        except PriceFaultyError as error:
            raise PriceFaultyError(f"terms from {terms.valid_from}: {error}") from error


def _check_terms(terms: NewTerms) -> None:
    check_price(terms.price)
    if isinstance(terms.price, Choice):
        for option in terms.price.options:
            _check_names(option.names)
    if terms.until is not None and terms.until < terms.valid_from:
        raise PriceFaultyError(f"they end before they begin, on {terms.until}")
    for hours in terms.opens:
        if not hours.weekdays or not hours.weekdays <= EVERY_DAY:
            raise PriceFaultyError(f"weekdays are 1 (Monday) to 7, not {sorted(hours.weekdays)}")
        if any(one.replace(second=0, microsecond=0, tzinfo=None) != one for one in (hours.start, hours.end)):
            raise PriceFaultyError("opening hours are whole minutes of the city's time")
    if terms.audience:
        _check_key(terms.audience, "audience")


def _check_key(key: str, what: str) -> None:
    if not KEY.fullmatch(key):
        raise PriceFaultyError(f"{what} {key!r} is not lower-case letters, digits, dots, dashes or underscores")


def _check_names(names: Mapping[str, str]) -> None:
    if not names:
        raise PriceFaultyError("it has no names")
    for language, name in names.items():
        if language not in LANGUAGES:
            raise PriceFaultyError(f"names are in {', '.join(LANGUAGES)}, not in {language!r}")
        if not 0 < len(name.strip()) <= NAME_CHARACTERS_MAX:
            raise PriceFaultyError(f"the name in {language!r} has no or more than {NAME_CHARACTERS_MAX} characters")
