"""The pictures of the documents, made from the journeys: `HAIHE_SCREENSHOTS=1 make test PYTEST=tests/journeys/test_pictures.py`."""

from __future__ import annotations

import itertools

import pytest
from PIL.Image import Image
from playwright.sync_api import Page, Route

from haihe.base.i18n import translator
from tests import camera as films
from tests.camera import Camera
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import SHARED_BUSES, Bus, DemoCity
from tests.journeys.walks import enter_console, pay, photograph
from tests.pictures import (
    FOLDER_BYTES_MAX,
    MOVING_BYTES_MAX,
    PICTURE_BYTES_MAX,
    PICTURES,
    Film,
    in_a_row,
    keep,
    look,
)

MORNING_RIDES = 180
FRAME_MS = 160
FADE_MS = 500
SOME_SECONDS_MS = 2_500
NEAR_MS = 800
"""From being read in the distance, a sticker needs so long to be near."""
LANGUAGES = ("zh", "en", "ru")
OF_EACH_LANGUAGE = ("home", "scan", "sticker", "paid", "driver", "console", "ride")
SHARPNESS = 1.5
ROW_HEIGHT = 760


def test_documents_have_all_their_pictures_and_they_are_small():
    names = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    wanted = {f"{name}-{language}.png" for name in OF_EACH_LANGUAGE for language in LANGUAGES}
    assert wanted | {"home-en-dark.png", "console-en-dark.png", "ride.gif"} <= set(names)
    assert max(size for name, size in names.items() if name.endswith(".png")) <= PICTURE_BYTES_MAX
    assert names["ride.gif"] <= MOVING_BYTES_MAX
    assert sum(names.values()) <= FOLDER_BYTES_MAX


@pytest.fixture(scope="module")
def busy_city(city: DemoCity) -> DemoCity:
    """A city in which some people are on their way to work."""
    buses = [city.bus() for _ in range(SHARED_BUSES)]
    weights = (7, 3, 2, 5, 4, 1)
    riding = itertools.cycle([bus for bus, weight in zip(buses, weights, strict=True) for _ in range(weight)])
    for _ in range(MORNING_RIDES):
        city.pays(city.citizen(), next(riding), companion=True)
    return city


@pytest.mark.picture
@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_of_a_ride(browsing: Browsing, busy_city: DemoCity, camera: Camera, language: str):
    bus, rider = busy_city.own_bus(fare=200), busy_city.citizen()
    driver = browsing.driver(bus, language)
    for _ in range(5):
        busy_city.pays(busy_city.citizen(), bus)
    for _ in range(SHARED_BUSES):
        busy_city.pays(rider, busy_city.bus(), companion=True)
    phone = browsing.phone(language, citizen=rider, device_scale_factor=SHARPNESS)
    phone.goto("/")
    keep(stand_still(phone), f"home-{language}")
    scan, fare = scan_and_see_the_fare(browsing, phone, bus, camera)
    pay(phone)
    driver.locator(".is-paid").wait_for()
    keep(stand_still(driver), f"driver-{language}")
    phone.wait_for_timeout(SOME_SECONDS_MS)
    paid = look(phone)
    for name, picture in (("scan", scan), ("sticker", fare), ("paid", paid)):
        keep(picture, f"{name}-{language}")
    keep(in_a_row([scan, fare, paid], height=ROW_HEIGHT), f"ride-{language}")


def scan_and_see_the_fare(browsing: Browsing, phone: Page, bus: Bus, camera: Camera) -> list[Image]:
    """Scan the sticker and stop before paying; a picture of either page."""
    camera.sees(films.looking_around(sticker_of(browsing, bus)))
    held = held_back(phone)
    phone.goto("/scan")
    while not held:
        phone.wait_for_timeout(FRAME_MS)
    phone.wait_for_timeout(NEAR_MS)
    pictures = [look(phone)]
    held[0].continue_()
    phone.wait_for_url("**" + bus.path)
    return [*pictures, stand_still(phone)]


def held_back(phone: Page) -> list[Route]:
    """Keep back the answer to what was scanned, until the sticker is near and its picture taken."""
    held: list[Route] = []
    phone.route("**/scan/read*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright wants a function
    return held


def stand_still(page: Page) -> Image:
    """Take a picture when the fade between two pages is over."""
    page.wait_for_timeout(FADE_MS)
    return look(page)


def sticker_of(browsing: Browsing, bus: Bus) -> Image:
    office = browsing.desk("zh", device_scale_factor=2)
    enter_console(office, translator("zh"), browsing.city.staff("manager"))
    office.goto(f"/console/transit/stickers/{bus.code}")
    return photograph(office, ".sticker")


@pytest.mark.picture
@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_of_the_bus_company(browsing: Browsing, busy_city: DemoCity, language: str):
    office = browsing.desk(language)
    enter_console(office, translator(language), busy_city.staff("manager"))
    keep(stand_still(office), f"console-{language}")


@pytest.mark.picture
def test_pictures_in_the_dark(browsing: Browsing, busy_city: DemoCity):
    phone = browsing.phone(citizen=busy_city.citizen(), color_scheme="dark", device_scale_factor=SHARPNESS)
    phone.goto("/")
    keep(stand_still(phone), "home-en-dark")
    office = browsing.desk(color_scheme="dark")
    enter_console(office, translator("en"), busy_city.staff("manager"))
    keep(stand_still(office), "console-en-dark")


@pytest.mark.picture
def test_moving_picture_of_a_ride(browsing: Browsing, busy_city: DemoCity, camera: Camera):
    bus, rider = busy_city.own_bus(fare=200), busy_city.citizen()
    driver, phone = browsing.driver(bus), browsing.phone(citizen=rider)
    film = Film()
    driver.locator("[data-stage]:not(.is-paid)").wait_for()
    camera.sees(films.looking_around(sticker_of(browsing, bus)))
    phone.goto("/")
    shoot(film, phone, driver, times=1, ms=900)
    held = held_back(phone)
    phone.goto("/scan")
    while not held:
        shoot(film, phone, driver, times=1, ms=FRAME_MS)
    shoot(film, phone, driver, times=4, ms=FRAME_MS)
    held[0].continue_()
    phone.wait_for_url("**" + bus.path)
    phone.wait_for_timeout(FADE_MS)
    shoot(film, phone, driver, times=1, ms=1_200)
    pay(phone)
    shoot(film, phone, driver, times=18, ms=FRAME_MS)
    film.stands_ms[-1] += 1_500
    film.keep(PICTURES / "ride.gif")


def shoot(film: Film, phone: Page, driver: Page, *, times: int, ms: int) -> None:
    """Take pictures of both screens, side by side."""
    for _ in range(times):
        film.add(in_a_row([look(phone), look(driver)], height=440), ms)
