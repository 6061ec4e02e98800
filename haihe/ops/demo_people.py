"""The demo's citizens, made from a seed: the same in every home."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from haihe.ops.demo_data import PopulationData
from haihe.people.errors import PasscodeWeak
from haihe.people.model import CitizenClass, FoundingCitizen
from haihe.people.rules import check_passcode_strength, id_check_character

PASSWORD_CHARACTERS: Final = 16
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_SEQUENCE_NUMBERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A citizen to be founded, with the money (fen) that the wallet opens with."""

    citizen: FoundingCitizen
    opening: int


def make_population(data: PopulationData, *, key: bytes) -> list[Newcomer]:
    """Make everybody, in order; passcodes of the listed come from the home's `key`."""
    return list(_newcomers(data, key))


def _newcomers(data: PopulationData, key: bytes) -> Iterator[Newcomer]:
    chance = random.Random(data.seed)  # noqa: S311 - the same people in every home is the point
    used: set[str] = set()
    for place in range(data.count):
        is_first = place < data.first.count
        span = data.first if is_first else data.others
        born = _birthday(chance, first=span.born_from, last=span.born_to)
        citizen = FoundingCitizen(
            name=_name(chance, data),
            id_number=_id_number(data.region, born, place, used),
            phone=str(data.phone_start + place),
            citizen_class=CitizenClass[data.first.citizen_class if is_first else _class(chance, data)],
            language="zh",
            passcode=passcode(key, place) if place < data.listed.count else None,
        )
        yield Newcomer(citizen, chance.randint(span.opening_min, span.opening_max))


def _birthday(chance: random.Random, *, first: int, last: int) -> date:
    start = date(first, 1, 1)
    return start + timedelta(days=chance.randrange((date(last + 1, 1, 1) - start).days))


def _name(chance: random.Random, data: PopulationData) -> str:
    given = chance.choices(data.names.given, k=chance.choice((1, 2, 2)))
    return chance.choice(data.names.surnames) + "".join(given)


def _class(chance: random.Random, data: PopulationData) -> str:
    shares = data.others.classes
    return chance.choices(list(shares), weights=list(shares.values()))[0]


def _id_number(region: str, born: date, place: int, used: set[str]) -> str:
    """Make an ID number that nobody else here has: the next free sequence number of the birthday."""
    for step in range(_SEQUENCE_NUMBERS):
        body = f"{region}{born:%Y%m%d}{(place + step) % _SEQUENCE_NUMBERS:03d}"
        if body not in used:
            used.add(body)
            return body + id_check_character(body)
    raise ValueError(f"more than {_SEQUENCE_NUMBERS} people born on {born}")


def passcode(key: bytes, place: int) -> str:
    """Derive a citizen's payment passcode from the home's key: known to demo.json, stored nowhere else in the clear."""
    for attempt in range(100):
        number = int.from_bytes(_derived(key, f"passcode {place} {attempt}")[:8], "big") % 1_000_000
        try:
            return check_passcode_strength(f"{number:06d}")
        except PasscodeWeak:
            continue
    raise ValueError("no good passcode in a hundred")


def password(key: bytes, login: str) -> str:
    """Derive the password of a member of staff from the home's key."""
    derived = _derived(key, f"password {login}")
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in derived[:PASSWORD_CHARACTERS])


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, f"haihe demo {purpose}".encode(), hashlib.sha256)
