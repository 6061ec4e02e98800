"""Reads what somebody asks of a statement out of an address: period, filter and page; and writes it back into addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

from haihe.base.clock import CITY_ZONE, day_start
from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.ids import ID_MAX
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.ledger.model import AccountKind, TransferKind
from haihe.ledger.statements.errors import TurnInvalid
from haihe.ledger.statements.model import PLACE_MAX, Direction, Filter, Key, Period, Turn

FIRST_DAY: Final = date(2017, 1, 1)
"""The city has no older postings."""
LAST_DAY: Final = date(2999, 12, 31)
DAYS_SHOWN: Final = 31
"""How long a period is that nobody chose."""
CURSOR_CHARACTERS_MAX: Final = 2_000
_DIGITS_MAX: Final = len(str(ID_MAX))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS_MAX: Final = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND

T = TypeVar("T")


class FilterInvalid(Refusal):
    """A filter says what cannot be: `field` names it."""

    code = "filter_invalid"
    status = 400
    text = N_("What was asked for cannot be read. Please check dates, amounts and numbers.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: whole days of the city by posted time, the last one included; which lines; which page."""

    first_day: date
    last_day: date
    wanted: Filter
    turn: Turn | None
    fields: Mapping[str, str]
    """As they were typed."""

    @property
    def period(self) -> Period:
        """The period as moments."""
        return Period(day_start(self.first_day), day_start(self.last_day + timedelta(days=1)))

    @property
    def is_filtered(self) -> bool:
        """Tell whether lines are left out."""
        return self.wanted != Filter()

    def query(self, turn: Turn | None = None) -> str:
        """Write the same question as the end of an address, for another page of it."""
        kept = {name: value for name, value in self.fields.items() if value and name != "cursor"}
        kept |= {"from": self.first_day.isoformat(), "to": self.last_day.isoformat()}
        return urlencode(kept | ({"cursor": write_turn(turn)} if turn else {}))


FIELDS: Final = ("from", "to", "kind", "direction", "least", "most", "counterparty", "number", "cursor")


def read_asked(query: Mapping[str, str], *, today: date) -> Asked:
    """Read all of it; what is left out or empty does not matter. Raises `FilterInvalid`, `TurnInvalid`."""
    fields = {name: query.get(name, "").strip() for name in FIELDS}
    last = _day(fields, "to", today)
    first = _day(fields, "from", max(FIRST_DAY, last - timedelta(days=DAYS_SHOWN - 1)))
    if first > last:
        raise FilterInvalid(field="from")
    wanted = Filter(
        kind=_named(fields, "kind", TransferKind),
        direction=_direction(fields),
        amount_min=_amount(fields, "least"),
        amount_max=_amount(fields, "most"),
        counterparty=_named(fields, "counterparty", AccountKind),
        number=_number(fields),
    )
    return Asked(first, last, wanted, read_turn(fields["cursor"]) if fields["cursor"] else None, fields)


def of_month(query: Mapping[str, str]) -> Mapping[str, str]:
    """Put the days of a month (2026-10) in place of `month`, where somebody asks for one. Raises `FilterInvalid`."""
    month = query.get("month", "").strip()
    if not month:
        return query
    first = _day({"month": f"{month}-01"}, "month", LAST_DAY)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return {**query, "from": first.isoformat(), "to": last.isoformat()}


def read_moment(text: str, *, now: datetime) -> datetime:
    """Read a moment in the city's time, as a form sends it (2026-11-23T08:05); now if nothing is typed. Raises `FilterInvalid`."""
    if not text.strip():
        return now
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise FilterInvalid(field="at") from error
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise FilterInvalid(field="at")
    return (moment if moment.tzinfo else moment.replace(tzinfo=CITY_ZONE)).astimezone(UTC)


def _day(fields: Mapping[str, str], name: str, otherwise: date) -> date:
    if not fields[name]:
        return otherwise
    try:
        day = date.fromisoformat(fields[name])
    except ValueError as error:
        raise FilterInvalid(field=name) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise FilterInvalid(field=name)
    return day


def _amount(fields: Mapping[str, str], name: str) -> int | None:
    if not fields[name]:
        return None
    try:
        return fen_of_yuan(fields[name])
    except NotMoneyError as error:
        raise FilterInvalid(field=name) from error


def _direction(fields: Mapping[str, str]) -> Direction | None:
    try:
        return Direction(fields["direction"]) if fields["direction"] else None
    except ValueError as error:
        raise FilterInvalid(field="direction") from error


def _named(fields: Mapping[str, str], name: str, kinds: type[T]) -> T | None:
    """Read a kind by its name in lower case."""
    if not fields[name]:
        return None
    found: Mapping[str, T] = {one.name.lower(): one for one in kinds}  # type: ignore[attr-defined]
    if fields[name] not in found:
        raise FilterInvalid(field=name)
    return found[fields[name]]


def _number(fields: Mapping[str, str]) -> int:
    text = fields["number"]
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX and 0 < int(text) <= ID_MAX):
        raise FilterInvalid(field="number")
    return int(text)


def write_turn(turn: Turn) -> str:
    """Write where a page begins: direction, key, and the newest batch of every bucket."""
    posted, bucket, batch, place = turn.key
    marks = ".".join(f"{one}_{mark}" for one, mark in turn.marks.items())
    return (
        f"{'n' if turn.to_newer else 'o'}-{(posted - _EPOCH) // _MICROSECOND}-{bucket}-{batch}-{max(0, place)}-{marks}"
    )


def read_turn(text: str) -> Turn:
    """Read what `write_turn` wrote. Raises `TurnInvalid`."""
    parts = text.split("-")
    if len(text) > CURSOR_CHARACTERS_MAX or len(parts) != 6 or parts[0] not in {"n", "o"}:
        raise TurnInvalid
    posted, bucket, batch, place = (_whole(part) for part in parts[1:5])
    marks = dict(_pair(one) for one in parts[5].split("."))
    if posted > _MICROSECONDS_MAX or place > PLACE_MAX:
        raise TurnInvalid
    return Turn(Key(_EPOCH + posted * _MICROSECOND, bucket, batch, place), marks, to_newer=parts[0] == "n")


def _pair(text: str) -> tuple[int, int]:
    bucket, _, mark = text.partition("_")
    return _whole(bucket), _whole(mark)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX and int(text) <= ID_MAX):
        raise TurnInvalid
    return int(text)
