"""All points of all shops, in memory: a sale is priced without asking the database."""

from __future__ import annotations

from dataclasses import dataclass, field

from haihe.base.database import Database
from haihe.sectors.retail import store
from haihe.sectors.retail.model import Point


@dataclass(frozen=True)
class Points:
    """The points of shops; `reload` fills the memory, at start and when the catalogue changed."""

    database: Database
    _known: dict[int, Point] = field(default_factory=dict, repr=False)

    async def reload(self) -> None:
        """Read all points anew."""
        async with self.database.connection() as connection:
            fresh = {point.id: point for point in await store.points(connection)}
        self._known.clear()
        self._known.update(fresh)

    def find(self, identity: int) -> Point | None:
        """Find a point."""
        return self._known.get(identity)

    def of(self, organisation: int) -> list[Point]:
        """Give a shop's points by place."""
        own = (point for point in self._known.values() if point.organisation == organisation)
        return sorted(own, key=lambda point: point.place)
