"""EMVCo merchant-presented QR: the payload that wallets of the world can read, built and parsed.

Source: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode. A payload is a list of data objects: two digits
of id, two of length, the value. Lengths count characters; the checksum (id 63, always last) runs over UTF-8 bytes.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from haihe.base.money import CURRENCY_NUMBER, YUAN_FEN

GUID: Final = "7C1D2F64B9E84C0A9A3B5E0D4F6A8127"
"""Marks the account template of Haihe: a UUID without hyphens, as the specification allows."""
TRANSIT_CATEGORY: Final = 4111
"""Merchant category code of local passenger transport (ISO 18245)."""
COUNTRY: Final = "CN"
NAME_CHARACTERS_MAX: Final = 25
CITY_CHARACTERS_MAX: Final = 15
VALUE_CHARACTERS_MAX: Final = 99
PAYLOAD_CHARACTERS_MAX: Final = 512

_FORMAT, _INITIATION, _CATEGORY, _CURRENCY, _AMOUNT = "00", "01", "52", "53", "54"
_COUNTRY, _NAME, _CITY, _ADDITIONAL, _CHECKSUM, _LOCAL = "58", "59", "60", "62", "63", "64"
_ACCOUNTS: Final = tuple(f"{number:02}" for number in range(26, 52))
_TEMPLATES: Final = frozenset((*_ACCOUNTS, _ADDITIONAL, _LOCAL))
_STATIC: Final = "11"


class NotEmvcoError(ValueError):
    """A text is no valid merchant-presented payload; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """What a payload of ours says: the sticker's code and who is paid.

    Names are cut to the lengths that the specification allows. `amount` in fen; None where the city tells the price.
    """

    code: str
    name: str
    city: str
    category: int = TRANSIT_CATEGORY
    amount: int | None = None
    local_language: str = ""
    local_name: str = ""
    local_city: str = ""
    terminal: str = ""


def build(merchant: Merchant) -> str:
    """Write the payload of one of our stickers."""
    fields: list[tuple[str, str]] = [
        (_FORMAT, "01"),
        (_INITIATION, _STATIC),
        (_ACCOUNTS[0], encode([("00", GUID), ("01", merchant.code)])),
        (_CATEGORY, f"{merchant.category:04}"),
        (_CURRENCY, str(CURRENCY_NUMBER)),
        (_COUNTRY, COUNTRY),
        (_NAME, _cut(merchant.name, NAME_CHARACTERS_MAX)),
        (_CITY, _cut(merchant.city, CITY_CHARACTERS_MAX)),
    ]
    if merchant.amount is not None:
        fields.insert(5, (_AMOUNT, f"{Decimal(merchant.amount) / YUAN_FEN:.2f}"))
    if merchant.terminal:
        fields.append((_ADDITIONAL, encode([("07", _cut(merchant.terminal, NAME_CHARACTERS_MAX))])))
    if merchant.local_language:
        fields.append((_LOCAL, encode(_local(merchant))))
    return seal(fields)


def _local(merchant: Merchant) -> list[tuple[str, str]]:
    local = [("00", merchant.local_language.upper()), ("01", _cut(merchant.local_name, NAME_CHARACTERS_MAX))]
    if merchant.local_city:
        local.append(("02", _cut(merchant.local_city, CITY_CHARACTERS_MAX)))
    return local


def _cut(text: str, characters_max: int) -> str:
    """Shorten by characters; an empty mandatory value becomes a full stop, since a value has at least one character."""
    return text.strip()[:characters_max].strip() or "."


def encode(fields: Iterable[tuple[str, str]]) -> str:
    """Write data objects one after the other. Raises `NotEmvcoError` for an id, length or value that cannot be written."""
    parts = []
    for identity, value in fields:
        if not (len(identity) == 2 and identity.isascii() and identity.isdigit()):
            raise NotEmvcoError(f"{identity!r} is not the id of a data object")
        if not 1 <= len(value) <= VALUE_CHARACTERS_MAX:
            raise NotEmvcoError(f"the value of {identity} has {len(value)} characters")
        parts.append(f"{identity}{len(value):02}{value}")
    return "".join(parts)


def seal(fields: Iterable[tuple[str, str]]) -> str:
    """Write data objects as a payload that ends with its checksum."""
    body = encode(fields) + _CHECKSUM + "04"
    return body + checksum(body)


def checksum(body: str) -> str:
    """Give CRC-16/CCITT-FALSE of a payload up to and including "6304", as four hexadecimal digits."""
    return f"{binascii.crc_hqx(body.encode(), 0xFFFF):04X}"


def decode(text: str) -> dict[str, str]:
    """Read data objects, in order. Raises `NotEmvcoError` when one overruns, is empty or stands twice."""
    fields: dict[str, str] = {}
    place = 0
    while place < len(text):
        identity, length = text[place : place + 2], text[place + 2 : place + 4]
        if not (len(length) == 2 and (identity + length).isascii() and (identity + length).isdigit()):
            raise NotEmvcoError(f"no data object begins at character {place}")
        value = text[place + 4 : place + 4 + int(length)]
        if not value or len(value) != int(length):
            raise NotEmvcoError(f"the value of {identity} is empty or cut off")
        if identity in fields:
            raise NotEmvcoError(f"{identity} stands twice")
        fields[identity] = value
        place += 4 + len(value)
    return fields


def parse(text: str) -> dict[str, str]:
    """Read any merchant-presented payload: its data objects by id, templates not yet opened (`decode` opens them).

    Raises `NotEmvcoError`: not a payload, a wrong checksum, a mandatory object missing, or a broken template.
    """
    if len(text) > PAYLOAD_CHARACTERS_MAX:
        raise NotEmvcoError("the payload is too long")
    try:
        fields = decode(text)
        expected = checksum(text[:-4])
    except UnicodeEncodeError as error:
        raise NotEmvcoError("the payload is not text") from error
    order = list(fields)
    if not order or order[0] != _FORMAT or fields[_FORMAT] != "01":
        raise NotEmvcoError("the payload does not begin with its format")
    if order[-1] != _CHECKSUM or fields[_CHECKSUM] != expected:
        raise NotEmvcoError("the checksum is wrong")
    missing = [identity for identity in (_CATEGORY, _CURRENCY, _COUNTRY, _NAME, _CITY) if identity not in fields]
    if missing:
        raise NotEmvcoError(f"{', '.join(missing)} is missing")
    for identity in _TEMPLATES & fields.keys():
        decode(fields[identity])
    return fields


def code_of(fields: Mapping[str, str]) -> str | None:
    """Find the code of one of our stickers in a parsed payload; None if it is somebody else's."""
    for identity in _ACCOUNTS:
        account = decode(fields[identity]) if identity in fields else {}
        if account.get("00") == GUID and "01" in account:
            return account["01"]
    return None
