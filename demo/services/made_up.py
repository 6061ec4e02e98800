"""Made-up people: names, ID numbers (GB 11643), phones and bank cards that are valid in form and belong to nobody.

The ID numbers carry the region code 120199, which no district of Tianjin has; the cards begin with 629999, which no bank has.
"""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Final

REGION: Final = "120199"
CARD_PREFIX: Final = "629999"
CARD_DIGITS: Final = 19
_FIRST_BIRTHDAY: Final = date(1958, 1, 1)
_BIRTHDAYS: Final = (date(1999, 1, 1) - _FIRST_BIRTHDAY).days
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
_GIVEN: Final = "海河津桥云帆晨光晓春秋月明华安宁思远文博雨晴雪梅国庆建军志强子涵欣怡"
_CHECK: Final = "10X98765432"


def name() -> str:
    """Make a Chinese name of three characters."""
    return secrets.choice(_SURNAMES) + secrets.choice(_GIVEN) + secrets.choice(_GIVEN)


def id_number() -> str:
    """Make the ID number of an adult below sixty or so."""
    born = _FIRST_BIRTHDAY + timedelta(days=secrets.randbelow(_BIRTHDAYS))
    body = f"{REGION}{born:%Y%m%d}{secrets.randbelow(1000):03d}"
    return body + id_check_character(body)


def id_check_character(body: str) -> str:
    """Give the last character of an ID number from its first seventeen (GB 11643-1999)."""
    return _CHECK[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]


def phone() -> str:
    """Make a mobile number that does not end with 0000: such ones are somebody else's (demo/services/phones.py)."""
    return f"19{secrets.randbelow(10**5):05d}{1 + secrets.randbelow(9_999):04d}"


def card() -> str:
    """Make a bank card number with its Luhn digit."""
    body = CARD_PREFIX + "".join(str(secrets.randbelow(10)) for _ in range(CARD_DIGITS - len(CARD_PREFIX) - 1))
    return body + luhn_digit(body)


def luhn_digit(body: str) -> str:
    """Give the check digit that follows these digits (ISO/IEC 7812-1)."""
    total = 0
    for place, character in enumerate(reversed(body)):
        doubled = int(character) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
