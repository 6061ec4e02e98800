"""What clients do: each kind of operation draws one from a seed, whole, so that every repeat asks the very same.

A new kind is one function here and one line in OPERATIONS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Phase, Posting, Result, SystemAccount, TransferKind
from haihe.ops.bench.faults import store
from haihe.ops.bench.faults.town import FIRST_POT, POTS
from haihe.payments.errors import AlreadyPaid, InsufficientFunds
from haihe.payments.model import PaymentRequest
from haihe.wallet.model import TopUpStatus
from haihe.wallet.sending.errors import MoneyInsufficient, SendingLimitReached
from haihe.wallet.sending.model import SendRequest, Status

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

    from haihe.ops.bench.faults.town import Desk, Town
    from haihe.people.model import Citizen

COMPANION_SHARE: Final = 0.6
TOP_UP_FEN: Final = (1_00, 60_00)
OPEN_AMOUNT_FEN: Final = (1, 30_00)
POT_FEN: Final = (1, 40_00)
DEAR_SHARE: Final = 0.1
SEND_FEN: Final = (1, 40_00)
HOLDS_NEAR: Final = 40
"""Only the newest holds are ended, so that several ask for the same one."""
HOLD_REFUSALS: Final = {Result.INSUFFICIENT_FUNDS, Result.UNKNOWN_HOLD, Result.HOLD_ENDED, Result.ABOVE_REST}
REMEMBERED: Final = (AlreadyPaid, InsufficientFunds)
"""Refusals that are stored under their key, and so are the answer for good; others were said before anything was stored."""


class Move(NamedTuple):
    """What an account has more (or less) by an operation, in fen."""

    bucket: int
    account: int
    amount: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: `content` must be the same at every repeat if it `is_kept`; `moves` and `transfers` are what it did."""

    content: object
    moves: tuple[Move, ...] = ()
    transfers: int = 0
    is_kept: bool = True


