from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from haihe.codes import emvco
from haihe.codes.emvco import Merchant, NotEmvcoError
from haihe.codes.service import new_code
from haihe.web import svg
from tests.codes.drawing import read_drawn

VECTORS = json.loads((Path(__file__).parent / "emvco_vectors.json").read_text())
SAMPLE = VECTORS[0]["payload"]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
MERCHANT = Merchant(
    code="23456789ABCDEFGH",
    name="Jinhe Bus",
    city="Tianjin",
    local_language="zh",
    local_name="津河巴士",
    local_city="天津",
    terminal="津A·04082",
)


def test_checksum_is_the_one_of_the_specification():
    assert emvco.checksum("123456789") == "29B1"


@pytest.mark.parametrize("vector", VECTORS)
def test_published_payloads_are_read_or_refused(vector: dict[str, str]):
    if vector["valid"]:
        fields = emvco.parse(vector["payload"])
        assert emvco.seal((name, value) for name, value in fields.items() if name != "63") == vector["payload"]
    else:
        with pytest.raises(NotEmvcoError):
            emvco.parse(vector["payload"])


def test_sample_of_the_specification_says_who_is_paid():
    fields = emvco.parse(SAMPLE)
    assert (fields["59"], fields["52"], fields["54"], emvco.decode(fields["64"])["01"]) == (
        "BEST TRANSPORT", "4111", "23.72", "最佳运输",
    )  # fmt: skip


def test_ours_carries_what_the_trade_expects():
    fields = emvco.parse(emvco.build(MERCHANT))
    assert {name: fields[name] for name in ("00", "01", "52", "53", "58", "59", "60")} == {
        "00": "01", "01": "11", "52": "4111", "53": "156", "58": "CN", "59": "Jinhe Bus", "60": "Tianjin",
    }  # fmt: skip
    assert emvco.decode(fields["64"]) == {"00": "ZH", "01": "津河巴士", "02": "天津"}
    assert emvco.code_of(fields) == "23456789ABCDEFGH"
    assert "54" not in fields


@pytest.mark.parametrize(("fen", "text"), [(200, "2.00"), (1, "0.01"), (10_000, "100.00"), (12_345_678, "123456.78")])
def test_amount_is_written_in_yuan(fen: int, text: str):
    merchant = Merchant(code=new_code(), name="A", city="B", amount=fen)
    assert emvco.parse(emvco.build(merchant))["54"] == text


@given(name=TEXT, city=TEXT, local_name=TEXT, terminal=TEXT)
def test_whatever_the_names_a_payload_is_valid_and_ours(name: str, city: str, local_name: str, terminal: str):
    code = new_code()
    payload = emvco.build(
        Merchant(code=code, name=name, city=city, local_language="zh", local_name=local_name, terminal=terminal)
    )
    fields = emvco.parse(payload)
    assert emvco.code_of(fields) == code
    assert len(fields["59"]) <= 25
    assert len(fields["60"]) <= 15


@given(st.integers(4, len(SAMPLE) - 1), st.characters(codec="utf-8"))
def test_one_changed_character_is_noticed(place: int, other: str):
    changed = SAMPLE[:place] + other + SAMPLE[place + 1 :]
    if changed != SAMPLE:
        with pytest.raises(NotEmvcoError):
            emvco.parse(changed)


@given(st.text(max_size=600))
def test_any_text_is_read_or_refused(text: str):
    with suppress(NotEmvcoError):
        assert emvco.parse(text)["00"] == "01"


@pytest.mark.parametrize(
    "fields",
    [[("1", "x")], [("aa", "x")], [("01", "")], [("01", "x" * 100)]],
)
def test_what_cannot_be_written_is_refused(fields: list[tuple[str, str]]):
    with pytest.raises(NotEmvcoError):
        emvco.encode(fields)


def test_object_that_stands_twice_is_refused():
    with pytest.raises(NotEmvcoError, match="twice"):
        emvco.decode("0102ab0103abc")


def test_drawn_payload_is_read_by_another_library():
    payload = emvco.build(MERCHANT)
    assert read_drawn(svg.qr(payload, "sticker")) == payload
