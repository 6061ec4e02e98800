"""Every page of the city and how one comes to it, for the checks that all of them have to pass.

A new page is one line in `PLACES` of the module that it belongs to: its sector's, else that of who sees it (`people`, `counter`,
`console`). One that needs more than an address gets a function above the list. A new module is named in `MODULES` below. Who comes
to the pages, and how, is in `tests.journeys.scene`.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from tests.journeys.places import (
    campus,
    city,
    coach,
    console,
    counter,
    education,
    family,
    health,
    money,
    paying,
    people,
    rights,
    safeguards,
    sending,
    service,
    settlement,
    social,
    transit,
    utilities,
)
from tests.journeys.scene import Way

MODULES: Final = (
    people,
    rights,
    city,
    paying,
    money,
    sending,
    safeguards,
    service,
    counter,
    campus,
    console,
    health,
    education,
    social,
    family,
    settlement,
    utilities,
    transit,
    coach,
)
MAIN: Final = ("home", "scan", "fare", "paid", "history", "console day")
"""Those that are also looked at in the dark at every run; all are in `make prove`."""


def _joined(modules: tuple[ModuleType, ...]) -> dict[str, Way]:
    """Put the lists of all modules together. Raises ValueError when two pages have one name."""
    places: dict[str, Way] = {}
    for module in modules:
        if both := places.keys() & module.PLACES.keys():
            raise ValueError(f"two places are called {sorted(both)}")
        places |= module.PLACES
    return places


PLACES: Final = _joined(MODULES)
