"""What operations watch of payments (`GET /metrics`); counted once a batch, never once a payment."""

from __future__ import annotations

from collections import Counter as Tally
from typing import TYPE_CHECKING, Final

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.payments.model import Payment

SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)

PAYMENTS: Final = Counter("haihe_payments", "Payments by what became of them", ["status"])
BATCH_SIZE: Final = Histogram("haihe_batch_payments", "Payments in a batch", buckets=SIZES)
BATCH_SECONDS: Final = Histogram(
    "haihe_batch_seconds", "Time from the beginning of a batch to its commit", buckets=SECONDS
)


def count_batch(answers: Sequence[Payment | BaseException], seconds: float) -> None:
    """Count a batch that was committed."""
    BATCH_SIZE.observe(len(answers))
    BATCH_SECONDS.observe(seconds)
    tally = Tally(
        "key_reused" if isinstance(answer, BaseException) else answer.status.name.lower() for answer in answers
    )
    for status, number in tally.items():
        PAYMENTS.labels(status).inc(number)
