"""What a withdrawal must look like, and where its money goes. Pure."""

from __future__ import annotations

import hashlib

from haihe.ledger.model import Leg, SystemAccount, TransferKind
from haihe.wallet.model import WalletRules
from haihe.wallet.withdrawals import errors
from haihe.wallet.withdrawals.model import Withdrawal


def check_amount(amount: int, limits: WalletRules) -> None:
    """Raise `WithdrawalAmountInvalid` for an amount in fen outside the limits."""
    if not limits.withdraw_fen_min <= amount <= limits.withdraw_fen_max:
        raise amount_invalid(limits)


def amount_invalid(limits: WalletRules) -> errors.WithdrawalAmountInvalid:
    """Say between which amounts a withdrawal must be."""
    return errors.WithdrawalAmountInvalid(field="amount", min=limits.withdraw_fen_min, max=limits.withdraw_fen_max)


def content_hash(*, card: int, amount: int) -> bytes:
    """Give a hash of what a withdrawal asks, by which a reused key is noticed."""
    return hashlib.sha256(f"withdrawal|{card}|{amount}".encode()).digest()


def leaving(*, wallet: int, amount: int) -> Leg:
    """Take money out of a wallet. It counts against no limit: the law counts no withdrawal to one's own account (43/2015, Art. 11)."""
    return Leg(wallet, SystemAccount.IN_TRANSIT, amount, TransferKind.WITHDRAWAL)


def arriving(withdrawal: Withdrawal) -> Leg:
    """Let the money go: the bank has paid it out."""
    return Leg(
        SystemAccount.IN_TRANSIT,
        SystemAccount.RESERVE,
        withdrawal.amount,
        TransferKind.WITHDRAWAL,
        names=withdrawal.id,
    )


def returning(withdrawal: Withdrawal, *, to: int) -> Leg:
    """Bring the money back, naming the transfer that took it out."""
    return Leg(SystemAccount.IN_TRANSIT, to, withdrawal.amount, TransferKind.REVERSAL, names=withdrawal.id)
