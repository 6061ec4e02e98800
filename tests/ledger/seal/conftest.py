"""A sealer for the books of the ledger's tests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.notes import city_signer
from haihe.ledger.seal.sealer import Sealer
from tests.ledger.conftest import Books, books

__all__ = ["SIGNER", "books", "sealer"]

SIGNER = city_signer(b"a seal key of thirty-two bytes..")


@pytest.fixture
def sealer(books: Books) -> Sealer:
    """Seals the books, on a clock that stands still."""
    return Sealer(books.database, TurnableClock(datetime.now(UTC)), SIGNER)
