"""What is kept and how it is divided, for any amounts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from haihe.ops.demo_data import TIANJIN
from haihe.settlement.fees import read_fees
from haihe.settlement.model import Figures
from haihe.settlement.rules import divide, fee_of, portions

FEN = st.integers(0, 10**12)
BY_BUCKET = st.dictionaries(st.integers(0, 31), st.integers(-(10**10), 10**10), max_size=32)


@given(st.integers(-(10**12), 10**12), st.integers(0, 10_000))
def test_a_fee_is_half_up_to_the_fen_and_never_above_the_takings(takings: int, points: int):
    fee = fee_of(takings, points)
    assert 0 <= fee <= max(0, takings)
    if takings > 0 and fee < takings:
        assert -5_000 < takings * points - fee * 10_000 <= 5_000 or fee * 10_000 - takings * points == 5_000


@pytest.mark.parametrize(("takings", "fee"), [(83, 0), (84, 1), (250, 2), (249, 1), (0, 0), (-100, 0)])
def test_sixty_basis_points_by_hand(takings: int, fee: int):
    assert fee_of(takings, 60) == fee


@given(st.data(), BY_BUCKET)
def test_a_division_gives_away_every_fen_and_no_part_more_than_its_weight(data: st.DataObject, weights: dict[int, int]):
    whole = sum(weight for weight in weights.values() if weight > 0)
    total = data.draw(st.integers(0, whole))
    parts = divide(total, weights)
    assert sum(parts.values()) == total
    assert all(0 <= part <= max(0, weights[bucket]) for bucket, part in parts.items())


def test_the_largest_remainder_gets_the_odd_fen():
    assert divide(10, {0: 1, 1: 1, 2: 1}) == {0: 4, 1: 3, 2: 3}
    assert divide(5, {0: 100, 1: 201}) == {0: 2, 1: 3}


@given(BY_BUCKET)
def test_a_payout_takes_what_is_owed_and_from_no_bucket_more(owed: dict[int, int]):
    taken = portions(owed)
    assert sum(taken.values()) == max(0, sum(owed.values()))
    assert all(0 < part <= owed[bucket] for bucket, part in taken.items())


@given(
    st.lists(st.tuples(st.dictionaries(st.integers(0, 3), st.tuples(FEN, FEN)), st.integers(0, 10_000)), max_size=20)
)
def test_net_and_fees_and_refunds_of_all_are_what_came_in(organisations: list[tuple[dict[int, tuple[int, int]], int]]):
    gross = kept = 0
    for shares, points in organisations:
        whole = sum((Figures(1, *amounts) for amounts in shares.values()), Figures())
        fee = fee_of(whole.takings, points)
        parts = divide(fee, {bucket: taken - back for bucket, (taken, back) in shares.items()})
        assert sum(parts.values()) == fee
        nets = [taken - back - parts.get(bucket, 0) for bucket, (taken, back) in shares.items()]
        gross += whole.gross
        kept += sum(nets) + fee + whole.refunded
    assert kept == gross


def test_the_demo_citys_fees_are_dated_and_public_services_pay_none(tmp_path: Path):
    fees = read_fees(TIANJIN)
    day = date(2026, 11, 22)
    assert fees.basis_points("shop", day) == 38
    assert fees.basis_points("shop", date(2016, 12, 31)) == 0
    public = ("bus_company", "coach", "utility", "hospital", "school", "social", "university", "unheard-of")
    assert {fees.basis_points(kind, day) for kind in public} == {0}
    for faulty, error in (
        ("kinds = ['shop']\nvalid_from = 2017-01-01\nbasis_points = 10_001", msgspec.ValidationError),
        ("kinds = ['shop', 'shop']\nvalid_from = 2017-01-01\nbasis_points = 1", ValueError),
    ):
        (tmp_path / "fees.toml").write_text(f"[[fee]]\n{faulty}\n")
        with pytest.raises(error):
            read_fees(tmp_path)
