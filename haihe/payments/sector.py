"""What a sector tells `payments`: the protocol behind every kind of thing that can be paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.payments.model import Asking, Description, Offer, Payment, Refused, Scan


class Sector(Protocol):
    """One kind of thing that can be paid. `admit`, `record` and `describe` take lists and use a constant number of statements.

    `kind` is the sticker's kind ("bus") and the word before a reference ("bill-7301"); `number` is how the payment row stores it;
    neither ever changes. What is owed before it is paid needs none of this by hand: see `dues`.
    """

    @property
    def kind(self) -> str:
        """Name the kind."""
        ...

    @property
    def number(self) -> int:
        """Give the number that stands for the kind in payment rows."""
        ...

    @property
    def icon(self) -> str:
        """Name the icon of what is paid."""
        ...

    @property
    def title(self) -> str:
        """Name the kind for people: an English msgid ("Buses")."""
        ...

    async def price(self, scan: Scan) -> Offer:
        """Say what this scan costs. Raises the refusals of its code, its amount, its payer or its hour.

        Where the scan names no payee, the offer's scan does. On hot paths it answers from memory.
        """
        ...

    async def ask(self, scan: Scan, language: str) -> Asking:
        """Tell what is about to be paid, before the payer typed anything. Raises as `price` does."""
        ...

    async def admit(self, connection: Connection, bucket: int, offers: Sequence[Offer]) -> Sequence[Refused | None]:
        """Refuse some of a batch, under the bucket's lock; a payer stands in it at most once."""
        ...

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write the sector's own rows for what was paid, in the payment's transaction."""
        ...

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        """Tell what was paid, one description for each, in a person's language."""
        ...


@runtime_checkable
class HearsOfRefunds(Protocol):
    """A sector that takes part in refunds; one without this method does not. A list, a constant number of statements."""

    async def refunded(self, connection: Connection, bucket: int, refunds: Sequence[tuple[Payment, Payment]]) -> None:
        """Write the sector's own rows for refunds (each with its payment), in the refund's transaction; raising takes all back."""
        ...
