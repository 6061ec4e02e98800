"""Payment codes: 18 digits that a payer shows to a till, as QR and Code 128; 60 seconds, single use.

A code is random and says nothing about its payer. That it is used once is decided under the lock of the payer's bucket, in the
batch that pays with it (`payments.engine`); a refused payment leaves it as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.codes import payment_code_store as store
from haihe.codes.model import PaymentCode

PREFIX: Final = "62"
"""Outside 10-15 and 25-30, with which the codes of others begin (DOMAIN.md section 3)."""
DIGITS: Final = 18
LIFETIME: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=1)
"""How long an ended code still tells why it was refused."""
_RANDOM_DIGITS: Final = DIGITS - len(PREFIX)


class PaymentCodeUnknown(Refusal):
    """Nobody in this city shows this code."""

    code = "payment_code_unknown"
    status = 404
    text = N_("This payment code is not known. Please ask for a new one.")


class PaymentCodeExpired(Refusal):
    """The code was shown more than 60 seconds ago."""

    code = "payment_code_expired"
    status = 410
    text = N_("This payment code has expired. Please ask for a new one.")


class PaymentCodeUsed(Refusal):
    """The code has already paid once."""

    code = "payment_code_used"
    status = 410
    text = N_("This payment code was already used. Please ask for a new one.")


@dataclass(frozen=True)
class PaymentCodes:
    """Makes and reads payment codes."""

    database: Database
    clock: Clock

    async def issue(self, *, citizen: int, bucket: int) -> PaymentCode:
        """Make a fresh code for a citizen."""
        made = PaymentCode(_new_number(), citizen, bucket, self.clock.now() + LIFETIME)
        async with self.database.connection() as connection:
            await store.insert(connection, made)
        return made

    async def find(self, text: str) -> PaymentCode:
        """Read a shown code, used or not, expired or not: `check_fresh` tells. Raises `PaymentCodeUnknown`."""
        number = read_payment_code(text)
        if number is None:
            raise PaymentCodeUnknown
        async with self.database.connection() as connection:
            found = await store.find(connection, number)
        if found is None:
            raise PaymentCodeUnknown
        return found

    def check_fresh(self, code: PaymentCode) -> None:
        """Raise `PaymentCodeUsed` or `PaymentCodeExpired`."""
        if code.payment:
            raise PaymentCodeUsed
        if self.clock.now() > code.expires_at:
            raise PaymentCodeExpired

    async def forget_ended(self) -> None:
        """Remove codes that ended a day ago."""
        async with self.database.connection() as connection:
            await store.forget(connection, before=self.clock.now() - KEPT)


async def used(connection: Connection, codes: Sequence[int]) -> dict[int, int]:
    """Tell which codes have paid, with the payment; right under the lock of their payers' bucket."""
    return await store.used(connection, codes)


async def use_up(connection: Connection, codes: Sequence[int], payments: Sequence[int]) -> None:
    """Write into each code the payment that used it up, in the payment's transaction."""
    await store.use_up(connection, codes, payments)


def read_payment_code(text: str) -> int | None:
    """Read what a till saw or a cashier typed: 18 digits, spaces allowed; None if it is no payment code."""
    digits = text.replace(" ", "")
    is_code = len(digits) == DIGITS and digits.isascii() and digits.isdecimal() and digits.startswith(PREFIX)
    return int(digits) if is_code else None


def _new_number() -> int:
    span: int = 10**_RANDOM_DIGITS
    return int(PREFIX) * span + secrets.randbelow(span)
