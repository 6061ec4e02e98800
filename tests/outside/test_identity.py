"""The phone operators, the offices and the clearing house: an answer, or none; never a guess."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from demo.services import made_up
from haihe.outside.http import Unreachable, open_outside
from haihe.outside.offices import CardAnswer, HttpOffices
from haihe.outside.phone_operator import HttpPhoneOperator
from haihe.outside.registry import Answer
from tests.citizens import ANSWER_S_MAX, Service

NAME = "王海河"


@pytest.fixture
async def operator(phones: Service) -> AsyncIterator[HttpPhoneOperator]:
    async with open_outside(phones.url, answer_s_max=ANSWER_S_MAX) as outside:
        yield HttpPhoneOperator(outside)


@pytest.fixture
async def offices(records: Service) -> AsyncIterator[HttpOffices]:
    async with open_outside(records.url, answer_s_max=ANSWER_S_MAX) as outside:
        yield HttpOffices(outside)


async def test_operator_knows_a_number_under_one_person(operator: HttpPhoneOperator, phones: Service):
    number, phone = made_up.id_number(), made_up.phone()
    for name, id_number, answer in (
        (NAME, number, Answer.MATCH),
        (NAME, number, Answer.MATCH),
        ("李四", number, Answer.MISMATCH),
        (NAME, made_up.id_number(), Answer.MISMATCH),
    ):
        assert await operator.check(name=name, id_number=id_number, phone=phone) is answer
    told = made_up.phone()[:-4] + "0000"
    assert await operator.check(name=NAME, id_number=number, phone=told) is Answer.MISMATCH
    phones.post("/holders", [{"name": NAME, "id_number": number, "phone": told}]).raise_for_status()
    assert await operator.check(name=NAME, id_number=number, phone=told) is Answer.MATCH


async def test_each_office_keeps_records_of_its_own(offices: HttpOffices):
    number = made_up.id_number()
    assert await offices.check(office="social", name=NAME, id_number=number) is Answer.MATCH
    assert await offices.check(office="social", name="李四", id_number=number) is Answer.MISMATCH
    assert await offices.check(office="housing", name="李四", id_number=number) is Answer.MATCH
    assert await offices.check(office="education", name="Nobody", id_number=number) is Answer.MISMATCH
    with pytest.raises(Unreachable):
        await offices.check(office="circus", name=NAME, id_number=number)


async def test_clearing_house_says_of_which_bank_a_card_is(offices: HttpOffices):
    person = {"name": NAME, "id_number": made_up.id_number(), "phone": made_up.phone()}
    body = made_up.CARD_PREFIX + "4" + made_up.phone()
    card = body + made_up.luhn_digit(body)
    assert await offices.check_card(card=card, **person) == CardAnswer(Answer.MATCH, "beiyang-bank")
    assert (await offices.check_card(card=card, **{**person, "name": "李四"})).answer is Answer.MISMATCH
    assert (await offices.check_card(card="6222021234567890128", **person)).bank == "bank-622202"


@pytest.mark.parametrize("mode", ["wrong", "lost"])
async def test_without_a_clear_answer_nobody_is_known(
    operator: HttpPhoneOperator, offices: HttpOffices, phones: Service, records: Service, mode: str
):
    person = {"name": NAME, "id_number": made_up.id_number()}
    for service in (phones, records):
        service.tell(mode)
    asked = (
        operator.check(**person, phone=made_up.phone()),
        offices.check(office="social", **person),
        offices.check_card(card=made_up.card(), phone=made_up.phone(), **person),
    )
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unreachable] * 3
