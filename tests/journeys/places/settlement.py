"""Closed days and the reserve."""

from __future__ import annotations

from typing import Final

from tests.journeys.scene import Way, staff_at

PLACES: Final[dict[str, Way]] = {
    "console day close": staff_at("bakery-accountant", "/console/settlement"),
    "console settlement and reserve": staff_at("city-accountant", "/console/settlements"),
}
