"""What the pages of families share."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from haihe.base.i18n import N_
from haihe.base.money import YUAN_FEN, NotMoneyError, fen_of_yuan
from haihe.payments.family.acting import Acting
from haihe.payments.family.relatives import shareable
from haihe.payments.service import Payments
from haihe.people.family.children import Children
from haihe.people.family.errors import ChildUnknown, TieUnknown
from haihe.people.family.model import Family, Right
from haihe.people.family.service import Families
from haihe.wallet.family.service import Allowances, ChildWallet
from haihe.wallet.rules import read_id
from haihe.web.forms import Form

NOT_FOUND: Final = 404
"""Refusals with which the page itself is not there."""
KEY_BYTES: Final = 16
SECRETS: Final = frozenset({"passcode", "own_passcode"})
"""Fields that are never shown again."""
RIGHTS: Final = (
    (Right.PAY_BILLS, N_("Pay my bills from my wallet")),
    (Right.SEE_BALANCE, N_("See my balance")),
    (Right.TOP_UP, N_("Top up my wallet with own money")),
)
"""What a mandate can allow, as its owner reads it."""


@dataclass(frozen=True)
class House:
    """The services behind the pages and the API of families."""

    families: Families
    children: Children
    allowances: Allowances
    acting: Acting

    async def wallets(self, guardian: int, family: Family) -> dict[int, ChildWallet]:
        """Give the wallets of a guardian's children, by child; of those who came of age today none."""
        found = {}
        for one in family.children:
            with suppress(ChildUnknown):
                found[one.tie.owner] = await self.allowances.wallet(guardian, one.tie.owner)
        return found


def new_key() -> str:
    """Make the idempotency key of one page."""
    return secrets.token_urlsafe(KEY_BYTES)


def with_key(form: Form[Any]) -> Form[Any]:
    """Give a form again with a key of its own and without the passcode."""
    kept = {name: value for name, value in form.values.items() if name not in SECRETS}
    return Form({**kept, "key": new_key()}, form.errors)


def child_id(text: str) -> int:
    """Read a child's id from an address. Raises `ChildUnknown`."""
    if (identity := read_id(text)) is None:
        raise ChildUnknown
    return identity


def tie_id(text: str) -> int:
    """Read a tie's id from an address. Raises `TieUnknown`."""
    if (identity := read_id(text)) is None:
        raise TieUnknown
    return identity


def fen_or_none(text: str) -> int | None:
    """Read an amount in yuan as fen, None for what is none; nothing is zero fen."""
    try:
        return fen_of_yuan(text)
    except NotMoneyError:
        return 0 if text.strip() in {"0", "0.0", "0.00"} else None


def yuan(fen: int) -> str:
    """Write fen as an amount in yuan that can be typed."""
    return f"{fen // YUAN_FEN}.{fen % YUAN_FEN:02d}"


def kind_titles(payments: Payments) -> list[tuple[int, str]]:
    """List the kinds of bills that may be shared, with their titles (msgids)."""
    return [(number, trade.title) for number, trade in sorted(shareable(payments).items())]


def numbers(texts: Iterable[str]) -> tuple[int, ...]:
    """Read small whole numbers; what is none is left out."""
    return tuple(int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 4)
