"""The organisations of the demo city with their staff, as the city's files say them: the same in every sector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from haihe.counter.branch import Founding
from haihe.organisations.model import FoundingOrganisation, FoundingStaff, Organisation, Role
from haihe.organisations.service import Organisations

LANGUAGE: Final = "zh"
"""What staff of whom the file does not say it read."""


class StaffData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member of staff; the password is made in each home."""

    login: str
    name: str
    role: Role
    language: str = LANGUAGE


class Staffed(Protocol):
    """What the file of a sector says of each of its organisations, whatever else it says: `category` is the merchant code (ISO 18245)."""

    @property
    def key(self) -> str: ...  # noqa: D102 - the class says what they are
    @property
    def names(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def category(self) -> int: ...  # noqa: D102
    @property
    def staff(self) -> Sequence[StaffData]: ...  # noqa: D102


class OrganisationData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation of which the file says nothing else."""

    key: str
    names: Mapping[str, str]
    category: int
    staff: tuple[StaffData, ...]


async def found_staffed(
    organisations: Organisations, founding: Founding, wanted: Sequence[Staffed], *, kind: str
) -> list[Organisation]:
    """Make organisations of a kind with their staff, or bring them up to date; give them in order.

    May be repeated: organisations are found by key; staff who are there, by login, are left as they are.
    """
    made = await organisations.found(
        [FoundingOrganisation(key=one.key, names=one.names, kind=kind, category=one.category) for one in wanted]
    )
    await organisations.found_staff(
        [
            FoundingStaff(
                organisation=organisation.id,
                login=member.login,
                name=member.name,
                role=member.role,
                password=founding.password(member.login),
                language=member.language,
            )
            for organisation, one in zip(made, wanted, strict=True)
            for member in one.staff
        ]
    )
    return made
