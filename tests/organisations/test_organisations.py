import pytest

from haihe.ledger import service as ledger
from haihe.organisations import errors
from haihe.organisations.model import FoundingOrganisation
from haihe.organisations.service import build_organisations
from tests.citizens import City

BUS = FoundingOrganisation(key="bus", names={"zh": "公交", "en": "City Bus"}, kind="transit", category=4111)
WATER = FoundingOrganisation(key="water", names={"ru": "Вода"}, kind="utility")


async def version(city: City) -> int:
    async with city.database.connection() as connection:
        row = await (await connection.execute("SELECT number FROM versions WHERE name = 'catalogue'")).fetchone()
    assert row
    return int(row[0])


async def test_an_organisation_has_a_till_in_every_bucket(city: City):
    bus, water = await city.organisations.found([BUS, WATER])
    for bucket in range(4):
        async with city.database.connection() as connection:
            assert await ledger.balances(connection, bucket, [bus.id, water.id]) == {bus.id: 0, water.id: 0}


async def test_founding_again_changes_nothing_and_a_new_name_changes_the_version(city: City):
    first = await city.organisations.create(BUS)
    before = await version(city)
    assert await city.organisations.create(BUS) == first
    assert await version(city) == before
    renamed = FoundingOrganisation(key="bus", names={"en": "Haihe Bus"}, kind="transit", category=4111)
    again = await city.organisations.create(renamed)
    assert (again.id, again.name("zh")) == (first.id, "Haihe Bus")
    assert await version(city) == before + 1


async def test_names_come_in_the_language_or_in_whichever_exists(city: City):
    bus, water = await city.organisations.found([BUS, WATER])
    assert [bus.name(language) for language in ("zh", "en", "ru")] == ["公交", "City Bus", "City Bus"]
    assert water.name("zh") == "Вода"
    assert city.organisations.names("en") == {bus.id: "City Bus", water.id: "Вода"}


async def test_another_process_knows_it_after_a_reload(city: City):
    other = build_organisations(city.base)
    made = await city.organisations.create(BUS)
    assert other.by_key("bus") is None
    await other.reload()
    assert other.by_id(made.id) == made


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Bus"}, "key"),
        ({"key": ""}, "key"),
        ({"names": {}}, "names"),
        ({"names": {"en": ""}}, "names"),
        ({"names": {"fr": "Le bus"}}, "names"),
        ({"category": 10_000}, "category"),
    ],
)
async def test_a_wrong_organisation_is_refused(city: City, changes: dict[str, object], field: str):
    values: dict[str, object] = {"key": "bus", "names": {"en": "Bus"}, "kind": "transit", "category": 0}
    with pytest.raises(errors.OrganisationInvalid) as caught:
        await city.organisations.create(FoundingOrganisation(**{**values, **changes}))  # type: ignore[arg-type]
    assert caught.value.details["field"] == field
