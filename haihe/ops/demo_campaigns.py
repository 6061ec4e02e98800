"""The demo city's campaigns: the office that sponsors them, their budgets, and who is in them from the start."""

from __future__ import annotations

import msgspec

from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import OrganisationData, found_staffed
from haihe.people.model import Citizen
from haihe.wallet.purses.loading import EnrolData, found_campaigns, read_campaigns

CITY_OFFICE = "city"
"""The kind of organisation that an office of the city is."""


class CityOffice(msgspec.Struct, frozen=True, kw_only=True):
    """The office of the city, as campaigns.toml says it."""

    office: OrganisationData


async def found_demo_campaigns(ground: Ground, founding: Founding) -> None:
    """Found the campaigns; may be repeated. The citizens for trying things out are in none: they pay full prices."""
    written = (founding.folder / "campaigns.toml").read_bytes()
    data = msgspec.toml.decode(written, type=CityOffice)
    (office,) = await found_staffed(ground.organisations, founding, [data.office], kind=CITY_OFFICE)
    made = await found_campaigns(
        ground.purses, read_campaigns(written), {office.key: office.id}, effective=founding.now
    )
    others = founding.citizens[founding.reserved :]
    for one, campaign in made:
        enrolled = {citizen.id: citizen.bucket for citizen in others if one.enrol and is_meant(one.enrol, citizen)}
        await ground.purses.enrol(campaign, enrolled)
    founding.say(f"{len(made)} campaigns of the city")


def is_meant(enrol: EnrolData, citizen: Citizen) -> bool:
    """Tell whether a citizen was born when a campaign asks it."""
    return enrol.born_from <= citizen.birth_date <= enrol.born_until
