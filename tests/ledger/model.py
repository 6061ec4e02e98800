"""The ledger as a plain program: dictionaries and loops. What the real one must agree with, in what it does and in what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from haihe.base.clock import service_day
from haihe.base.money import AMOUNT_FEN_MAX
from haihe.ledger.model import AccountFlag, Leg, NewAccount, Phase, Posted, Posting, Result, Risk, TurnoverLimits

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Counted(NamedTuple):
    """A debit that counts against limits, on the booking day on which it does; a release counts against it on the same day."""

    day: date
    risk: int
    amount: int


@dataclass
class PlainAccount:
    """An account with its sums, and what counts against its limits."""

    flags: AccountFlag
    limit_class: int = 0
    debits: int = 0
    credits: int = 0
    held: int = 0
    """What it can no longer spend and has not spent yet."""
    counted: list[Counted] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return self.credits - self.debits - self.held

    @property
    def refuses(self) -> bool:
        return bool(self.flags & (AccountFlag.FROZEN | AccountFlag.CLOSED))

    def lacks(self, amount: int) -> bool:
        return AccountFlag.NO_OVERDRAFT in self.flags and self.balance < amount

    def turnover(self, today: date) -> tuple[int, ...]:
        """Sum up the day by risk A to D, the year, everything."""
        by_risk = [
            sum(one.amount for one in self.counted if one.day == today and one.risk == risk) for risk in range(1, 5)
        ]
        year = sum(one.amount for one in self.counted if one.day.year == today.year)
        return (*by_risk, year, sum(one.amount for one in self.counted))

    def exceeds(self, amount: int, risk: int, today: date, limits: TurnoverLimits | None) -> bool:
        if not risk or limits is None:
            return False
        by_risk = (limits.day_a, limits.day_b, limits.day_c, limits.day_d)
        sums = self.turnover(today)
        asked = ((sums[risk - 1], by_risk[risk - 1]), (sums[4], limits.year), (sums[5], limits.total))
        return any(limit is not None and had + amount > limit for had, limit in asked)


@dataclass
class PlainHold:
    """Money that is promised."""

    debit: int
    credit: int
    rest: int
    expires: datetime
    day: date
    risk: int


@dataclass
class PlainHead:
    """A bucket's time, which never goes back: of its newest batch, and its open booking day."""

    posted: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    day: date = date(2000, 1, 1)

    def advance(self, now: datetime) -> None:
        self.posted, self.day = max(self.posted, now), max(self.day, service_day(now))


