"""What a family's terms must look like, who is a child, and what a pairing code is. Pure but for chance."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Final

from haihe.people.family import errors
from haihe.people.family.model import CHILD_YEARS, FOREVER, MANDATE_DAYS_MAX, MANDATE_FEN_MAX, Right, Role, Terms
from haihe.people.model import Citizen
from haihe.people.rules import age

CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look like one another."""
CODE_LENGTH: Final = 8
KINDS_MAX: Final = 20


def is_child(born: date, today: date) -> bool:
    """Tell whether somebody born on a day is a child."""
    return age(born, today) < CHILD_YEARS


def check_of_age(citizen: Citizen, today: date) -> None:
    """Raise `NotOfAge` for who is a child."""
    if is_child(citizen.birth_date, today):
        raise errors.NotOfAge(years=CHILD_YEARS)


def check_terms(role: Role, terms: Terms, *, today: date) -> Terms:
    """Give what a tie of a role can mean of its terms. Raises `TermsInvalid`."""
    match role:
        case Role.GUARDIAN:
            return Terms()
        case Role.RELATIVE:
            if not 0 < len(set(terms.kinds)) <= KINDS_MAX:
                raise errors.TermsInvalid(field="kinds")
            return Terms(kinds=tuple(sorted(set(terms.kinds))))
        case Role.HELPER:
            return _check_mandate(terms, today)


def _check_mandate(terms: Terms, today: date) -> Terms:
    pays = Right.PAY_BILLS in terms.rights
    if not terms.rights:
        raise errors.TermsInvalid(field="rights")
    if pays and not 0 < terms.month_max <= MANDATE_FEN_MAX:
        raise errors.TermsInvalid(field="month_max")
    if terms.until == FOREVER or not today <= terms.until <= today + timedelta(days=MANDATE_DAYS_MAX):
        raise errors.TermsInvalid(field="until")
    return Terms(rights=terms.rights, month_max=terms.month_max if pays else 0, until=terms.until)


def new_code() -> str:
    """Make a pairing code: eight letters and digits, 40 bits of chance."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def read_code(text: str) -> str:
    """Give a pairing code as it was made, without the gaps and in the case that people type."""
    return "".join(text.split()).replace("-", "").upper()
