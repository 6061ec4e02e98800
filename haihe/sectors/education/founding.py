"""The demo city's schools: classes, invented pupils with parents among the citizens, fee notices that wait to be paid."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from haihe.base.clock import service_day
from haihe.counter.branch import Founding, Ground
from haihe.counter.founding import StaffData, found_staffed
from haihe.organisations.model import Organisation
from haihe.people.model import Citizen
from haihe.sectors.education import store
from haihe.sectors.education.model import SCHOOL, NewNotice
from haihe.sectors.education.service import Schools

FILE: Final = "education.toml"


class SchoolData(msgspec.Struct, frozen=True, kw_only=True):
    """A school with its classes."""

    key: str
    names: dict[str, str]
    category: int
    classes: list[str]
    staff: list[StaffData]


class PupilsData(msgspec.Struct, frozen=True, kw_only=True):
    """How pupils are made: so many a class, numbers from a year on, given names of these characters, parents of these birth years."""

    seed: int
    per_class: int
    first_number: int
    given: str
    parents_born_from: int
    parents_born_to: int


class NoticeData(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to every class of a school: fen, and how many days it may take."""

    key: str
    school: str
    titles: dict[str, str]
    amount: int
    days: int


class EducationData(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    school: list[SchoolData]
    pupils: PupilsData
    notice: list[NoticeData]


async def found(ground: Ground, schools: Schools, founding: Founding) -> None:
    """Found the demo's schools; may be interrupted and repeated."""
    data = msgspec.toml.decode((founding.folder / FILE).read_bytes(), type=EducationData)
    made = await found_staffed(ground.organisations, founding, data.school, kind=SCHOOL)
    parents = _parents(data.pupils, founding)
    count = 0
    for organisation, school in zip(made, data.school, strict=True):
        count += await _found_school(schools, organisation, school, data.pupils, parents)
        for notice in data.notice:
            if notice.school == school.key:
                await _issue(schools, organisation, notice, founding)
    founding.say(f"{len(made)} schools with {count:,} pupils")


def _parents(data: PupilsData, founding: Founding) -> Iterator[Sequence[Citizen]]:
    """Give the parents of one child after another: first those for trying things out, each with a citizen beside them."""
    chance = random.Random(data.seed)  # noqa: S311 - the same families in every home is the point
    first, others = founding.citizens[: founding.reserved], founding.citizens[founding.reserved :]
    fitting = [one for one in others if data.parents_born_from <= one.birth_date.year <= data.parents_born_to]
    chance.shuffle(fitting)
    for one in first:
        yield [one, *([fitting.pop()] if fitting else [])]
    while fitting:
        yield [fitting.pop() for _ in range(min(2, len(fitting)))]


async def _found_school(
    schools: Schools,
    organisation: Organisation,
    school: SchoolData,
    data: PupilsData,
    parents: Iterator[Sequence[Citizen]],
) -> int:
    """Found classes, pupils and guardians of a school; answers how many pupils there are."""
    chance = random.Random(f"{data.seed} {school.key}")  # noqa: S311 - as above
    async with schools.database.transaction() as connection:
        await store.put_classes(connection, organisation.id, school.classes, schools.ids.take(len(school.classes)))
        classes = {one.name: one.id for one in await store.classes(connection, organisation.id)}
        wished, families = [], {}
        for place, identity in enumerate(schools.ids.take(len(school.classes) * data.per_class)):
            family = next(parents, ())
            if not family:
                break
            number = str(data.first_number + place)
            surname = family[0].name[:1]
            name = surname + "".join(chance.choices(data.given, k=chance.choice((1, 2))))
            school_class = classes[school.classes[place // data.per_class]]
            wished.append(
                schools.seal(identity, school=organisation.id, school_class=school_class, number=number, name=name)
            )
            families[number] = [citizen.id for citizen in family]
        await store.put_pupils(connection, wished)
        ids = await store.pupil_ids(connection, organisation.id)
        pairs = [(citizen, ids[number]) for number, family_ids in families.items() for citizen in family_ids]
        await store.put_guardians(connection, pairs)
    return len(wished)


async def _issue(schools: Schools, organisation: Organisation, notice: NoticeData, founding: Founding) -> None:
    due_on = service_day(founding.now) + timedelta(days=notice.days)
    for one in await schools.classes(organisation.id):
        if one.pupils:
            new = NewNotice(
                school_class=one.id,
                titles=notice.titles,
                amount=notice.amount,
                due_on=due_on,
                form_key=f"founding {notice.key} {one.id}",
            )
            await schools.issue(organisation.id, new)
