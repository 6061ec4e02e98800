"""What follows from an account's turnover and the law. Pure."""

from __future__ import annotations

from typing import Final

from haihe.ledger.model import NO_LIMIT, Risk, Room
from haihe.people.checks.model import Standing
from haihe.people.law.model import Rules
from haihe.people.model import CitizenClass
from haihe.wallet.limits.model import Limit, LimitName, Way, WayKind

CLASS_PATH: Final = "/me/class"
PASSCODE_PATH: Final = "/me#passcode-card"
RISK_OF: Final = {
    LimitName.ONE_FACTOR: Risk.C,
    LimitName.TWO_FACTORS: Risk.B,
    LimitName.SIGNATURE: Risk.A,
    LimitName.STATIC_CODE: Risk.D,
}
_YEAR_PLACE: Final = 4
_TOTAL_PLACE: Final = 5


def limits_of(room: Room) -> list[Limit]:
    """List the limits that there are: since opening, the year's, then the day's by strength of confirmation."""
    longer = {LimitName.SINCE_OPENING: _TOTAL_PLACE, LimitName.YEAR: _YEAR_PLACE}
    found = [
        Limit(name, room.limits[place], room.used[place], max(0, room.limits[place] - room.used[place]))
        for name, place in longer.items()
    ]
    found += [
        Limit(name, room.limits[risk - 1], room.used[risk - 1], room.left(risk)) for name, risk in RISK_OF.items()
    ]
    return [one for one in found if one.amount < NO_LIMIT]


def ways_up(room: Room, standing: Standing, rules: Rules, *, has_passcode: bool) -> list[Way]:
    """List what would let the citizen pay more: a stronger confirmation, a higher class."""
    by_passcode, by_passkey = room.left(Risk.B), room.left(Risk.A)
    ways = []
    if by_passcode > room.left(Risk.C):
        kind, href = (WayKind.PASSCODE, "") if has_passcode else (WayKind.SET_PASSCODE, PASSCODE_PATH)
        ways.append(Way(kind, href, by_passcode))
    if by_passkey > by_passcode:
        ways.append(Way(WayKind.PASSKEY, "", by_passkey))
    if goal := standing.next_class:
        left = _left_in(goal, room, rules)
        ways.append(Way(WayKind.IDENTITY_CHECK, CLASS_PATH, left, goal=goal.name, missing=standing.missing))
    return ways


def _left_in(goal: CitizenClass, room: Room, rules: Rules) -> int:
    """Say what a higher class would still allow of its year or in all; what is turned over counts on."""
    limits = rules.limits(goal)
    year = limits.year if limits.year is not None else NO_LIMIT
    total = limits.total if limits.total is not None else NO_LIMIT
    return max(0, min(year - room.used[_YEAR_PLACE], total - room.used[_TOTAL_PLACE]))
