"""A ride that four accounts paid, given back in parts: the example of docs/accounting.md, for an accountant to follow.

Amounts in yuan are written 3_33 (fen): 3.33. Whoever reads the tables of the document finds every figure here.
"""

from __future__ import annotations

import pytest

from haihe.payments.model import Payment, Source
from haihe.payments.refunds.errors import NothingLeft, RefundAboveRest
from tests.payments.refunds.conftest import Pier


def shares(payment: Payment) -> list[tuple[Source, int]]:
    return [(share.source, share.amount) for share in payment.paid_by]


async def test_ride_with_a_sponsors_share_and_two_purses_refunded_in_part_twice(pier: Pier):
    (li,) = await pier.city.register(1, 50_00)
    await pier.fill(li, senior=3_00, green=1_20)
    fund = pier.fund.id
    in_fund = await pier.city.available(li.bucket, fund)
    assert await pier.holds(li) == (50_00, 3_00, 1_20)

    # The ride costs 10.00: the sponsor bears 2.50, the purses pay what they have, the wallet the rest.
    ride = await pier.ride(li, 10_00, sponsored=2_50)
    assert shares(ride) == [
        (Source.FUND, 2_50),
        (Source.PURSE, 3_00),
        (Source.PURSE, 1_20),
        (Source.BALANCE, 3_30),
    ]
    assert await pier.holds(li) == (46_70, 0, 0)
    assert await pier.city.available(li.bucket, fund) == in_fund - 2_50
    assert await pier.till() == 10_00

    # First refund, 3.33 of 10.00. In proportion: 0.8325, 0.9990, 0.3996, 1.0989. Whole fen: 0.83, 0.99, 0.39, 1.09 = 3.30.
    # The three fen that are missing go to the largest fractions: .96 (green), .90 (senior), .89 (wallet).
    first = await pier.give_back(ride.id, 3_33)
    assert shares(first) == [
        (Source.FUND, 83),
        (Source.PURSE, 1_00),
        (Source.PURSE, 40),
        (Source.BALANCE, 1_10),
    ]
    assert (first.amount, first.names, first.balance) == (3_33, ride.id, 47_80)
    assert await pier.holds(li) == (47_80, 1_00, 40)
    assert await pier.city.available(li.bucket, fund) == in_fund - 2_50 + 83
    assert await pier.till() == 6_67

    # Second refund, 4.00 of the 6.67 that are left, over what each share has left: 1.67, 2.00, 0.80, 2.20.
    # In proportion: 1.0014, 1.1994, 0.4797, 1.3193. Whole fen: 1.00, 1.19, 0.47, 1.31 = 3.97; three fen more: .97, .94, .93.
    second = await pier.give_back(ride.id, 4_00)
    assert [amount for _, amount in shares(second)] == [1_00, 1_20, 48, 1_32]
    assert await pier.holds(li) == (49_12, 2_20, 88)
    assert await pier.till() == 2_67

    # More than the 2.67 that are left is refused, and nothing moves.
    with pytest.raises(RefundAboveRest) as refused:
        await pier.give_back(ride.id, 2_68)
    assert refused.value.details == {"rest": 2_67}
    assert await pier.till() == 2_67

    # All that is left: everybody has what they had before the ride, to the fen.
    last = await pier.give_back(ride.id)
    assert [amount for _, amount in shares(last)] == [67, 80, 32, 88]
    assert await pier.holds(li) == (50_00, 3_00, 1_20)
    assert await pier.city.available(li.bucket, fund) == in_fund
    assert await pier.till() == 0
    with pytest.raises(NothingLeft):
        await pier.give_back(ride.id, 1)
    assert pier.city.verified() == []