class StillOpen(Exception):  # noqa: N818 - an answer that is not final yet
    """The outcome is not known yet: ask again later."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One wish of a client's, fixed before it is first said; `put` says it to a desk, and may be repeated."""

    kind: str
    key: str
    put: Callable[[Desk], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Draw:
    """What an operation is drawn from."""

    town: Town
    desk: Desk
    chance: random.Random
    key: str


def pay(draw: Draw) -> Ask:
    """Pay by a sticker: buses, shops, campuses; with purses and funds where the sector has them."""
    citizen = draw.chance.choice(draw.town.citizens)
    code, leaves_amount = draw.chance.choice(draw.town.stickers)
    request = PaymentRequest(
        citizen.id,
        citizen.bucket,
        code,
        draw.key,
        draw.chance.randint(*OPEN_AMOUNT_FEN) if leaves_amount else None,
        companion=draw.chance.random() < COMPANION_SHARE,
    )
    return Ask("pay", draw.key, lambda desk: _paid(desk, request))


def pay_due(draw: Draw) -> Ask:
    """Pay something that is owed, which others may be paying at this moment."""
    if not draw.town.owed:
        return pay(draw)
    citizen, code = draw.chance.choice(draw.town.owed)
    request = PaymentRequest(citizen.id, citizen.bucket, code, draw.key)
    return Ask("due", draw.key, lambda desk: _paid(desk, request))


async def _paid(desk: Desk, request: PaymentRequest) -> Answer:
    try:
        payment = await desk.payments.pay(request)
    except REMEMBERED as refusal:
        return Answer((refusal.code, str(refusal.details)))
    shares = payment.paid_by
    moves = [Move(payment.bucket, share.account, -share.amount) for share in shares]
    content = (payment.id, payment.amount, payment.balance, payment.batch, payment.payee, payment.paid_at, shares)
    return Answer(content, (*moves, Move(payment.bucket, payment.payee, payment.amount)), len(shares))


def top_up(draw: Draw) -> Ask:
    """Pull money from a bank card."""
    citizen, amount = draw.chance.choice(draw.town.citizens), draw.chance.randint(*TOP_UP_FEN)
    card = draw.town.cards[citizen.id]

    async def put(desk: Desk) -> Answer:
        asked = await desk.wallets.top_up(
            citizen=citizen.id, bucket=citizen.bucket, amount=amount, card=card, key=draw.key
        )
        if asked.is_open:
            raise StillOpen
        content = (asked.id, asked.amount, asked.status, asked.balance)
        if asked.status is not TopUpStatus.DONE:
            return Answer(content)
        return Answer(content, _moved(asked.bucket, SystemAccount.RESERVE, asked.citizen, amount), transfers=1)

    return Ask("top-up", draw.key, put)


def post(draw: Draw) -> Ask:
    """Post several legs over the pots of a bucket, all or none: money comes, goes round, and sometimes there is too little of it."""
    bucket, chance = draw.chance.randrange(draw.town.buckets), draw.chance
    amount = chance.randint(*POT_FEN)
    first, second, third = (FIRST_POT + place for place in chance.sample(range(POTS), 3))
    dear = amount * 1000 if chance.random() < DEAR_SHARE else amount
    source = int(SystemAccount.RESERVE) if chance.random() < 0.5 else first
    legs = tuple(
        Leg(debit, credit, fen, TransferKind.OPENING)
        for debit, credit, fen in ((source, second, amount), (second, third, dear), (third, first, amount))
        if debit != credit
    )
    posting = Posting(draw.desk.ground.base.ids.next(), legs, draw.town.clock.now(), subject=second)
    return Ask("posting", str(posting.id), lambda desk: _posted(desk, bucket, posting))


async def _posted(desk: Desk, bucket: int, posting: Posting) -> Answer:
    async with desk.database.transaction() as connection:
        batch = await ledger.post(connection, bucket, [posting], now=desk.ground.base.clock.now())
    result = batch.posted[0].result
    if result is Result.INSUFFICIENT_FUNDS:
        return Answer(result.name)
    if result not in {Result.POSTED, Result.ALREADY_POSTED}:
        raise BrokenInvariantError(f"posting {posting.id} was refused: {result.name}")
    moves = [move for leg in posting.legs for move in _moved(bucket, leg.debit, leg.credit, leg.amount)]
    return Answer("posted", tuple(moves), len(posting.legs))


def _moved(bucket: int, debit: int, credit: int, amount: int) -> tuple[Move, Move]:
    return Move(bucket, debit, -amount), Move(bucket, credit, amount)


def send(draw: Draw) -> Ask:
    """Send money to another citizen, who nearly always lives in another bucket."""
    sender, recipient = draw.chance.sample(list(draw.town.citizens), 2)
    request = SendRequest(
        sender=sender.id,
        bucket=sender.bucket,
        phone=recipient.phone,
        amount=draw.chance.randint(*SEND_FEN),
        key=draw.key,
    )
    return Ask("sending", draw.key, lambda desk: _sent(desk, request, recipient))


async def _sent(desk: Desk, request: SendRequest, recipient: Citizen) -> Answer:
    try:
        sent = await desk.sendings.send(request)
    except (MoneyInsufficient, SendingLimitReached) as refusal:
        return Answer(refusal.code)
    if sent.status is Status.SENT:
        raise StillOpen
    if sent.status is not Status.ARRIVED:
        raise BrokenInvariantError(f"what was sent ended as {sent.status}")
    content = (sent.id, sent.amount, sent.at)
    if recipient.bucket == request.bucket:
        return Answer(content, _moved(request.bucket, request.sender, recipient.id, request.amount), 1)
    left = _moved(request.bucket, request.sender, SystemAccount.BRIDGE, request.amount)
    arrived = _moved(recipient.bucket, SystemAccount.BRIDGE, recipient.id, request.amount)
    return Answer(content, (*left, *arrived), 2)


def hold(draw: Draw) -> Ask:
    """Hold money of one pot for another."""
    bucket, identity = draw.chance.randrange(draw.town.buckets), draw.desk.ground.base.ids.next()
    debit, credit = (FIRST_POT + place for place in draw.chance.sample(range(POTS), 2))
    leg = Leg(debit, credit, draw.chance.randint(*POT_FEN), TransferKind.DEPOSIT, phase=Phase.HOLD)
    draw.town.holds.append((bucket, identity, leg))
    posting = Posting(identity, (leg,), draw.town.clock.now(), subject=debit)
    return Ask("hold", str(identity), lambda desk: _held(desk, bucket, posting))


def end_hold(draw: Draw) -> Ask:
    """Capture a part of a hold, or release its rest, while others do the same."""
    if not draw.town.holds:
        return hold(draw)
    bucket, held, leg = draw.chance.choice(draw.town.holds[-HOLDS_NEAR:])
    releases = draw.chance.random() < 0.4
    phase, amount = (Phase.RELEASE, 0) if releases else (Phase.CAPTURE, draw.chance.randint(1, leg.amount))
    end = Leg(leg.debit, leg.credit, amount, TransferKind.DEPOSIT, names=held, phase=phase)
    posting = Posting(draw.desk.ground.base.ids.next(), (end,), draw.town.clock.now(), subject=leg.debit)
    return Ask("end of hold", str(posting.id), lambda desk: _held(desk, bucket, posting))


async def _held(desk: Desk, bucket: int, posting: Posting) -> Answer:
    (leg,) = posting.legs
    async with desk.database.transaction() as connection:
        batch = await ledger.post(connection, bucket, [posting], now=desk.ground.base.clock.now())
    result = batch.posted[0].result
    if result not in {Result.POSTED, Result.ALREADY_POSTED}:
        if result not in HOLD_REFUSALS:
            raise BrokenInvariantError(f"posting {posting.id} was refused: {result.name}")
        return Answer(result.name)
    if leg.phase is Phase.HOLD:
        return Answer("held", (Move(bucket, leg.debit, -leg.amount),), 1)
    if leg.phase is Phase.CAPTURE:
        return Answer("captured", (Move(bucket, leg.credit, leg.amount),), 1)
    async with desk.database.connection() as connection:
        rest = await store.amount_of(connection, bucket, posting.id)
    return Answer(("released", rest), (Move(bucket, leg.debit, rest),), 1)


def refused(refusal: Refusal) -> Answer:
    """Give the answer to what was refused before anything was stored: it did nothing, and may be another one tomorrow."""
    return Answer(refusal.code, is_kept=False)


OPERATIONS: Final[tuple[tuple[Callable[[Draw], Ask], int], ...]] = (
    (pay, 60),
    (pay_due, 8),
    (top_up, 14),
    (post, 18),
    (send, 14),
    (hold, 6),
    (end_hold, 8),
)
"""Every kind, with how often it is drawn."""


def draw(what: Draw) -> Ask:
    """Draw the next operation."""
    kinds, weights = zip(*OPERATIONS, strict=True)
    made: Ask = what.chance.choices(kinds, weights)[0](what)
    return made
