"""Rate limits: how often someone may try something; kept in this process's memory."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_

SOURCES_MAX: Final = 100_000
ADDRESSES_MAX: Final = 10_000


class TooMany(Refusal):
    """Someone tries too often; `retry_after_s` tells when the next try is welcome."""

    code = "rate_limited"
    status = 429
    text = N_("That was too often. Please wait {retry_after_s} seconds.")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `tries` in any `seconds` on the average, that many at once."""

    tries: int
    seconds: float


DOOR_RATES: Final[Mapping[str, Rate]] = {
    "code": Rate(tries=10, seconds=600),
    "sign_in": Rate(tries=20, seconds=600),
    "register": Rate(tries=10, seconds=600),
    "card": Rate(tries=20, seconds=3600),
    "pay": Rate(tries=60, seconds=60),
    "payment_code": Rate(tries=60, seconds=600),
    "charge": Rate(tries=240, seconds=60),
    "top_up": Rate(tries=30, seconds=600),
    "look_up": Rate(tries=20, seconds=600),
    "relative": Rate(tries=10, seconds=3600),
    "patient": Rate(tries=60, seconds=600),
    "recipient": Rate(tries=60, seconds=3600),
}
"""How often one address may knock at the doors through which strangers come, one citizen may pay or look for whom
to send money, and one clerk for patients."""


class Throttle:
    """Counts by source, e.g. an address, with a bucket that leaks evenly."""

    def __init__(self, rate: Rate) -> None:
        """Bind to a rate."""
        self._rate = rate
        self._full_until: OrderedDict[str, float] = OrderedDict()

    def count(self, source: str, *, now: float | None = None) -> None:
        """Count one try of a source at a moment (seconds, default now). Raises `TooMany`; a refused try is not counted."""
        now = time.monotonic() if now is None else now
        until = self._after(source, now, tries=1)
        if (over := until - now - self._rate.seconds) > 1e-6:
            raise TooMany(retry_after_s=int(over) + 1)
        self._keep(source, until)

    def charge(self, source: str, *, tries: int, now: float | None = None) -> None:
        """Count tries of a source afterwards, when it is known what they cost: nothing is refused, but the next try waits longer."""
        now = time.monotonic() if now is None else now
        self._keep(source, self._after(source, now, tries=tries))

    def _after(self, source: str, now: float, *, tries: int) -> float:
        return max(self._full_until.get(source, now), now) + tries * self._rate.seconds / self._rate.tries

    def _keep(self, source: str, until: float) -> None:
        self._full_until[source] = until
        self._full_until.move_to_end(source)
        if len(self._full_until) > SOURCES_MAX:
            self._full_until.popitem(last=False)


class Limits:
    """The rate limits of a process by kind of try; a demo leaves its own machine alone."""

    def __init__(self, rates: Mapping[str, Rate] = DOOR_RATES, *, spare_loopback: bool = False) -> None:
        """Bind to rates; `spare_loopback` lifts them for 127.0.0.1 and ::1."""
        self._throttles = {kind: Throttle(rate) for kind, rate in rates.items()}
        self._spare_loopback = spare_loopback

    def holds_for(self, host: str) -> bool:
        """Tell whether an address is limited at all."""
        return not (self._spare_loopback and _is_loopback(host))

    def count(self, kind: str, host: str, *, who: str = "") -> None:
        """Count a try of an address, or of who asks from there where that is known. Raises `TooMany`."""
        if self.holds_for(host):
            self._throttles[kind].count(who or host)

    def charge(self, kind: str, host: str, *, tries: int, who: str = "") -> None:
        """Count more tries of an address, or of who asks from there, after it is known what the last one cost."""
        if self.holds_for(host):
            self._throttles[kind].charge(who or host, tries=tries)


@lru_cache(maxsize=ADDRESSES_MAX)
def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
