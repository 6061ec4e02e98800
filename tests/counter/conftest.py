"""Fixtures of the bus."""

from __future__ import annotations

from tests.buses import bus_city

__all__ = ["bus_city"]
