"""Purses' words: a scheme, a fund, what someone holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from haihe.ledger.model import AccountFlag


@dataclass(frozen=True, slots=True)
class Fund:
    """Money that a sponsor has paid in; `id` is its account in every bucket."""

    id: int
    organisation: int
    key: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a purse is for; `fund` fills it (0: the citizen does). Its number never changes."""

    id: int
    key: str
    names: Mapping[str, str]
    fund: int


@dataclass(frozen=True, slots=True)
class Purse:
    """Money of a citizen that has a purpose: its account in the citizen's bucket, and in fen what is left."""

    account: int
    citizen: int
    scheme: int
    amount: int
    flags: AccountFlag


@dataclass(frozen=True, slots=True)
class Grant:
    """Money to be put into a citizen's purse. `id` is the posting's: the same id puts it there once."""

    id: int
    citizen: int
    amount: int


@dataclass(slots=True)
class Holdings:
    """What a batch may draw on, read under the bucket's lock: purses by (citizen, scheme), other accounts' money and flags."""

    purses: dict[tuple[int, int], Purse] = field(default_factory=dict)
    amounts: dict[int, int] = field(default_factory=dict)
    flags: dict[int, AccountFlag] = field(default_factory=dict)
