"""Rate limits: how often someone may try something; kept in this process's memory.

A try is counted of three things, because each alone fails someone: of the person it is about, or who spreads over many addresses
could guess at one account for ever; of the address, or who has many numbers could try them all from one chair; and the address
gets as much as a crowd needs, or one abuser would lock out a school behind one connection. A device that the person has used
before is counted by itself, so that strangers who try an account never keep its owner out.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_

SOURCES_MAX: Final = 100_000
ADDRESSES_MAX: Final = 10_000
MISS_TRIES: Final = 5
"""A number that nobody has costs as many tries as this: who looks for people by guessing is slow soon, who mistypes is not."""
NETWORK_BITS: Final = 64
"""One household or one server has that much of an IPv6 address, and may choose the rest as it likes (RFC 6177)."""


class TooMany(Refusal):
    """Someone tries too often; `retry_after_s` tells when the next try is welcome."""

    code = "rate_limited"
    status = 429
    text = N_("That was too often. Please wait {retry_after_s} seconds.")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `tries` in any `seconds` on the average, that many at once.

    `crowd`: where strangers come, how many times as often one address may, as many people can be behind it; 0 does not count
    addresses beside people.
    """

    tries: int
    seconds: float
    crowd: int = 0

    def of_address(self) -> Rate:
        """Give the rate of a whole address."""
        return Rate(self.tries * max(1, self.crowd), self.seconds)


DOOR_RATES: Final[Mapping[str, Rate]] = {
    "code": Rate(tries=10, seconds=600, crowd=20),
    "sign_in": Rate(tries=20, seconds=1800, crowd=20),
    "register": Rate(tries=10, seconds=600, crowd=20),
    "card": Rate(tries=20, seconds=3600),
    "identity_check": Rate(tries=20, seconds=3600),
    "pay": Rate(tries=60, seconds=60),
    "payment_code": Rate(tries=60, seconds=600),
    "charge": Rate(tries=240, seconds=60),
    "top_up": Rate(tries=30, seconds=600),
    "look_up": Rate(tries=60, seconds=600),
    "relative": Rate(tries=30, seconds=3600),
    "patient": Rate(tries=60, seconds=600),
    "recipient": Rate(tries=60, seconds=3600),
    "person": Rate(tries=60, seconds=600),
    "paper_card": Rate(tries=120, seconds=60),
    "paper_change": Rate(tries=20, seconds=3600),
}
"""How often one person, or whoever tries one person's account, may knock at each door; by what each guess could find out."""


class Throttle:
    """Counts by source, e.g. an address, with a bucket that leaks evenly."""

    def __init__(self, rate: Rate) -> None:
        """Bind to a rate."""
        self._rate = rate
        self._full_until: OrderedDict[str, float] = OrderedDict()

    def count(self, source: str, *, tries: int = 1, now: float | None = None) -> None:
        """Count tries of a source at a moment (seconds, default now). Raises `TooMany`; a refused try is not counted."""
        now = time.monotonic() if now is None else now
        if wait_s := self.wait_s(source, tries=tries, now=now):
            raise TooMany(retry_after_s=wait_s)
        self._full_until[source] = self._after(source, now, tries=tries)
        self._full_until.move_to_end(source)
        if len(self._full_until) > SOURCES_MAX:
            self._full_until.popitem(last=False)

    def wait_s(self, source: str, *, tries: int = 1, now: float | None = None) -> int:
        """Tell how many seconds a source has to wait before so many tries; 0 when they are welcome now."""
        now = time.monotonic() if now is None else now
        over = self._after(source, now, tries=tries) - now - self._rate.seconds
        return int(over) + 1 if over > 1e-6 else 0

    def give_back(self, source: str, *, tries: int) -> None:
        """Take back tries of a source that were counted before it was known that they cost less."""
        if source in self._full_until:
            self._full_until[source] -= tries * self._step

    def _after(self, source: str, now: float, *, tries: int) -> float:
        return max(self._full_until.get(source, now), now) + tries * self._step

    @property
    def _step(self) -> float:
        return self._rate.seconds / self._rate.tries


class Limits:
    """The rate limits of a process by kind of try; a demo leaves its own machine alone."""

    def __init__(self, rates: Mapping[str, Rate] = DOOR_RATES, *, spare_loopback: bool = False) -> None:
        """Bind to rates; `spare_loopback` lifts them for 127.0.0.1 and ::1."""
        self._people = {kind: Throttle(rate) for kind, rate in rates.items()}
        self._addresses = {kind: Throttle(rate.of_address()) for kind, rate in rates.items()}
        self._crowded = {kind for kind, rate in rates.items() if rate.crowd}
        self._spare_loopback = spare_loopback

    def holds_for(self, host: str) -> bool:
        """Tell whether an address is limited at all."""
        return not (self._spare_loopback and _is_loopback(host))

    def count(self, kind: str, host: str, *, who: str = "", device: str = "", tries: int = 1) -> None:
        """Count tries that come from an address. Raises `TooMany`; then nothing is counted.

        `who`: the person who asks, or whose account is tried. `device`: one that this very person has signed in with before; only what
        was checked may be named here, as it stands for itself.
        """
        if not self.holds_for(host):
            return
        counted = self._counted(kind, host, who=who, device=device)
        if wait_s := max(throttle.wait_s(source, tries=tries) for throttle, source in counted):
            raise TooMany(retry_after_s=wait_s)
        for throttle, source in counted:
            throttle.count(source, tries=tries)

    @contextmanager
    def looking_up(self, kind: str, host: str, *, who: str, miss: type[Refusal]) -> Iterator[None]:
        """Count a look-up as a miss before it happens, and give back what it cost too much when it was none. Raises `TooMany`.

        Afterwards would be too late: as many as are asked at once would all have passed before the first one is charged. What ends
        in no answer at all stays counted.
        """
        self.count(kind, host, who=who, tries=MISS_TRIES)
        try:
            yield
        except miss:
            raise
        except Refusal:
            self._give_back(kind, host, who=who, tries=MISS_TRIES - 1)
            raise
        self._give_back(kind, host, who=who, tries=MISS_TRIES - 1)

    def _give_back(self, kind: str, host: str, *, who: str, tries: int) -> None:
        if self.holds_for(host):
            for throttle, source in self._counted(kind, host, who=who, device=""):
                throttle.give_back(source, tries=tries)

    def _counted(self, kind: str, host: str, *, who: str, device: str) -> list[tuple[Throttle, str]]:
        """List what a try is counted of."""
        if device:
            return [(self._people[kind], f"{who} on {device}")]
        people = [(self._people[kind], who)] if who else []
        if who and kind not in self._crowded:
            return people
        return [*people, (self._addresses[kind], network_of(host))]


@lru_cache(maxsize=ADDRESSES_MAX)
def network_of(host: str) -> str:
    """Give what of an address its owner cannot change: all of IPv4, the network of IPv6; what is none stands for itself."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))


@lru_cache(maxsize=ADDRESSES_MAX)
def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
