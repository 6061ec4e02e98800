"""Real cities in processes of their own, with a stand-in for the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from haihe.base.home import Home
from tests.cities import RunningCity, short_homes

STAND_IN = "tests.ops.stand_in"


@pytest.fixture
def homes() -> Iterator[Callable[[], Home]]:
    """Make homes that are not there yet; what becomes of them is removed at the end."""
    with short_homes() as make:
        yield make


@pytest.fixture
def home(homes: Callable[[], Home]) -> Home:
    """A place for a home that is not there yet."""
    return homes()


@pytest.fixture
def cities() -> Iterator[Callable[..., RunningCity]]:
    """Make cities that are stopped at the end of the test, whatever it did."""
    made: list[RunningCity] = []

    def make(home: Home, **environment: str) -> RunningCity:
        made.append(RunningCity(home, environment=environment, module=STAND_IN))
        return made[-1]

    yield make
    for city in made:
        city.close()


@pytest.fixture
def city(home: Home, cities: Callable[..., RunningCity]) -> RunningCity:
    """A city that is not started yet."""
    return cities(home)
