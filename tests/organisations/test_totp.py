"""One-time codes against the vectors of the standards, and the second factor of a city's staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from haihe.organisations.totp import STEP_S, address, code_of, step_at, step_of, written

SECRET = b"12345678901234567890"
"""RFC 4226 and RFC 6238: the secret of the vectors for SHA-1."""
RFC_4226 = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


def test_codes_are_those_of_the_standards():
    assert tuple(code_of(SECRET, step) for step in range(10)) == RFC_4226
    for second, code in RFC_6238.items():
        assert code_of(SECRET, step_at(datetime.fromtimestamp(second, UTC))) == code[-6:]


@pytest.mark.parametrize(
    ("aside_s", "found"), [(-2 * STEP_S, False), (-STEP_S, True), (0, True), (STEP_S, True), (2 * STEP_S, False)]
)
def test_code_of_the_step_beside_is_taken_and_no_further_one(aside_s: int, found: bool):
    moment = datetime.fromtimestamp(1_111_111_111, UTC)
    code = code_of(SECRET, step_at(moment + timedelta(seconds=aside_s)))
    assert (step_of(SECRET, code, moment, after=0) is not None) == found


def test_code_that_was_used_and_what_is_none_are_never_taken():
    moment = datetime.fromtimestamp(1_111_111_111, UTC)
    step = step_at(moment)
    assert step_of(SECRET, code_of(SECRET, step), moment, after=step) is None
    for code in ("", "12345", "abcdef", "０５０４７１", "x" * 200):
        assert step_of(SECRET, code, moment, after=0) is None


def test_address_is_what_authenticators_scan():
    assert written(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    told = address(SECRET, issuer="Haihe", login="manager@bus")
    assert told.startswith("otpauth://totp/Haihe:manager%40bus?secret=GEZDGNBVGY3TQOJQ")