@dataclass
class PlainLedger:
    """Applies postings one after the other."""

    id_min: int = 0
    head: PlainHead = field(default_factory=PlainHead)
    limits: dict[int, TurnoverLimits] = field(default_factory=dict)
    accounts: dict[int, PlainAccount] = field(default_factory=dict)
    holds: dict[int, PlainHold] = field(default_factory=dict)
    answers: dict[int, tuple[object, Result]] = field(default_factory=dict)
    journal: list[tuple[int, int, int, int]] = field(default_factory=list)

    def open(self, accounts: list[NewAccount]) -> None:
        for account in accounts:
            self.accounts.setdefault(account.id, PlainAccount(account.flags, account.limit_class))

    def post(self, postings: list[Posting], now: datetime) -> list[Result]:
        if any(self._is_fresh(posting) for posting in postings):
            self.head.advance(now)
        return [self._post(posting) for posting in postings]

    def expire(self, now: datetime) -> None:
        """Release what has expired."""
        open_holds = [(hold.expires, identity) for identity, hold in self.holds.items() if hold.rest]
        expired = [identity for expires, identity in sorted(open_holds) if expires <= now]
        if expired:
            self.head.advance(now)
        for identity in expired:
            self._release(0, self.holds[identity])

    def balance(self, account: int) -> int:
        return self.accounts[account].balance if account in self.accounts else 0

    def _is_fresh(self, posting: Posting) -> bool:
        return not self._malformed(posting) and posting.id >= self.id_min and posting.id not in self.answers

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
            or any(leg.debit == leg.credit or _misheld(leg) for leg in legs)
            or len({leg.currency for leg in legs}) != 1
        )

    def _apply(self, posting: Posting) -> Result:
        """Apply every leg, or leave everything as it was."""
        accounts = {
            identity: (one.debits, one.credits, one.held, list(one.counted)) for identity, one in self.accounts.items()
        }
        rests = {identity: hold.rest for identity, hold in self.holds.items()}
        written = len(self.journal)
        for place, leg in enumerate(posting.legs):
            result = self._leg(posting, posting.id + place, leg)
            if result is not Result.POSTED:
                for identity, (debits, credits_, held, counted) in accounts.items():
                    one = self.accounts[identity]
                    one.debits, one.credits, one.held, one.counted = debits, credits_, held, counted
                self.holds = {identity: hold for identity, hold in self.holds.items() if identity in rests}
                for identity, rest in rests.items():
                    self.holds[identity].rest = rest
                del self.journal[written:]
                return result
        return Result.POSTED

    def _leg(self, posting: Posting, identity: int, leg: Leg) -> Result:
        hold = self.holds.get(leg.names)
        if leg.phase in {Phase.CAPTURE, Phase.RELEASE}:
            if hold is None or (hold.debit, hold.credit) != (leg.debit, leg.credit):
                return Result.UNKNOWN_HOLD
            if not hold.rest or (leg.phase is Phase.CAPTURE and hold.expires <= self.head.posted):
                return Result.HOLD_ENDED
            if leg.amount > hold.rest:
                return Result.ABOVE_REST
        if leg.phase is Phase.RELEASE and hold is not None:
            self._release(identity, hold)
            return Result.POSTED
        result = self._why(leg)
        if result is Result.POSTED:
            self._move(posting, identity, leg, hold)
            self.journal.append((identity, leg.debit, leg.credit, leg.amount))
        return result

    def _move(self, posting: Posting, identity: int, leg: Leg, hold: PlainHold | None) -> None:
        payer, payee = self.accounts[leg.debit], self.accounts[leg.credit]
        if leg.risk:
            payer.counted.append(Counted(self.head.day, leg.risk, leg.amount))
        if leg.phase is Phase.HOLD:
            payer.held += leg.amount
            expires = posting.expires or NEVER
            self.holds[identity] = PlainHold(leg.debit, leg.credit, leg.amount, expires, self.head.day, leg.risk)
            return
        if leg.phase is Phase.CAPTURE and hold is not None:
            payer.held -= leg.amount
            hold.rest -= leg.amount
        payer.debits += leg.amount
        payee.credits += leg.amount

    def _release(self, identity: int, hold: PlainHold) -> None:
        payer = self.accounts[hold.debit]
        payer.held -= hold.rest
        if hold.risk:
            payer.counted.append(Counted(hold.day, hold.risk, -hold.rest))
        self.journal.append((identity, hold.debit, hold.credit, hold.rest))
        hold.rest = 0

    def _why(self, leg: Leg) -> Result:
        """Find the first reason, the payer's side before the payee's."""
        payer, payee = self.accounts.get(leg.debit), self.accounts.get(leg.credit)
        if payer is None:
            return Result.UNKNOWN_ACCOUNT
        limits = self.limits.get(payer.limit_class)
        reasons = [
            (AccountFlag.FROZEN in payer.flags, Result.ACCOUNT_FROZEN),
            (AccountFlag.CLOSED in payer.flags, Result.ACCOUNT_CLOSED),
            (leg.phase is not Phase.CAPTURE and payer.lacks(leg.amount), Result.INSUFFICIENT_FUNDS),
            (payer.exceeds(leg.amount, leg.risk, self.head.day, limits), Result.LIMIT_EXCEEDED),
            (payee is None, Result.PAYEE_UNKNOWN),
            (payee is not None and AccountFlag.FROZEN in payee.flags, Result.PAYEE_FROZEN),
            (payee is not None and AccountFlag.CLOSED in payee.flags, Result.PAYEE_CLOSED),
        ]
        return next((result for holds, result in reasons if holds), Result.POSTED)


def _misheld(leg: Leg) -> bool:
    """Tell whether a leg says what no leg may: a release says no amount, what ends a hold names it and counts against no limit."""
    ends = leg.phase in {Phase.CAPTURE, Phase.RELEASE}
    if ends and (leg.names <= 0 or leg.risk is not Risk.NONE):
        return True
    return leg.amount != 0 if leg.phase is Phase.RELEASE else not 1 <= leg.amount <= AMOUNT_FEN_MAX


def same(posted: list[Posted], results: list[Result]) -> bool:
    """Tell whether the real ledger said the same."""
    return [answer.result for answer in posted] == results
