from __future__ import annotations

from pathlib import Path

import pytest

from haihe.ledger import service as ledger
from haihe.payments.model import Status
from haihe.sectors.transit.model import Line, LineClass
from haihe.sectors.transit.timetable.report import Report
from haihe.sectors.transit.timetable.service import ClassChoice, Wishes
from tests.buses import BusCity
from tests.feeds import GOOD, folder_feed, with_line, zip_feed

LAKE = {"agency.txt": GOOD["agency.txt"].replace("River", "Lake")}
DETOUR = {"stop_times.txt": GOOD["stop_times.txt"].replace("T1,07:05:00,07:06:00,S2,2\n", "")}

RUNS = ("trips.txt", "stop_times.txt")


async def imported(city: BusCity, path: Path, wishes: Wishes = Wishes()) -> Report:  # noqa: B008 - a frozen value
    report = await city.importer.run(path, wishes)
    await city.offices.reload()
    return report


def lines(city: BusCity, company: str) -> dict[str, Line]:
    names = city.offices.organisations.names("en")
    return {
        line.number: line for line in city.transit.catalogue.now.lines.values() if names[line.organisation] == company
    }


async def test_second_import_changes_nothing_also_after_another_feed(bus_city: BusCity, tmp_path: Path):
    feed, other = zip_feed(tmp_path / "feed.zip"), folder_feed(tmp_path / "other", LAKE)
    wishes = Wishes(vehicles=2)
    assert (await imported(bus_city, feed, wishes)).changed > 0
    assert (await imported(bus_city, other, wishes)).changed > 0
    assert (await imported(bus_city, feed, wishes)).changed == 0
    assert (await imported(bus_city, other, wishes)).changed == 0


async def test_equal_keys_of_two_feeds_do_not_meet(bus_city: BusCity, tmp_path: Path):
    await imported(bus_city, zip_feed(tmp_path / "feed.zip"), Wishes(line_class=ClassChoice.AIR_CONDITIONED))
    await imported(bus_city, folder_feed(tmp_path / "other", LAKE), Wishes(line_class=ClassChoice.ORDINARY))
    river, lake = lines(bus_city, "River Buses"), lines(bus_city, "Lake Buses")
    assert river.keys() == lake.keys() == {"1", "2"}
    assert {line.line_class for line in river.values()} == {LineClass.AIR_CONDITIONED}
    assert {line.line_class for line in lake.values()} == {LineClass.ORDINARY_SHORT}
    assert {line.id for line in river.values()}.isdisjoint(line.id for line in lake.values())


async def test_names_given_to_feeds_keep_even_one_company_apart(bus_city: BusCity, tmp_path: Path):
    feed = zip_feed(tmp_path / "feed.zip")
    await imported(bus_city, feed, Wishes(feed="one"))
    await imported(bus_city, feed, Wishes(feed="two"))
    assert len(bus_city.transit.catalogue.now.lines) == 4


async def test_changed_row_is_one_change(bus_city: BusCity, tmp_path: Path):
    await imported(bus_city, folder_feed(tmp_path / "old"))
    new = folder_feed(tmp_path / "new", with_line("routes.txt", "R2,A,22,Harbour,3,", at=3))
    assert (await imported(bus_city, new)).changed == 1
    assert lines(bus_city, "River Buses").keys() == {"1", "22"}


async def test_other_course_is_written_once(bus_city: BusCity, tmp_path: Path):
    await imported(bus_city, folder_feed(tmp_path / "old"))
    new = folder_feed(tmp_path / "new", DETOUR)
    assert (await imported(bus_city, new)).changed == 1
    assert (await imported(bus_city, new)).changed == 0


@pytest.mark.parametrize(
    "changes",
    [
        with_line("trips.txt", "R2,NEVER,T3,0", at=4),
        {"stops.txt": GOOD["stops.txt"].replace("39.10", "939").replace("39.14", "north")},
        {"stop_times.txt": None},
    ],
)
@pytest.mark.parametrize("choice", [None, ClassChoice.ORDINARY])
async def test_faulty_feed_erases_no_course_and_no_length(
    bus_city: BusCity, tmp_path: Path, changes: dict[str, str | None], choice: ClassChoice | None
):
    await imported(bus_city, folder_feed(tmp_path / "old"), Wishes(line_class=choice))
    before = await stored(bus_city)
    report = await imported(bus_city, folder_feed(tmp_path / "new", changes), Wishes(line_class=choice))
    assert report.faults
    assert (await stored(bus_city), report.changed) == (before, 0)


