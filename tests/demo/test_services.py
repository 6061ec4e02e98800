from datetime import date
from pathlib import Path

from demo.services import made_up
from haihe.people.rules import birth_date, read_id_number
from haihe.wallet.rules import read_card
from tests.citizens import demo_service


def test_a_service_that_is_killed_forgets_nothing(tmp_path: Path):
    with demo_service("bank", tmp_path) as bank:
        card = bank.post("/cards/samples", {"name": "王海河"}).json()["card"]
        bank.post("/pulls", {"reference": "r", "card": card, "amount_fen": 500})
    with demo_service("bank", tmp_path) as bank:
        assert bank.get("/pulls/r")["outcome"] == "done"
        again = bank.post("/pulls", {"reference": "r", "card": card, "amount_fen": 500})
        assert again.json()["outcome"] == "done"
        assert len(bank.get("/statement")["pulls"]) == 1


def test_the_registry_knows_its_population(tmp_path: Path):
    number = made_up.id_number()
    with demo_service("registry", tmp_path) as registry:
        for name in ("王海河", "李四"):
            assert registry.post("/people", [{"name": name, "id_number": number}]).status_code == 204
        for name, answer in (("李四", "mismatch"), ("王海河", "match")):
            assert registry.post("/checks", {"name": name, "id_number": number}).json() == {"answer": answer}


def test_an_unknown_mode_is_refused_and_changes_nothing(tmp_path: Path):
    with demo_service("registry", tmp_path) as registry:
        for body in ({"mode": "sulky"}, {}, {"mode": "slow", "delay_ms": -1}, {"mode": "slow", "delay_ms": "1"}):
            assert registry.post("/control", body).status_code == 400
        assert registry.get("/sample")["name"]


def test_made_up_people_are_valid_adults_of_a_region_that_does_not_exist():
    for _ in range(200):
        number = made_up.id_number()
        assert read_id_number(number, today=date(2026, 1, 1)) == number
        assert birth_date(number).year < 2000
        assert number.startswith("120199")
        assert read_card(made_up.card()).startswith("629999")
