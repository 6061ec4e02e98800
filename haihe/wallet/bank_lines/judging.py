"""What holds when the bank's answer and its statement are laid side by side. Pure."""

from __future__ import annotations

from typing import Final

from haihe.outside.bank import CONTRADICTED, DONE, Outcome, OutcomeKind

PULL: Final = "pull"
PUSH: Final = "push"
"""The words by which the statement tells money that came from money that left."""


def judged(outcome: Outcome, *, amount: int, line: int | None) -> Outcome:
    """Say what is known of a reference: the statement's line is the truth where there is one, else the answer if it fits.

    `amount` is what was asked and `line` what the statement moved, both signed fen as the reserve sees them. What fits neither is
    contradicted: nothing is known then, nothing moves, and it is reported.
    """
    if line is not None:
        return DONE if line == amount else CONTRADICTED
    if outcome.kind is OutcomeKind.DONE and outcome.amount not in {None, abs(amount)}:
        return CONTRADICTED
    return outcome
