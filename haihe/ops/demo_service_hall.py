"""The demo city's service hall: its clerks, and the money out of which the cash that they take is credited."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import OrganisationData, found_staffed
from haihe.payments.desk.cash import CashDesk
from haihe.payments.desk.model import SERVICE_HALL

FILE: Final = "service_hall.toml"


class HallData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: the hall, and what it holds in each bucket from the start, in fen."""

    placeholder: bool
    float: Annotated[int, msgspec.Meta(gt=0)]
    hall: OrganisationData


async def found_service_hall(ground: Ground, founding: Founding) -> None:
    """Found the hall; may be repeated. The past has no cards: paper cards are issued by people, and printed nowhere else."""
    data = msgspec.toml.decode((founding.folder / FILE).read_bytes(), type=HallData)
    (hall,) = await found_staffed(ground.organisations, founding, [data.hall], kind=SERVICE_HALL)
    await CashDesk(ground.base).found_floats(hall.id, amount=data.float, effective=founding.now)
    founding.say(f"a service hall with {len(data.hall.staff)} people")
