"""Services from a file: TOML with a table [[service]] for each and [[service.terms]] below it.

Other tables of the file are its sector's own. What a file says about itself (`placeholder`, `source`, `comment`) is for people and
ignored here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from haihe.catalogue.model import NewService, NewTerms
from haihe.catalogue.prices import PriceFaultyError
from haihe.catalogue.rules import check_services
from haihe.catalogue.written import WrittenHours, read_hours, read_price

ABOUT_ITSELF: Final = frozenset({"placeholder", "source", "comment"})


class _TermsData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    valid_from: date
    price: dict[str, Any]
    opens: tuple[WrittenHours, ...] = ()
    audience: str = ""
    until: date | None = None


class _ServiceData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: str
    sector: str
    group: str
    names: dict[str, str]
    icon: str
    terms: tuple[_TermsData, ...]


def read_services(data: bytes | Path) -> list[NewService]:
    """Read the services of a file, in its order. Raises `PriceFaultyError` with the file, the service's key and the reason."""
    name, content = (data.name, data.read_bytes()) if isinstance(data, Path) else ("services", data)
    try:
        services = [_service(table) for table in _tables(content)]
        check_services(services)
    except PriceFaultyError as error:
        raise PriceFaultyError(f"{name}: {error}") from error
    return services


def _tables(content: bytes) -> list[Any]:
    try:
        tables = tomllib.loads(content.decode()).get("service")
    except ValueError as error:  # no UTF-8, or no TOML
        raise PriceFaultyError(str(error)) from error
    if not tables or not isinstance(tables, list):
        raise PriceFaultyError("there is no [[service]]")
    return tables


def _service(table: Any) -> NewService:
    try:
        data = msgspec.convert(_without_remarks(table), _ServiceData)
        terms = tuple(_terms(one) for one in data.terms)
    except (msgspec.ValidationError, PriceFaultyError) as error:
        key = table.get("key", "a service without key") if isinstance(table, Mapping) else table
        raise PriceFaultyError(f"{key}: {error}") from error
    return NewService(key=data.key, sector=data.sector, group=data.group, names=data.names, icon=data.icon, terms=terms)


def _terms(data: _TermsData) -> NewTerms:
    return NewTerms(
        valid_from=data.valid_from,
        price=read_price(data.price),
        opens=read_hours(data.opens),
        audience=data.audience,
        until=data.until,
    )


def _without_remarks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_remarks(inner) for key, inner in value.items() if key not in ABOUT_ITSELF}
    return [_without_remarks(inner) for inner in value] if isinstance(value, list) else value
