"""The ledger as a plain program: a dictionary and a loop. What the real one must agree with."""

from __future__ import annotations

from dataclasses import dataclass, field

from haihe.base.money import AMOUNT_FEN_MAX
from haihe.ledger.model import AccountFlag, NewAccount, Posted, Posting, Result


@dataclass
class PlainAccount:
    """An account with its two sums."""

    flags: AccountFlag
    debits: int = 0
    credits: int = 0

    @property
    def balance(self) -> int:
        return self.credits - self.debits

    @property
    def refuses(self) -> bool:
        return bool(self.flags & (AccountFlag.FROZEN | AccountFlag.CLOSED))

    def lacks(self, amount: int) -> bool:
        return AccountFlag.NO_OVERDRAFT in self.flags and self.balance < amount


@dataclass
class PlainLedger:
    """Applies postings one after the other."""

    id_min: int = 0
    accounts: dict[int, PlainAccount] = field(default_factory=dict)
    answers: dict[int, tuple[object, Result]] = field(default_factory=dict)
    journal: list[tuple[int, int, int, int]] = field(default_factory=list)

    def open(self, accounts: list[NewAccount]) -> None:
        for account in accounts:
            self.accounts.setdefault(account.id, PlainAccount(account.flags))

    def post(self, postings: list[Posting]) -> list[Result]:
        return [self._post(posting) for posting in postings]

    def balance(self, account: int) -> int:
        return self.accounts[account].balance if account in self.accounts else 0

    def _post(self, posting: Posting) -> Result:
        if self._malformed(posting):
            return Result.MALFORMED
        if posting.id < self.id_min:
            return Result.TOO_OLD
        content = (tuple(posting.legs), posting.payment, posting.effective)
        if posting.id in self.answers:
            first, result = self.answers[posting.id]
            if first != content:
                return Result.ID_REUSED
            return Result.ALREADY_POSTED if result is Result.POSTED else result
        result = self._apply(posting)
        self.answers[posting.id] = (content, result)
        return result

    def _malformed(self, posting: Posting) -> bool:
        legs = posting.legs
        return (
            posting.id <= 0
            or posting.id % 16 != 0
            or not 1 <= len(legs) <= 16
            or any(not 1 <= leg.amount <= AMOUNT_FEN_MAX or leg.debit == leg.credit for leg in legs)
            or len({leg.currency for leg in legs}) != 1
        )

    def _apply(self, posting: Posting) -> Result:
        before = {identity: (account.debits, account.credits) for identity, account in self.accounts.items()}
        for place, leg in enumerate(posting.legs):
            result = self._move(leg.debit, leg.credit, leg.amount)
            if result is not Result.POSTED:
                for identity, (debits, credits_) in before.items():
                    self.accounts[identity].debits, self.accounts[identity].credits = debits, credits_
                del self.journal[len(self.journal) - place :]
                return result
            self.journal.append((posting.id + place, leg.debit, leg.credit, leg.amount))
        return Result.POSTED

    def _move(self, debit: int, credit: int, amount: int) -> Result:
        payer, payee = self.accounts.get(debit), self.accounts.get(credit)
        if payer is None or payee is None or payer.refuses or payee.refuses or payer.lacks(amount):
            return _why(payer, payee, amount)
        payer.debits += amount
        payee.credits += amount
        return Result.POSTED


def _why(payer: PlainAccount | None, payee: PlainAccount | None, amount: int) -> Result:
    """Find the first reason, the payer's side before the payee's."""
    if payer is None:
        return Result.UNKNOWN_ACCOUNT
    reasons = [
        (AccountFlag.FROZEN in payer.flags, Result.ACCOUNT_FROZEN),
        (AccountFlag.CLOSED in payer.flags, Result.ACCOUNT_CLOSED),
        (payer.lacks(amount), Result.INSUFFICIENT_FUNDS),
        (payee is None, Result.PAYEE_UNKNOWN),
        (payee is not None and AccountFlag.FROZEN in payee.flags, Result.PAYEE_FROZEN),
        (payee is not None and AccountFlag.CLOSED in payee.flags, Result.PAYEE_CLOSED),
    ]
    return next(result for holds, result in reasons if holds)


def same(posted: list[Posted], results: list[Result]) -> bool:
    """Tell whether the real ledger said the same."""
    return [answer.result for answer in posted] == results
