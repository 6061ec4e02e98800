from __future__ import annotations

from datetime import date

import pytest

from haihe.base.errors import Refusal
from haihe.catalogue.model import NotOffered
from haihe.catalogue.prices import Fixed, Open, PerUnit, Price
from haihe.payments.errors import AmountFixed, AmountInvalid, AmountMissing
from haihe.sectors.campus.errors import CardEnded, CardForeign, CardMissing
from haihe.sectors.campus.model import MEMBERS, Card, CardRole, CardStatus
from haihe.sectors.campus.rules import amount_of, card_at

DAY = date(2017, 9, 1)
OURS, THEIRS = 10, 20


def card(university: int, *, until: date = DAY, status: CardStatus = CardStatus.IN_USE) -> Card:
    return Card(1, 0, university, "201701000001", CardRole.STUDENT, until, status)


@pytest.mark.parametrize(
    ("price", "typed", "amount"), [(Fixed(350), None, 350), (Open(1, 2_000), 2_000, 2_000), (Open(), 1, 1)]
)
def test_price_is_fixed_or_typed(price: Price, typed: int | None, amount: int):
    assert amount_of(price, typed) == amount


@pytest.mark.parametrize(
    ("price", "typed", "refusal"),
    [
        (Fixed(350), 350, AmountFixed),
        (Open(), None, AmountMissing),
        (Open(), 0, AmountInvalid),
        (Open(), -5, AmountInvalid),
        (Open(100, 200), 99, AmountInvalid),
        (Open(100, 200), 201, AmountInvalid),
        (PerUnit("kWh", 5), 5, NotOffered),
    ],
)
def test_what_cannot_be_asked_at_a_point_is_refused(price: Price, typed: int | None, refusal: type[Refusal]):
    with pytest.raises(refusal):
        amount_of(price, typed)


def test_card_holds_to_its_last_day_at_its_own_university():
    ours, theirs = card(OURS), card(THEIRS)
    assert card_at([theirs, ours], organisation=OURS, audience=MEMBERS, day=DAY) == ours
    assert card_at([ours], organisation=OURS, audience="", day=DAY) == ours
    assert card_at([theirs], organisation=OURS, audience="", day=DAY) is None
    assert card_at([], organisation=OURS, audience="", day=DAY) is None


@pytest.mark.parametrize(
    ("cards", "refusal"),
    [
        ([], CardMissing),
        ([card(THEIRS)], CardForeign),
        ([card(OURS, until=date(2017, 8, 31))], CardEnded),
        ([card(THEIRS), card(OURS, status=CardStatus.BLOCKED)], CardEnded),
    ],
)
def test_members_only_means_a_valid_card_of_this_university(cards: list[Card], refusal: type[Refusal]):
    with pytest.raises(refusal):
        card_at(cards, organisation=OURS, audience=MEMBERS, day=DAY)


def test_number_is_masked():
    assert card(OURS).masked_number == "2017******01"
