"""A city with two schools, their classes, pupils and parents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, cast

import pytest

from haihe.base.clock import service_day
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments.dues.model import Due
from haihe.payments.references import reference
from haihe.people.model import Citizen
from haihe.sectors import education
from haihe.sectors.education import store
from haihe.sectors.education.model import KIND, SCHOOL, NewNotice, SchoolClass
from haihe.sectors.education.service import Schools
from tests.grounds import SectorCity, open_ground

_forms = count(1)


@dataclass
class SchoolCity:
    """A city with schools."""

    city: SectorCity
    schools: Schools
    school: Organisation
    other: Organisation
    classes: Mapping[int, SchoolClass]
    """One class of each school."""

    def written(self, school: Organisation | None = None, **changes: Any) -> NewNotice:
        values: dict[str, Any] = {
            "school_class": self.classes[(school or self.school).id].id,
            "titles": {"zh": "春游", "en": "Spring outing", "ru": "Экскурсия"},
            "amount": 120_00,
            "due_on": service_day(self.city.clock.now()) + timedelta(days=14),
            "form_key": f"form {next(_forms)}",
        }
        return NewNotice(**{**values, **changes})

    async def roster(self, school: Organisation, families: Sequence[Sequence[Citizen]]) -> None:
        """Have a pupil in the school's class for each family."""
        school_class = self.classes[school.id].id
        rows = [
            self.schools.seal(
                identity, school=school.id, school_class=school_class, number=str(place), name=f"李小{place}"
            )
            for place, identity in enumerate(self.schools.ids.take(len(families)), 1)
        ]
        pairs = [(parent.id, row.id) for row, family in zip(rows, families, strict=True) for parent in family]
        async with self.city.database.transaction() as connection:
            await store.put_pupils(connection, rows)
            await store.put_guardians(connection, pairs)

    async def fee(self, parent: Citizen) -> Due:
        """Give the newest fee of a parent's child."""
        (child,) = await self.schools.children(parent.id)
        return child.fees[0]

    def code(self, due: Due) -> str:
        return reference(KIND, due.id)


@pytest.fixture
async def school_city(database: Access) -> AsyncIterator[SchoolCity]:
    """A city of the test's own with two schools, each with an empty class."""
    async with open_ground(database, education.branch) as city:
        school = await city.organisation("primary", SCHOOL)
        other = await city.organisation("middle", SCHOOL)
        schools = cast("Schools", city.branches[0].part.dependencies["schools"])
        for one in (school, other):
            async with city.database.transaction() as connection:
                await store.put_classes(connection, one.id, ["三年级1班"], schools.ids.take(1))
        classes = {one.id: (await schools.classes(one.id))[0] for one in (school, other)}
        yield SchoolCity(city, schools, school, other, classes)
