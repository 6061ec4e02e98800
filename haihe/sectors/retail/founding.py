"""Founds the demo city's shops from demo/tianjin/shops.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from haihe.counter.branch import Founding
from haihe.counter.founding import StaffData, found_staffed
from haihe.sectors.retail.model import SHOP, NewPoint
from haihe.sectors.retail.shops import Shops

FILE: Final = "shops.toml"

Names = Annotated[Mapping[str, str], msgspec.Meta(min_length=1)]


class ShopData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop: its merchant category (ISO 18245), its tills in order, its staff."""

    key: str
    names: Names
    category: int
    tills: Annotated[tuple[Names, ...], msgspec.Meta(min_length=1)]
    staff: tuple[StaffData, ...]


class ShopsData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as a whole."""

    placeholder: bool
    shop: tuple[ShopData, ...]


async def found(shops: Shops, founding: Founding) -> None:
    """Have the shops with their tills, stickers, terminals and staff; may be repeated."""
    data = msgspec.convert(tomllib.loads((founding.folder / FILE).read_text()), ShopsData)
    stored = await found_staffed(shops.ground.organisations, founding, data.shop, kind=SHOP)
    points = await shops.set_up(
        [
            NewPoint(organisation.id, place, names)
            for organisation, one in zip(stored, data.shop, strict=True)
            for place, names in enumerate(one.tills, 1)
        ]
    )
    founding.say(f"{len(stored)} shops with {len(points)} tills")
