"""Purses' words: a scheme, a fund, a campaign, what someone holds and used, what is about to be paid."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from haihe.ledger.model import AccountFlag
from haihe.wallet.purses.terms import NO_CAPS, CampaignTerms, Caps, SchemeTerms

Terms = TypeVar("Terms")


@dataclass(frozen=True, slots=True)
class Fund:
    """Money that a sponsor has paid in; `id` is its account in every bucket."""

    id: int
    organisation: int
    key: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a purse is for; `fund` fills it (0: the citizen does). Its number never changes; its terms are dated (`Directory`)."""

    id: int
    key: str
    names: Mapping[str, str]
    fund: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """A way of paying that a sponsor makes popular; `id` is also the fund that is its budget."""

    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Purse:
    """Money of a citizen that has a purpose: its account in the citizen's bucket.

    `amount` is what may be spent, in fen; `lapsed` what is still in it though its time is over; `lapses_at` when more of it lapses
    next, None never.
    """

    account: int
    citizen: int
    scheme: int
    amount: int
    flags: AccountFlag
    lapses_at: datetime | None = None
    lapsed: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """Money to be put into a citizen's purse. `id` is the posting's: the same id, or the same `period`, puts it there once."""

    id: int
    citizen: int
    amount: int
    period: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A scheme whose purses a payment takes, by the terms in force."""

    scheme: int
    rank: int = 0
    caps: Caps = NO_CAPS


@dataclass(frozen=True, slots=True)
class Applicable:
    """A campaign that may bear a part of a payment, by the terms in force; `id` is its fund."""

    id: int
    terms: CampaignTerms


@dataclass(frozen=True, slots=True)
class Met:
    """What is about to be paid, as far as schemes and campaigns ask: by whom, when, and words for the rest.

    `kind` is the payment's ("bus"), `payee` and `payee_kind` the organisation's key and kind, `channel` how it was reached
    ("sticker", "payment_code", "app"), `goods` the catalogue's keys for what is bought, `standing` what the payer is here ("card").
    """

    kind: str
    payee: str
    payee_kind: str
    channel: str
    citizen: int
    at: datetime
    goods: Sequence[str] = ()
    standing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """How often, and for how many fen, a citizen used a scheme or a campaign: on the day, in its month, in its year."""

    uses_day: int = 0
    uses_month: int = 0
    uses_year: int = 0
    fen_day: int = 0
    fen_month: int = 0
    fen_year: int = 0


UNUSED: Final = Used()


@dataclass(slots=True)
class Holdings:
    """What a batch may draw on, read under the bucket's lock.

    Purses by (citizen, scheme), other accounts' money and flags, and what was used by (citizen, scheme's number or campaign's id).
    """

    purses: dict[tuple[int, int], Purse] = field(default_factory=dict)
    amounts: dict[int, int] = field(default_factory=dict)
    flags: dict[int, AccountFlag] = field(default_factory=dict)
    used: dict[tuple[int, int], Used] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Schemes, and campaigns for everybody and for listed citizens, that may take part in a kind of payment by terms of any time."""

    schemes: tuple[int, ...] = ()
    everybody: tuple[int, ...] = ()
    listed: tuple[int, ...] = ()


NO_CANDIDATES: Final = Candidates()


@dataclass(slots=True)
class Directory:
    """All funds, schemes and campaigns in this process's memory, with their terms and for whom they are."""

    funds: dict[int, Fund] = field(default_factory=dict)
    schemes: dict[int, Scheme] = field(default_factory=dict)
    scheme_keys: dict[str, Scheme] = field(default_factory=dict)
    fund_keys: dict[str, Fund] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    scheme_terms: dict[int, Sequence[tuple[datetime, SchemeTerms]]] = field(default_factory=dict)
    campaign_terms: dict[int, Sequence[tuple[datetime, CampaignTerms]]] = field(default_factory=dict)
    """By scheme and by campaign, the terms with the moment from which they hold, the oldest first."""
    members: dict[int, Sequence[int]] = field(default_factory=dict)
    """By campaign, the citizens that it is for, sorted: eight bytes each."""
    by_kind: dict[str, Candidates] = field(default_factory=dict)
    """By kind of payment, what may take part in it; `others` in kinds that no terms name."""
    others: Candidates = NO_CANDIDATES

    def candidates(self, kind: str, citizen: int) -> tuple[Sequence[int], Sequence[int]]:
        """Give the schemes and campaigns that may take part in this citizen's payment; mostly none, and then nothing more is asked."""
        found = self.by_kind.get(kind, self.others)
        if not found.listed:
            return found.schemes, found.everybody
        return found.schemes, (*found.everybody, *(one for one in found.listed if self.is_member(one, citizen)))

    def is_member(self, campaign: int, citizen: int) -> bool:
        """Tell whether a campaign is for this citizen by its list."""
        listed = self.members.get(campaign, ())
        place = bisect_left(listed, citizen)
        return place < len(listed) and listed[place] == citizen


def in_force(versions: Sequence[tuple[datetime, Terms]], at: datetime) -> Terms | None:
    """Choose the terms that hold at a moment: the newest that have begun; None before the first."""
    return next((terms for since, terms in reversed(versions) if since <= at), None)
