"""Money as people type it: read to the fen, or not at all."""

from __future__ import annotations

import pytest

from haihe.base.money import AMOUNT_FEN_MAX, NotMoneyError, fen_of_yuan


@pytest.mark.parametrize(
    ("text", "fen"), [("12.5", 1250), (" ¥0.01 ", 1), ("1,5", 150), ("0.0100", 1), ("100000000", AMOUNT_FEN_MAX)]
)
def test_what_is_typed_is_read_to_the_fen(text: str, fen: int) -> None:
    assert fen_of_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "1.234", "100000000.01", "NaN", "sNaN", "Infinity", "1e999999999", "0x1", f"12.33{'9' * 28}", f"0.01{'0' * 40}1"],
)  # fmt: skip
def test_what_is_no_whole_number_of_fen_is_refused_however_many_digits_it_has(text: str) -> None:
    with pytest.raises(NotMoneyError):
        fen_of_yuan(text)
