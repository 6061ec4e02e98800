from __future__ import annotations

from datetime import date

import pytest

from haihe.sectors.utilities.listing import read_list
from haihe.sectors.utilities.model import Row


def test_lines_are_read_each_by_itself():
    rows, faults = read_list(
        "\ufeffcustomer number,date,reading\r\n"
        "1200000001,2026-10-31,1230\r\n"
        "\r\n"
        ' s 00000002 , 2026-10-31 , "1230.5" \r\n'
        "1200000003,31.10.2026,1230\n"
        "1200000004,2026-10-31\n"
        '1200000005,2026-10-31,"12\n'
        "1200000006,2026-10-31,-1\n"
        "1200000007,2026-10-31,0.0001\n"
        "1200000008,2026-02-30,1\n"
        "1200000009,2026-10-31,0"
    )
    assert rows == [
        Row(2, "1200000001", date(2026, 10, 31), 1_230_000),
        Row(4, "S00000002", date(2026, 10, 31), 1_230_500),
        Row(7, "1200000005", date(2026, 10, 31), 12_000),
        Row(11, "1200000009", date(2026, 10, 31), 0),
    ]
    assert [(fault.line, fault.number, fault.refusal.code) for fault in faults] == [
        (5, "1200000003", "date_wrong"),
        (6, "1200000004", "line_malformed"),
        (8, "1200000006", "value_wrong"),
        (9, "1200000007", "value_wrong"),
        (10, "1200000008", "date_wrong"),
    ]


def test_lines_of_a_later_part_count_on():
    rows, faults = read_list("a,b,c\n1200000001,2026-10-31,7", first_line=1001)
    assert [fault.line for fault in faults] == [1001]
    assert [one.line for one in rows] == [1002]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400000000", "1" * 21, "1000001", "", "一"])
def test_what_no_meter_shows_is_no_reading(value: str):
    rows, faults = read_list(f"1200000001,2026-10-31,{value}")
    assert not rows
    assert [fault.refusal.code for fault in faults] == ["value_wrong"]
