from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from haihe.codes import emvco
from haihe.codes.model import CodeForeign
from haihe.codes.reading import read
from haihe.codes.service import new_code

CODE = "23456789ABCDEFGH"
BASE = "http://127.0.0.1:8000"
EMVCO = emvco.build(emvco.Merchant(code=CODE, name="Jinhe Bus", city="Tianjin"))


@pytest.mark.parametrize(
    "text",
    [
        f"{BASE}/s/{CODE}",
        f"{BASE}/s/{CODE}/",
        f"{BASE}/s/{CODE}?lang=ru",
        f"  {BASE}/s/{CODE}\n",
        f"http://localhost:8000/s/{CODE}",
        f"https://pay.tianjin.example/s/{CODE}",
        CODE,
        CODE.lower(),
        "2345 6789 ABCD EFGH",
        EMVCO,
    ],
)
def test_what_is_ours_is_read(text: str):
    assert read(text, BASE, hosts=("pay.tianjin.example",)) == CODE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        f"https://elsewhere.example/s/{CODE}",
        f"http://127.0.0.1:9000/s/{CODE}",
        f"{BASE}/me/{CODE}",
        f"{BASE}/s/{CODE}X",
        f"{BASE}/s/{CODE[:-1]}0",
        f"javascript://127.0.0.1:8000/s/{CODE}",
        f"http://127.0.0.1:99999/s/{CODE}",
        "http://[/s/",
        "6222021234567890123",
        "wxp://f2f0abcdef",
        EMVCO[:-1] + ("0" if EMVCO[-1] != "0" else "1"),
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A",
        "x" * 5000,
    ],
)
def test_what_is_foreign_is_refused(text: str):
    with pytest.raises(CodeForeign):
        read(text, BASE)


@given(st.text(max_size=100))
def test_any_text_is_a_code_or_foreign(text: str):
    with suppress(CodeForeign):
        assert len(read(text, BASE)) == 16


def test_codes_are_many():
    assert len({new_code() for _ in range(1000)}) == 1000
