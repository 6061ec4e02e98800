"""What a sector tells `payments`: the protocol behind every kind of code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.payments.model import Description, Offer, Payment, Refused, Scan


class Sector(Protocol):
    """One kind of thing that can be paid. Every method takes a list and uses a constant number of statements.

    `kind` is the sticker's kind ("bus"); `number` is how the payment row stores it; neither ever changes.
    """

    @property
    def kind(self) -> str:
        """Name the sticker's kind."""
        ...

    @property
    def number(self) -> int:
        """Give the number that stands for the kind in payment rows."""
        ...

    @property
    def icon(self) -> str:
        """Name the icon of what is paid."""
        ...

    def price(self, scan: Scan) -> Offer:
        """Say what this scan costs, from memory. Raises the refusals of its code, its amount or its hour."""
        ...

    def asking_price(self, scan: Scan) -> int | None:
        """Say the price before the payer typed anything: None if the payer says the amount."""
        ...

    async def admit(self, connection: Connection, bucket: int, offers: Sequence[Offer]) -> Sequence[Refused | None]:
        """Refuse some of a batch, under the bucket's lock; sees the others of the batch in order."""
        ...

    async def record(self, connection: Connection, bucket: int, paid: Sequence[tuple[Offer, Payment]]) -> None:
        """Write the sector's own rows for what was paid, in the payment's transaction."""
        ...

    async def describe(
        self, connection: Connection, payments: Sequence[Payment], language: str
    ) -> Sequence[Description]:
        """Tell what was paid, one description for each, in a person's language."""
        ...

    def describe_scan(self, scan: Scan, language: str) -> Description:
        """Tell what is about to be paid."""
        ...
