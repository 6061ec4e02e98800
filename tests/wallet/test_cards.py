from dataclasses import replace

import pytest

from haihe.base import audit
from haihe.base.ids import ID_MAX
from haihe.people import errors as people_errors
from haihe.wallet import errors
from haihe.wallet.model import WalletRules
from haihe.wallet.rules import read_card
from tests.citizens import City, Service

NUMBER = "6222021234567890128"


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [
        ("4111111111111111", True),
        ("6222021234567890128", True),
        ("6222 0212 3456 7890 128", True),
        ("6222021234567890127", False),
        ("62220212345", False),
        ("62220212345678901286222", False),
        ("六222021234567890128", False),
        ("", False),
    ],
)
def test_a_card_number_needs_its_check_digit(number: str, is_valid: bool):
    if is_valid:
        assert read_card(number) == number.replace(" ", "")
    else:
        with pytest.raises(errors.CardInvalid):
            read_card(number)


async def test_a_card_is_added_once_and_kept_sealed(city: City):
    citizen = (await city.citizen(name="王海河")).citizen
    number = await city.wallets.cards.made_up(citizen.id)
    assert number is not None
    card = await city.wallets.cards.add(citizen.id, number)
    assert await city.wallets.cards.add(citizen.id, number) == card
    assert await city.wallets.cards.of(citizen.id) == [card]
    assert await city.wallets.cards.number(citizen.id, card.id) == number
    async with city.database.connection() as connection:
        row = await (await connection.execute("SELECT bank_cards::text FROM bank_cards")).fetchone()
    assert number not in str(row)
    assert number.encode().hex() not in str(row)


async def test_a_card_of_someone_else_is_refused(city: City):
    first, second = (await city.citizen()).citizen, (await city.citizen(name="李四海")).citizen
    number = await city.wallets.cards.made_up(first.id)
    assert number is not None
    with pytest.raises(errors.CardMismatch):
        await city.wallets.cards.add(second.id, number)


async def test_a_bank_that_does_not_answer_adds_nothing(city: City, bank: Service):
    citizen = (await city.citizen()).citizen
    bank.tell("silent")
    with pytest.raises(errors.BankUnavailable):
        await city.wallets.cards.add(citizen.id, NUMBER)
    assert await city.wallets.cards.of(citizen.id) == []


async def test_cards_can_be_removed_and_have_a_limit(city: City):
    citizen = (await city.citizen()).citizen
    cards = replace(city.wallets.cards, rules=WalletRules(cards_max=1))
    first, second = await cards.made_up(citizen.id), await cards.made_up(citizen.id)
    assert first
    assert second
    kept = await cards.add(citizen.id, first)
    with pytest.raises(errors.TooManyCards):
        await cards.add(citizen.id, second)
    await cards.remove(citizen.id, kept.id)
    with pytest.raises(errors.CardUnknown):
        await cards.remove(citizen.id, kept.id)
    assert (await cards.add(citizen.id, second)).last_digits == second[-4:]


async def test_adding_and_removing_cards_takes_the_passcode_and_stands_in_the_audit_log(city: City):
    citizen, other = (await city.citizen()).citizen, (await city.citizen(name="李四海")).citizen
    cards = city.wallets.cards
    number, foreign = await cards.made_up(citizen.id), await cards.made_up(other.id)
    assert number
    assert foreign
    for refusal, wrong, passcode in (
        (people_errors.PasscodeMissing, number, ""),
        (people_errors.PasscodeWrong, number, "314159"),
        (errors.CardInvalid, "4111111111111112", "271828"),
        (errors.CardMismatch, foreign, "271828"),
    ):
        with pytest.raises(refusal):
            await cards.add_confirmed(citizen.id, wrong, passcode)
    card = await cards.add_confirmed(citizen.id, number, "271828")
    await cards.add_confirmed(citizen.id, number, "271828")
    await cards.remove(citizen.id, card.id)
    async with city.database.connection() as connection:
        written = await audit.about(connection, citizen.id, before=ID_MAX, limit=20)
    deeds = [(one.deed.action, one.deed.outcome) for one in reversed(written) if one.deed.action.startswith("card_")]
    refused = ["passcode_missing", "passcode_wrong", "card_invalid", "card_mismatch"]
    assert deeds == [*(("card_added", code) for code in refused), ("card_added", "done"), ("card_removed", "done")]
    assert number not in str(written)
