import pytest
from hypothesis import given, strategies as st

from haihe.base.errors import BrokenInvariantError
from haihe.base.vault import Vault, mask_card, mask_id_number, mask_name, mask_phone

VAULT = Vault(vault_key=b"v" * 32, search_key=b"s" * 32)
people = st.integers(1, 2**63 - 1)
texts = st.text(max_size=60)


@given(people, texts)
def test_what_is_sealed_opens_again(person: int, text: str):
    own = VAULT.unlock(VAULT.new_key(person), person)
    assert own.open("name", own.seal("name", text)) == text


@given(people, texts)
def test_a_value_opens_only_in_its_field(person: int, text: str):
    own = VAULT.unlock(VAULT.new_key(person), person)
    with pytest.raises(BrokenInvariantError):
        own.open("phone", own.seal("name", text))


@given(people, people, texts)
def test_a_value_opens_only_for_its_person(person: int, other: int, text: str):
    key = VAULT.new_key(person)
    sealed = VAULT.unlock(key, person).seal("name", text)
    if person != other:
        with pytest.raises(BrokenInvariantError):
            VAULT.unlock(key, other)
        with pytest.raises(BrokenInvariantError):
            VAULT.unlock(VAULT.new_key(other), other).open("name", sealed)


@given(people, texts, st.integers(0, 10**6), st.integers(1, 255))
def test_any_changed_byte_is_noticed(person: int, text: str, place: int, change: int):
    own = VAULT.unlock(VAULT.new_key(person), person)
    sealed = bytearray(own.seal("name", text))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(BrokenInvariantError):
        own.open("name", bytes(sealed))


@pytest.mark.parametrize("length", [0, 5, 12, 27])
def test_a_value_that_was_cut_is_noticed(length: int):
    own = VAULT.unlock(VAULT.new_key(1), 1)
    with pytest.raises(BrokenInvariantError):
        own.open("name", own.seal("name", "")[:length])


def test_without_the_persons_key_the_person_is_gone():
    sealed = VAULT.unlock(VAULT.new_key(7), 7).seal("name", "王海河")
    with pytest.raises(BrokenInvariantError):
        VAULT.unlock(VAULT.new_key(7), 7).open("name", sealed)


def test_another_city_opens_nothing():
    other = Vault(vault_key=b"w" * 32, search_key=b"s" * 32)
    with pytest.raises(BrokenInvariantError):
        other.unlock(VAULT.new_key(1), 1)


def test_the_same_text_is_sealed_differently_each_time():
    own = VAULT.unlock(VAULT.new_key(1), 1)
    assert own.seal("name", "王") != own.seal("name", "王")


@given(texts, texts)
def test_search_hashes_agree_exactly_when_field_and_text_do(one: str, other: str):
    assert (VAULT.search_hash("phone", one) == VAULT.search_hash("phone", other)) == (one == other)
    assert VAULT.search_hash("phone", one) != VAULT.search_hash("id_number", one)
    assert Vault(vault_key=b"v" * 32, search_key=b"x" * 32).search_hash("phone", one) != VAULT.search_hash("phone", one)


def test_keys_have_the_right_length():
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(vault_key=b"short", search_key=b"s" * 32)


def test_masks_show_what_they_should():
    assert mask_phone("13800138000") == "138****8000"
    assert mask_id_number("120101199001010017") == "12**************17"
    assert mask_card("6222021234567890128") == "**** 0128"
    assert [mask_name(name) for name in ("张三", "欧阳娜娜", "Alexander", "X")] == ["张*", "欧***", "A***", "X*"]


@given(st.text(max_size=30))
def test_masks_never_show_short_values(text: str):
    if len(text) <= 7:
        assert set(mask_phone(text)) <= {"*"}
