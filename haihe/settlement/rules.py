"""What is kept of a day, how it is divided, what a payout takes from where. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

BASIS: Final = 10_000
"""Basis points of the whole."""
CALL_OFF_AFTER: Final = timedelta(hours=12)
"""So long a payout that the bank never heard of is asked again; afterwards it is called off, and the next one takes the money along."""


def fee_of(takings: int, basis_points: int) -> int:
    """Say what the city keeps of a day's takings after refunds, in fen: rounded half up, nothing of nothing or less."""
    if takings <= 0:
        return 0
    return min(takings, (takings * basis_points + BASIS // 2) // BASIS)


def divide(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Divide fen in proportion to weights, to the fen, by the largest remainder; of equal remainders the smallest key goes first.

    Weights below zero count as nothing. No part exceeds its weight as long as the total does not exceed all of them together.
    """
    positive = {key: weight for key, weight in weights.items() if weight > 0}
    whole = sum(positive.values())
    if not whole:
        return {}
    parts = {key: total * weight // whole for key, weight in positive.items()}
    by_remainder = sorted(positive, key=lambda key: (-(total * positive[key] % whole), key))
    for key in by_remainder[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def portions(owed: Mapping[int, int]) -> dict[int, int]:
    """Say how much a payout takes from each bucket: what is owed there, together no more than is owed in all.

    `owed` is by bucket: what closed days brought, less what was paid out. A bucket that gave back more than it took is below zero, and
    the others pay less for it, the last ones first.
    """
    left = max(0, sum(owed.values()))
    taken: dict[int, int] = {}
    for bucket, amount in sorted(owed.items()):
        part = min(left, max(0, amount))
        if part:
            taken[bucket] = part
        left -= part
    return taken
