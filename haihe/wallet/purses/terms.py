"""The terms of schemes and campaigns as they are written in TOML and stored as JSON: where, until when, how often, how much."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where something is accepted; an empty list allows everything. All lists must allow a payment.

    `kinds` of payment ("bus"), `organisation_kinds` ("university"), `organisations` by key, `services` by the catalogue's key of the
    service or of its group, `channels` ("sticker", "payment_code", "app").
    """

    kinds: tuple[str, ...] = ()
    organisation_kinds: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


class Caps(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """At most so much for each citizen: in fen a use, a day, a month, a year, and in number of uses; None without a cap."""

    fen_use: int | None = None
    fen_day: int | None = None
    fen_month: int | None = None
    fen_year: int | None = None
    uses_day: int | None = None
    uses_month: int | None = None
    uses_year: int | None = None


NO_CAPS: Final = Caps()


class LapseRule(StrEnum):
    """When what was granted lapses."""

    NEVER = "never"
    MONTH_END = "month_end"
    DAYS = "days"
    DATE = "date"


class Lapse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`days` are full days after the day of granting; `last_day` is the last one on which it can be spent."""

    rule: LapseRule = LapseRule.NEVER
    days: int = 0
    last_day: date | None = None


class Monthly(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is granted every month, in fen, and to whom: a word of the sector that grants it ("students")."""

    amount: int
    to: str


class SchemeTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The terms of a scheme.

    `needs` are words for what the payer must be where it is paid ("card", "patient"): the sector says them of each payer. Purses of a
    lower `rank` are drawn first. `told` says to people where it is taken, in each language.
    """

    accepted: Where = Where()
    needs: tuple[str, ...] = ()
    rank: int = 100
    lapse: Lapse = Lapse()
    caps: Caps = Caps()
    monthly: Monthly | None = None
    told: dict[str, str] = {}


class Discount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a campaign bears of a payment, exactly one of: `percent` of it, `fen` of it, all but a `price`; at most `fen_max`."""

    percent: int | None = None
    fen: int | None = None
    price: int | None = None
    fen_max: int | None = None


class Audience(StrEnum):
    """Whom a campaign is for."""

    EVERYBODY = "everybody"
    LISTED = "listed"


class CampaignTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The terms of a campaign; both days are service days and included. `told` says to people where it holds, in each language.

    What a refund gives back goes into the budget again; the use stays counted against the caps.
    """

    discount: Discount
    first_day: date
    last_day: date
    audience: Audience = Audience.LISTED
    accepted: Where = Where()
    needs: tuple[str, ...] = ()
    caps: Caps = Caps()
    told: dict[str, str] = {}
