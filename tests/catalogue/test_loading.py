"""Services from files."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from haihe.catalogue.loading import read_services
from haihe.catalogue.model import Hours, NewService, NewTerms
from haihe.catalogue.prices import Choice, Fixed, Open, Option, PerUnit, PriceFaultyError, Step, Tiers

SERVICE = """
source = "the city's price list"

[[service]]
key = "electricity"
sector = "utilities"
group = "electricity"
icon = "zap"
names = { zh = "居民用电", en = "Electricity", ru = "Электричество" }
comment = "shared meters cost 0.51"

[[service.terms]]
valid_from = 2016-01-01
until = 2019-12-31
price = { rule = "tiers", unit = "kWh", period = "month", steps = [ { from = 0, to = 220, price = 49 }, { from = 220, price = 54, source = "a newspaper" } ] }
opens = [ { weekdays = [1, 2, 3, 4, 5], from = "06:30", to = "20:00" }, { from = "22:00", to = "24:00" } ]
audience = "member"
placeholder = true
"""
TERMS = """
[[service.terms]]
valid_from = 2020-01-01
price = {price}
"""


def test_a_file_says_everything_about_a_service():
    (service,) = read_services(SERVICE.encode())
    terms = NewTerms(
        valid_from=date(2016, 1, 1),
        until=date(2019, 12, 31),
        price=Tiers("kWh", "month", (Step(0, 220, 49), Step(220, None, 54))),
        opens=(Hours(time(6, 30), time(20), frozenset({1, 2, 3, 4, 5})), Hours(time(22), time(0))),
        audience="member",
    )
    names = {"zh": "居民用电", "en": "Electricity", "ru": "Электричество"}
    assert service == NewService(
        key="electricity", sector="utilities", group="electricity", names=names, icon="zap", terms=(terms,)
    )


def test_every_rule_of_price_can_be_written():
    prices = {
        '{ rule = "fixed", amount = 350 }': Fixed(350),
        '{ rule = "open", amount_max = 5000 }': Open(1, 5000),
        '{ rule = "per_unit", unit = "m2", price = 2500 }': PerUnit("m2", 2500),
        '{ rule = "choice", options = [{ key = "a", names = { en = "A" }, amount = 850 }] }': Choice(
            (Option("a", {"en": "A"}, 850),)
        ),
    }
    for text, price in prices.items():
        (service,) = read_services((SERVICE + TERMS.replace("{price}", text)).encode())
        assert service.terms[1].price == price


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{ from = 220,", "{ from = 230,", "gap between 220 and 230"),
        ("price = 49", "price = 0.49", "Expected `int`, got `float`"),
        ('"tiers"', '"teirs"', "teirs"),
        ('icon = "zap"', "", "missing required field `icon`"),
        ("valid_from = 2016-01-01", "valid_form = 2016-01-01", "valid_form|valid_from"),
        ("until = 2019-12-31", "until = 2015-12-31", "end before they begin"),
        ("[1, 2, 3, 4, 5]", "[0, 1]", "weekdays are 1"),
        ("[1, 2, 3, 4, 5]", "[]", "weekdays are 1"),
        ('"06:30"', '"half past six"', "half past six"),
        ('zh = "居民用电"', 'fr = "Électricité"', "not in 'fr'"),
        ('en = "Electricity"', 'en = " "', "name in 'en'"),
        ('group = "electricity"', 'group = "Electricity"', "group 'Electricity'"),
    ],
)
def test_a_fault_is_reported_with_file_service_and_reason(tmp_path: Path, old: str, new: str, reason: str):
    assert old in SERVICE
    file = tmp_path / "power.toml"
    file.write_text(SERVICE.replace(old, new))
    with pytest.raises(PriceFaultyError, match=f"power.toml: electricity: .*({reason})"):
        read_services(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[sevice]]", r"no \[\[service\]\]"),
        ("service = 5", r"no \[\[service\]\]"),
        ("service = [5]", "5: Expected"),
        ("[[service]]\nicon = 'zap'", "a service without key: .*missing"),
        ("[[service]", "services: "),
        (SERVICE + SERVICE.partition("\n\n")[2], "electricity: it is there twice"),
        (SERVICE + SERVICE[SERVICE.index("[[service.terms]]") :], "electricity: two terms from 2016-01-01"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_loads_nothing(text: str, reason: str):
    with pytest.raises(PriceFaultyError, match=reason):
        read_services(text.encode())
