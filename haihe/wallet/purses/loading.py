"""Schemes and campaigns from files: TOML with a table [[scheme]] or [[campaign]] for each. Loading twice has no effect.

A changed table makes new terms from now on; what was granted and paid by the old ones stays as it was. What a file says about itself
(`placeholder`, `source`, `comment`) is for people and ignored here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from haihe.base.money import AMOUNT_FEN_MAX
from haihe.wallet.purses.model import Campaign, Directory, Fund, Scheme
from haihe.wallet.purses.rules import TermsFaultyError, check_campaign, check_scheme
from haihe.wallet.purses.service import Purses
from haihe.wallet.purses.terms import Audience, CampaignTerms, SchemeTerms

FOUNDING: Final = "founding"
"""The period of what is paid in or granted once, when a scheme begins."""
KEY_CHARACTERS_MAX: Final = 100
NAME_CHARACTERS_MAX: Final = 200

T = TypeVar("T")


class FundData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sponsor's fund; `paid_in` is what comes into it in every bucket when it begins, in fen."""

    key: str
    names: dict[str, str]
    paid_in: int = 0


class SchemeData(msgspec.Struct, frozen=True, kw_only=True):
    """A scheme of a sponsor, who is an organisation by its key."""

    key: str
    sponsor: str
    names: dict[str, str]
    fund: FundData
    terms: SchemeTerms


class EnrolData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who of the demo's citizens is in a campaign from the start, by birth; both days included."""

    born_from: date
    born_until: date


class CampaignData(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign; its names are also its fund's. `paid_in` in every bucket, in fen; `members` are phone or ID numbers."""

    key: str
    sponsor: str
    names: dict[str, str]
    paid_in: int
    terms: CampaignTerms
    enrol: EnrolData | None = None
    members: tuple[str, ...] = ()


class _Schemes(msgspec.Struct, frozen=True, kw_only=True):
    scheme: tuple[SchemeData, ...] = ()


class _Campaigns(msgspec.Struct, frozen=True, kw_only=True):
    campaign: tuple[CampaignData, ...] = ()


def read_schemes(data: bytes) -> tuple[SchemeData, ...]:
    """Read a file's schemes. Raises `TermsFaultyError` with the key and the reason, `msgspec.DecodeError` for what is no such file."""
    found = _decode(data, _Schemes).scheme
    for one in found:
        try:
            _check_words(one.key, one.names)
            _check_words(one.fund.key, one.fund.names)
            _check_budget(one.fund.paid_in)
            check_scheme(one.terms, has_sponsor=True)
        except TermsFaultyError as error:
            raise TermsFaultyError(f"{one.key}: {error}") from error
    _check_keys([one.key for one in found])
    return found


def read_campaigns(data: bytes) -> tuple[CampaignData, ...]:
    """Read a file's campaigns. Raises `TermsFaultyError` with the key and the reason, `msgspec.DecodeError` for what is no such file."""
    found = _decode(data, _Campaigns).campaign
    for one in found:
        if (one.enrol is not None or one.members) and one.terms.audience is Audience.EVERYBODY:
            raise TermsFaultyError(f"{one.key}: what is for everybody enrols nobody")
        try:
            _check_words(one.key, one.names)
            _check_budget(one.paid_in)
            check_campaign(one.terms)
        except TermsFaultyError as error:
            raise TermsFaultyError(f"{one.key}: {error}") from error
    _check_keys([one.key for one in found])
    return found


def _decode(data: bytes, shape: type[T]) -> T:
    try:
        return msgspec.toml.decode(data, type=shape)
    except (UnicodeDecodeError, RecursionError) as error:
        raise TermsFaultyError("it is no TOML in UTF-8") from error


def _check_words(key: str, names: Mapping[str, str]) -> None:
    """Insist on a key that can stand in addresses and file names, and on at least one name."""
    is_word = key.isascii() and key.replace("-", "").replace("_", "").isalnum() and len(key) <= KEY_CHARACTERS_MAX
    if not is_word:
        raise TermsFaultyError("a key is letters, digits and dashes")
    if not names or not all(
        0 < len(one.strip()) <= NAME_CHARACTERS_MAX and one.isprintable() for one in names.values()
    ):
        raise TermsFaultyError("a name is missing, too long, or no plain text")


def _check_budget(paid_in: int) -> None:
    if not 0 <= paid_in <= AMOUNT_FEN_MAX:
        raise TermsFaultyError(f"what is paid in is 0 to {AMOUNT_FEN_MAX} fen")


def check_owners(
    directory: Directory,
    schemes: Sequence[SchemeData],
    campaigns: Sequence[CampaignData],
    sponsors: Mapping[str, int],
) -> None:
    """Insist that nobody loads terms on the money of another organisation. Raises `TermsFaultyError`."""
    owners = {fund.key: fund.organisation for fund in directory.funds.values()}
    claims = [(one.fund.key, one.sponsor) for one in schemes] + [(one.key, one.sponsor) for one in campaigns]
    for key, sponsor in claims:
        if owners.setdefault(key, sponsors[sponsor]) != sponsors[sponsor]:
            raise TermsFaultyError(f"{key}: this fund belongs to another organisation")
    funds = {fund.id: fund.key for fund in directory.funds.values()}
    behind = {scheme.key: funds.get(scheme.fund) for scheme in directory.schemes.values()}
    for one in schemes:
        if behind.get(one.key, one.fund.key) != one.fund.key:
            raise TermsFaultyError(f"{one.key}: there is such a scheme already, on another fund")


def _check_keys(keys: Sequence[str]) -> None:
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise TermsFaultyError(f"{twice[0]}: it is there twice")


async def found_schemes(
    purses: Purses, folder: Path, sponsors: Mapping[str, int], *, effective: datetime
) -> list[Scheme]:
    """Found the schemes of schemes.toml that these organisations, by key, sponsor; may be repeated."""
    data = read_schemes((folder / "schemes.toml").read_bytes())
    return await found_these_schemes(
        purses, [one for one in data if one.sponsor in sponsors], sponsors, effective=effective
    )


async def found_these_schemes(
    purses: Purses, data: Sequence[SchemeData], sponsors: Mapping[str, int], *, effective: datetime
) -> list[Scheme]:
    """Found schemes with their funds; may be repeated."""
    made = []
    for one in data:
        fund = await purses.found_fund(organisation=sponsors[one.sponsor], key=one.fund.key, names=one.fund.names)
        await purses.pay_in_everywhere(fund, amount=one.fund.paid_in, period=FOUNDING, effective=effective)
        made.append(await purses.found_scheme(key=one.key, names=one.names, fund=fund, terms=one.terms))
    return made


async def found_campaigns(
    purses: Purses, data: Sequence[CampaignData], sponsors: Mapping[str, int], *, effective: datetime
) -> list[tuple[CampaignData, Campaign]]:
    """Found campaigns with their budgets, the same in every bucket; may be repeated."""
    made = []
    for one in data:
        fund: Fund = await purses.found_fund(organisation=sponsors[one.sponsor], key=one.key, names=one.names)
        await purses.pay_in_everywhere(fund, amount=one.paid_in, period=FOUNDING, effective=effective)
        made.append((one, await purses.found_campaign(fund, one.terms)))
    return made
