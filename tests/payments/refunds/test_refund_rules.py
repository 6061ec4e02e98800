"""How a refund is divided: in proportion, to the fen, never above what a share has left."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from haihe.ledger.model import AccountFlag, AccountKind, SystemAccount
from haihe.payments.refunds.model import PaidShare
from haihe.payments.refunds.rules import divide_refund, refundable_account, way_back

RESTS = st.lists(st.integers(0, 10_000_000_00), min_size=1, max_size=15).filter(any)


@given(RESTS, st.data())
def test_parts_make_up_the_amount_and_none_is_above_its_rest(rests: list[int], data: st.DataObject):
    amount = data.draw(st.integers(0, sum(rests)))
    parts = divide_refund(amount, rests)
    assert sum(parts) == amount
    assert all(0 <= part <= rest for part, rest in zip(parts, rests, strict=True))
    assert all(abs(part * sum(rests) - amount * rest) < sum(rests) for part, rest in zip(parts, rests, strict=True))


@given(RESTS, st.data())
def test_partial_refunds_end_at_zero_everywhere(rests: list[int], data: st.DataObject):
    while left := sum(rests):
        wish = data.draw(st.integers(max(1, left // 4), left))
        rests = [rest - part for rest, part in zip(rests, divide_refund(wish, rests), strict=True)]
        assert min(rests) >= 0
        assert sum(rests) == left - wish
    assert not any(rests)


@pytest.mark.parametrize(
    ("amount", "rests", "parts"),
    [
        (1, [50, 50], [1, 0]),  # a tie goes to the earlier share
        (3, [100, 100, 100, 100], [1, 1, 1, 0]),
        (3_33, [2_50, 3_00, 1_20, 3_30], [83, 1_00, 40, 1_10]),
        (100, [0, 100, 0], [0, 100, 0]),
    ],
)
def test_remaining_fen_go_to_the_largest_fractions_and_ties_to_the_earlier_share(
    amount: int, rests: list[int], parts: list[int]
):
    assert divide_refund(amount, rests) == parts


@pytest.mark.parametrize("amount", [-1, 101])
def test_more_than_is_left_or_less_than_nothing_is_never_divided(amount: int):
    with pytest.raises(ValueError, match="cannot be divided"):
        divide_refund(amount, [100])


FROZEN, CLOSED, FREE = AccountFlag.FROZEN, AccountFlag.CLOSED, AccountFlag(0)
FLIGHT = int(SystemAccount.REFUNDS_IN_FLIGHT)


@pytest.mark.parametrize(
    ("kind", "flags", "fund", "fund_flags", "account"),
    [
        (AccountKind.WALLET, FREE, 0, FREE, 32),
        (AccountKind.WALLET, FROZEN, 0, FREE, FLIGHT),
        (AccountKind.WALLET, CLOSED, 0, FREE, FLIGHT),
        (AccountKind.PURSE, FREE, 48, FREE, 32),
        (AccountKind.PURSE, CLOSED, 48, FREE, 48),
        (AccountKind.PURSE, CLOSED, 48, FROZEN, FLIGHT),
        (AccountKind.PURSE, CLOSED, 0, FREE, FLIGHT),
        (AccountKind.PURSE, FROZEN, 48, FREE, FLIGHT),
        (AccountKind.CITY_FUNDS, CLOSED, 0, FREE, FLIGHT),
    ],
)
def test_share_goes_back_to_its_account_or_waits(
    kind: AccountKind, flags: AccountFlag, fund: int, fund_flags: AccountFlag, account: int
):
    assert way_back(PaidShare(16, 32, kind, flags, 1_00, 1_00, fund, fund_flags)) == account


def test_refundable_account_has_an_id_that_nothing_else_can_have():
    assert refundable_account(1 << 40) % 16 == 8
    assert refundable_account(16) > max(SystemAccount)