async def test_sound_feed_removes_a_course_that_is_no_more(bus_city: BusCity, tmp_path: Path):
    await imported(bus_city, folder_feed(tmp_path / "old"))
    gone = {name: "".join(row for row in GOOD[name].splitlines(keepends=True) if "T3" not in row) for name in RUNS}
    assert (await imported(bus_city, folder_feed(tmp_path / "new", gone))).changed == 2  # its length and its course
    assert (await stored(bus_city))["R2"] == (0, 0)


async def stored(city: BusCity) -> dict[str, tuple[int, int]]:
    """Give lengths and numbers of stops by route key."""
    async with city.database.connection() as connection:
        cursor = await connection.execute(
            "SELECT route_key, length_m, (SELECT count(*) FROM line_stops c WHERE c.line = l.id) FROM lines l"
        )
        return {key: (length, stops) for key, length, stops in await cursor.fetchall()}


async def test_class_stays_when_nothing_is_said_of_it(bus_city: BusCity, tmp_path: Path):
    feed = folder_feed(tmp_path / "feed")
    await imported(bus_city, feed, Wishes(line_class=ClassChoice.ORDINARY_LONG))
    assert (await imported(bus_city, feed)).changed == 0
    assert {line.line_class for line in lines(bus_city, "River Buses").values()} == {LineClass.ORDINARY_LONG}


async def test_more_buses_are_added_to_those_there(bus_city: BusCity, tmp_path: Path):
    feed = folder_feed(tmp_path / "feed")
    await imported(bus_city, feed, Wishes(vehicles=2))
    before = set(bus_city.transit.catalogue.now.vehicles)
    assert (await imported(bus_city, feed, Wishes(vehicles=3))).changed == 4  # a bus and a sticker on two lines
    assert before < set(bus_city.transit.catalogue.now.vehicles)
    assert (await imported(bus_city, feed, Wishes(vehicles=1))).changed == 0


async def test_ride_on_an_imported_line_is_paid_to_its_company(bus_city: BusCity, tmp_path: Path):
    await imported(bus_city, folder_feed(tmp_path / "feed"), Wishes(vehicles=1))
    line = lines(bus_city, "River Buses")["1"]
    vehicle = next(bus for bus in bus_city.transit.catalogue.now.vehicles.values() if bus.line == line.id)
    async with bus_city.database.connection() as connection:
        (sticker,) = await bus_city.offices.stickers.of_points(connection, "bus", [vehicle.id])
    (rider,) = await bus_city.riders(1)
    payment = await bus_city.ride(rider, vehicle)
    assert (payment.status, payment.amount, payment.payee) == (Status.PAID, 200, line.organisation)
    assert sticker.organisation == line.organisation
    async with bus_city.database.connection() as connection:
        assert await ledger.balances(connection, rider.bucket, [line.organisation]) == {line.organisation: 200}


@pytest.mark.parametrize("choice", list(ClassChoice))
async def test_every_class_can_be_asked_for(bus_city: BusCity, tmp_path: Path, choice: ClassChoice):
    await imported(bus_city, folder_feed(tmp_path / "feed"), Wishes(line_class=choice))
    wanted = LineClass.ORDINARY_SHORT if choice is ClassChoice.ORDINARY else LineClass[choice.name]
    assert {line.line_class for line in lines(bus_city, "River Buses").values()} == {wanted}


async def test_longest_keys_and_names_are_stored(bus_city: BusCity, tmp_path: Path):
    changes = {
        **with_line("routes.txt", f"{'线' * 200},A,{'站' * 900},,3,"),
        **with_line("stops.txt", f"{'站' * 200},{'名' * 1000},39.1,117.2"),
        "agency.txt": GOOD["agency.txt"].replace("River", "河" * 500),
    }
    report = await imported(bus_city, folder_feed(tmp_path / "feed", changes), Wishes(vehicles=1))
    assert report.faults == []
    assert len(bus_city.transit.catalogue.now.lines) == 3


async def test_broken_rows_leave_the_sound_ones(bus_city: BusCity, tmp_path: Path):
    changes = {**with_line("routes.txt", "R3,Z,3,Nobody's,3,"), **with_line("stops.txt", "S4,Nowhere,99,117")}
    feed = folder_feed(tmp_path / "feed", changes)
    report = await imported(bus_city, feed)
    assert [(fault.file, fault.line) for fault in report.faults] == [("routes.txt", 4), ("stops.txt", 5)]
    assert lines(bus_city, "River Buses").keys() == {"1", "2"}
    assert (await imported(bus_city, feed)).changed == 0
