"""Forms become structs, or errors at their fields."""

from __future__ import annotations

from typing import Annotated

import msgspec

from haihe.web.forms import MISSING, WRONG, Form, check, says


class Registration(msgspec.Struct, frozen=True):
    name: str
    phone: Annotated[str, says("Eleven digits", pattern=r"^1\d{10}$")]
    age: int = 0
    agreed: bool = False


def test_right_values_become_the_struct():
    form = check({"name": "Li Wei", "phone": "13800138000", "age": "30", "agreed": "on"}, Registration)
    assert form.data == Registration("Li Wei", "13800138000", 30, True)
    assert form.errors == {}


def test_every_wrong_field_is_named():
    form = check({"phone": "12", "age": "old"}, Registration)
    assert form.data is None
    assert form.errors == {"name": MISSING, "phone": "Eleven digits", "age": WRONG}


def test_empty_values_count_as_not_given():
    form = check({"name": "Li Wei", "phone": "13800138000", "age": "", "agreed": ""}, Registration)
    assert form.data == Registration("Li Wei", "13800138000")


def test_what_was_typed_stays():
    assert check({"phone": "12"}, Registration).values["phone"] == "12"


def test_refusal_of_a_service_goes_to_its_field():
    form = Form[Registration]({"phone": "1"}).refused("phone", "Taken")
    assert form.errors == {"phone": "Taken"}
    assert form.values == {"phone": "1"}
