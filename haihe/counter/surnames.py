"""Of a rider the driver sees the first letter of the surname, nothing else; of one who was erased not even that."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from haihe.people.service import People

REMEMBERED_MAX: Final = 20_000


@dataclass(frozen=True)
class Surnames:
    """Masked names of riders, the latest remembered: on a bus the same people ride every day."""

    people: People
    _remembered: OrderedDict[int, str] = field(default_factory=OrderedDict, repr=False)

    async def of(self, riders: Sequence[int]) -> list[str]:
        """Give each rider's masked name: 张*."""
        return [await self._one(rider) for rider in riders]

    async def _one(self, rider: int) -> str:
        known = self._remembered.get(rider)
        if known is None or self.people.is_gone(rider):
            known = self._remembered[rider] = (await self.people.citizen(rider)).masked_name
            if len(self._remembered) > REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        else:
            self._remembered.move_to_end(rider)
        return known
