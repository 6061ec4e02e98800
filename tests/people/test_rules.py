from datetime import date

import pytest
from hypothesis import given, strategies as st
from stdnum.cn import ric

from haihe.people import errors, rules

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("120101199001010017", True),
        ("120101198001010012", True),
        ("120101198001010014", False),
    ],
)
def test_the_vectors_of_id_numbers_hold(number: str, is_valid: bool):
    if is_valid:
        assert rules.read_id_number(number, today=TODAY) == number.upper()
    else:
        with pytest.raises(errors.IdNumberCheckDigit):
            rules.read_id_number(number, today=TODAY)


@given(st.dates(date(1850, 1, 1), TODAY), st.integers(0, 999))
def test_check_digits_agree_with_an_independent_library(born: date, order: int):
    body = f"120101{born:%Y%m%d}{order:03d}"
    number = body + rules.id_check_character(body)
    assert ric.is_valid(number)
    assert rules.read_id_number(number, today=TODAY) == number
    assert rules.birth_date(number) == born


@given(st.dates(date(1850, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(born: date, order: int, place: int, shift: int):
    body = f"120101{born:%Y%m%d}{order:03d}"
    number = body + rules.id_check_character(body)
    changed = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(errors.IdNumberInvalid):
        rules.read_id_number(changed, today=TODAY)


@pytest.mark.parametrize(
    ("number", "refusal", "reason"),
    [
        ("", errors.IdNumberLength, "length"),
        ("1201011990010100", errors.IdNumberLength, "length"),
        ("1201011990010100177", errors.IdNumberLength, "length"),
        ("12010119900101001A", errors.IdNumberLength, "characters"),
        ("１20101199001010017", errors.IdNumberLength, "characters"),
        ("990101199001010017", errors.IdNumberRegion, "region"),
        ("120101199002300017", errors.IdNumberDate, "impossible_date"),
        ("120101190002290017", errors.IdNumberDate, "impossible_date"),
        ("120101184912310017", errors.IdNumberDate, "impossible_date"),
        ("120101202611230017", errors.IdNumberDate, "future"),
    ],
)
def test_a_wrong_id_number_is_refused_with_its_reason(number: str, refusal: type[errors.IdNumberInvalid], reason: str):
    with pytest.raises(refusal) as caught:
        rules.read_id_number(number, today=TODAY)
    assert caught.value.details == {"field": "id_number", "reason": reason}
    assert caught.value.code == "id_number_invalid"


@pytest.mark.parametrize(
    ("born", "years"),
    [(date(2010, 11, 22), 16), (date(2010, 11, 23), 15), (date(2008, 2, 29), 18), (date(2026, 11, 22), 0)],
)
def test_age_is_counted_in_whole_years(born: date, years: int):
    assert rules.age(born, TODAY) == years


def test_from_sixteen_on_a_person_registers_alone():
    rules.check_age("120101201011220017", today=TODAY)
    with pytest.raises(errors.UnderAge):
        rules.check_age("120101201011230017", today=TODAY)


@pytest.mark.parametrize(
    "name", ["张三", "欧阳娜娜", "迪丽热巴·迪力木拉提", "Анна-Мария Иванова", "Jean d'Arc", "Li", "é" * 40]
)
def test_names_of_many_kinds_are_names(name: str):
    assert rules.read_name(f"  {name} ") == name


@pytest.mark.parametrize("name", ["", "张", "x" * 41, "R2D2", "张三<b>", "·-", "a\x00b", "张三\u200b", "😀😀"])
def test_what_is_no_name_is_refused(name: str):
    with pytest.raises(errors.NameInvalid):
        rules.read_name(name)


@pytest.mark.parametrize("phone", ["13800138000", "+86 138-0013-8000", "199 1234 5678"])
def test_phones_are_read_as_people_write_them(phone: str):
    assert len(rules.read_phone(phone)) == 11


@pytest.mark.parametrize("phone", ["", "12800138000", "1380013800", "138001380001", "１3800138000", "+7 9161234567"])
def test_what_is_no_mobile_number_is_refused(phone: str):
    with pytest.raises(errors.PhoneInvalid):
        rules.read_phone(phone)


@pytest.mark.parametrize(
    "passcode", ["", "12345", "1234567", "abcdef", "000000", "123456", "654321", "789012", "210987", "１２３９５６"]
)
def test_passcodes_that_anyone_tries_first_are_refused(passcode: str):
    with pytest.raises(errors.PasscodeWeak):
        rules.check_passcode_strength(passcode)


@pytest.mark.parametrize("passcode", ["271828", "112233", "123455", "024680"])
def test_other_passcodes_are_taken(passcode: str):
    assert rules.check_passcode_strength(passcode) == passcode
