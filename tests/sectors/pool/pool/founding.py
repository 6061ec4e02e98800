"""The pool of the demo city, from pool.toml. May be repeated: everything is found by its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from haihe.base.foundation import Foundation
from haihe.catalogue.loading import read_services
from haihe.catalogue.service import Catalogue
from haihe.codes.model import NewSticker
from haihe.codes.service import Stickers
from haihe.counter.branch import Founding
from haihe.counter.founding import OrganisationData, found_staffed
from haihe.organisations.service import Organisations

from . import store
from .model import HALL, KIND, Place, Use

FILE: Final = "pool.toml"


class PoolData(msgspec.Struct, frozen=True, kw_only=True):
    """The file but its services."""

    hall: OrganisationData
    turnstiles: list[str]
    lockers: list[str]


@dataclass(frozen=True)
class Founder:
    """Founds a pool with its places, a sticker on each."""

    base: Foundation
    organisations: Organisations
    catalogue: Catalogue
    stickers: Stickers

    async def found(self, founding: Founding) -> None:
        """Found everything."""
        path = founding.folder / FILE
        data = msgspec.toml.decode(path.read_bytes(), type=PoolData)
        (hall,) = await found_staffed(self.organisations, founding, [data.hall], kind=HALL)
        await self.catalogue.found(hall.id, read_services(path))
        wanted = [(label, Use.ENTRY) for label in data.turnstiles] + [(label, Use.LOCKER) for label in data.lockers]
        places = [Place(self.base.ids.next(), hall.id, label, use) for label, use in wanted]
        async with self.base.database.transaction() as connection:
            fresh = await store.insert_places(connection, places)
            await self.stickers.make(connection, [NewSticker(KIND, one.id, hall.id) for one in fresh])
