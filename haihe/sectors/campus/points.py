"""The points of all universities in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from haihe.base.database import Database
from haihe.sectors.campus import store
from haihe.sectors.campus.model import Point


@dataclass(slots=True)
class Memory:
    """All points, by id and by their university and key; replaced as a whole by a reload."""

    by_id: Mapping[int, Point] = field(default_factory=dict)
    by_key: Mapping[tuple[int, str], Point] = field(default_factory=dict)


@dataclass(frozen=True)
class Points:
    """Where universities take money. `reload` fills the memory, at start and when the catalogue changed."""

    database: Database
    memory: Memory = field(default_factory=Memory, repr=False)

    async def reload(self) -> None:
        """Read all points anew."""
        async with self.database.connection() as connection:
            points = await store.points(connection)
        self.memory.by_key = {(one.organisation, one.key): one for one in points}
        self.memory.by_id = {one.id: one for one in points}

    def by_id(self, identity: int) -> Point | None:
        """Find a point."""
        return self.memory.by_id.get(identity)

    def by_key(self, organisation: int, key: str) -> Point | None:
        """Find a point of a university by its key."""
        return self.memory.by_key.get((organisation, key))

    def of_organisation(self, organisation: int) -> list[Point]:
        """Give a university's points in the order in which they were made."""
        return [one for one in self.memory.by_id.values() if one.organisation == organisation]
