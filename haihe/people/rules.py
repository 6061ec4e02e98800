"""What a name, an ID number, a phone number and a passcode must look like. Pure."""

from __future__ import annotations

import itertools
import re
import unicodedata
from datetime import date
from typing import Final

from haihe.base.i18n import LANGUAGES
from haihe.people import errors

ADULT_YEARS: Final = 16
"""From this age a person registers alone: the age at which the ID card must be applied for (ID card law, Art. 2)."""
NAME_CHARACTERS_MIN: Final = 2
NAME_CHARACTERS_MAX: Final = 40
PASSCODE_DIGITS: Final = 6
FIRST_YEAR: Final = 1850
_PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_CHECK_CHARACTERS: Final = "10X98765432"
_ID_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]")
_PHONE: Final = re.compile(r"1[3-9][0-9]{9}")
_NAME_MARKS: Final = frozenset(" ·•.-'’")


def read_name(text: str) -> str:
    """Give a name with its spaces in order. Raises `NameInvalid` unless it is 2 to 40 letters, dots, hyphens and spaces."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    letters = sum(unicodedata.category(character)[0] in "LM" for character in name)
    others = [character for character in name if unicodedata.category(character)[0] not in "LM"]
    in_size = NAME_CHARACTERS_MIN <= len(name) <= NAME_CHARACTERS_MAX and letters >= NAME_CHARACTERS_MIN
    if not in_size or not _NAME_MARKS.issuperset(others):
        raise errors.NameInvalid(field="name")
    return name


def read_id_number(text: str, *, today: date) -> str:
    """Give a resident ID number (GB 11643-1999) in its usual form. Raises a kind of `IdNumberInvalid`."""
    number = "".join(text.split()).upper()
    if not _ID_NUMBER.fullmatch(number):
        reason = "length" if len(number) != 18 else "characters"
        raise errors.IdNumberLength(field="id_number", reason=reason)
    if number[:2] not in _PROVINCES:
        raise errors.IdNumberRegion(field="id_number", reason="region")
    if birth_date(number) > today:
        raise errors.IdNumberDate(field="id_number", reason="future")
    if number[17] != id_check_character(number[:17]):
        raise errors.IdNumberCheckDigit(field="id_number", reason="check_digit")
    return number


def birth_date(id_number: str) -> date:
    """Read the date of birth from an ID number. Raises `IdNumberDate` when there is no such day."""
    try:
        born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError as error:
        raise errors.IdNumberDate(field="id_number", reason="impossible_date") from error
    if born.year < FIRST_YEAR:
        raise errors.IdNumberDate(field="id_number", reason="impossible_date")
    return born


def id_check_character(body: str) -> str:
    """Give the last character from the first seventeen digits: weights 2^(17-i) modulo 11 (ISO 7064 MOD 11-2)."""
    return _CHECK_CHARACTERS[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]


def age(born: date, today: date) -> int:
    """Count whole years; who is born on 29 February has the birthday on 1 March in other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def check_age(id_number: str, *, today: date) -> None:
    """Raise `UnderAge` for who may not register alone."""
    if age(birth_date(id_number), today) < ADULT_YEARS:
        raise errors.UnderAge(field="id_number", years=ADULT_YEARS)


def read_phone(text: str) -> str:
    """Give a mobile number as eleven digits; +86, spaces and hyphens are understood. Raises `PhoneInvalid`."""
    phone = re.sub(r"[\s-]", "", text).removeprefix("+86")
    if not _PHONE.fullmatch(phone):
        raise errors.PhoneInvalid(field="phone")
    return phone


def check_passcode_strength(passcode: str) -> str:
    """Give the passcode back. Raises `PasscodeWeak` for what is not six digits, all equal or in a row up or down."""
    if not is_passcode(passcode):
        raise errors.PasscodeWeak(field="passcode")
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(passcode)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise errors.PasscodeWeak(field="passcode")
    return passcode


def is_passcode(text: str) -> bool:
    """Tell whether a text has the form of a passcode."""
    return len(text) == PASSCODE_DIGITS and text.isascii() and text.isdigit()


def read_language(text: str) -> str:
    """Give the code of one of the city's languages. Raises `LanguageUnknown`."""
    if text not in LANGUAGES:
        raise errors.LanguageUnknown(field="language")
    return text


def digits(code: str) -> str:
    """Give a one-time code without the spaces that people and phones put in."""
    return "".join(code.split())
