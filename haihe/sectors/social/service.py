"""What citizens do about contributions: see how they and their relatives stand, choose a tier, keep the list of relatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from haihe.base.clock import Clock, day_start, service_day
from haihe.base.database import Database
from haihe.base.ids import Ids
from haihe.base.vault import mask_name
from haihe.catalogue.model import Service
from haihe.catalogue.prices import Choice, Option
from haihe.catalogue.service import Catalogue
from haihe.payments.dues.model import Due, DueStatus, NewDue
from haihe.payments.dues.service import Dues
from haihe.people.model import Citizen
from haihe.people.rules import read_id_number, read_name
from haihe.people.service import People
from haihe.sectors.social import errors, rules, store
from haihe.sectors.social.model import NUMBER, Contribution, Group, Insured, Overview, Programme, State, Window
from haihe.sectors.social.trade import Body, body_of, write_body

RELATIVES_MAX: Final = 10
_ONE_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Memory:
    """The programmes in this process's memory; replaced as a whole."""

    programmes: Sequence[Programme] = ()


@dataclass(frozen=True, slots=True)
class Choosing:
    """All that a choice rests on: the rules of the day, the open window, whom it is for."""

    programme: Programme
    window: Window
    person: Citizen
    group: Group
    service: Service
    option: Option


@dataclass(frozen=True)
class Contributions:
    """The contributions of residents. `reload` fills the memory, at start and when the catalogue changed."""

    database: Database
    clock: Clock
    ids: Ids
    people: People
    catalogue: Catalogue
    dues: Dues
    memory: Memory = field(default_factory=Memory, repr=False)

    async def reload(self) -> None:
        """Read the programmes anew."""
        async with self.database.connection() as connection:
            self.memory.programmes = await store.programmes(connection)

    def today(self) -> date:
        """Tell the day in the city."""
        return service_day(self.clock.now())

    # --- how people stand

    async def overview(self, viewer: int) -> Overview:
        """Tell how a citizen and the relatives on the list stand for the year that is open, else for the last one that was."""
        day = self.today()
        programme = rules.programme_on(self.memory.programmes, day)
        if programme is None:
            return Overview(None, None, ())
        window, upcoming = rules.window_on(programme.windows, day), rules.next_open(programme.windows, day)
        shown = window or rules.last_closed(programme.windows, day)
        async with self.database.connection() as connection:
            wanted = [viewer, *await store.relatives(connection, viewer)]
            covered = await store.covered(connection, wanted, shown.year) if shown else {}
            standings = await store.standings(connection, wanted, day)
        citizens, chosen = await self.people.citizens(wanted), await self._chosen(viewer, window)
        people = [
            self._insured(
                citizens[one],
                programme,
                standings=standings.get(one, set()),
                is_open=window is not None,
                covered=covered.get(one),
                due=chosen.get(one),
            )
            for one in wanted
        ]
        return Overview(window, upcoming.opens if upcoming else None, [_seen_by(viewer, one) for one in people])

    async def _chosen(self, viewer: int, window: Window | None) -> dict[int, Due]:
        """Give the open choices for the window's year of everybody whom a citizen pays for, by person."""
        if window is None:
            return {}
        dues = await self.dues.open_of(viewer)
        return {due.subject: due for due in dues if due.kind == NUMBER and due.period == str(window.year)}

    def _insured(
        self,
        citizen: Citizen,
        programme: Programme,
        *,
        standings: AbstractSet[str],
        is_open: bool,
        covered: Contribution | None,
        due: Due | None,
    ) -> Insured:
        group = rules.group_of(programme.groups, born=citizen.birth_date, day=self.today(), standings=standings)
        service = self._service(programme, group)
        return Insured(
            person=citizen.id,
            name=citizen.name,
            id_number=citizen.masked_id_number,
            is_self=True,
            state=_state(covered, due, is_open=is_open, is_due=service is not None),
            group=group,
            service=service,
            options=self._options(service),
            tier=covered.tier if covered else body_of(due).tier if due else "",
            due=due.id if due else 0,
            covered=covered,
        )

    def _service(self, programme: Programme, group: Group | None) -> Service | None:
        return self.catalogue.by_key(programme.organisation, group.service) if group and group.service else None

    def _options(self, service: Service | None) -> Sequence[Option]:
        if service is None:
            return ()
        price = self.catalogue.terms(service.id, self.today()).price
        return price.options if isinstance(price, Choice) else ()

    def tier_names(self, organisation: int) -> dict[str, Mapping[str, str]]:
        """Give the names of all tiers of a bureau, by key."""
        services = self.catalogue.of_organisation(organisation)
        return {option.key: option.names for service in services for option in self._options(service)}

    # --- choosing

    async def enrol(self, viewer: int, *, person: int, tier: str) -> int:
        """Choose a tier for oneself or a relative; give the due that is to be paid, 0 if nothing is.

        An unpaid choice of another tier is withdrawn and replaced. Raises `InsuredUnknown`, `WindowClosed`, `AlreadyCovered`,
        `NothingDue`, `WrongAgeGroup`.
        """
        choosing = await self._choosing(viewer, person, tier)
        if choosing.group.subsidised:
            await self._cover_unpaid(viewer, choosing)
            return 0
        await self.dues.follow(viewer, NUMBER, [person])
        await self.dues.follow(person, NUMBER, [person])
        return (await self._issue(choosing)).id

    async def _choosing(self, viewer: int, person: int, tier: str) -> Choosing:
        day = self.today()
        async with self.database.connection() as connection:
            if person != viewer and person not in await store.relatives(connection, viewer):
                raise errors.InsuredUnknown
            programme, window = self._open(day)
            if await store.covered(connection, [person], window.year):
                raise errors.AlreadyCovered(year=window.year)
            standings = (await store.standings(connection, [person], day)).get(person, set())
        citizen = await self.people.citizen(person)
        group = rules.group_of(programme.groups, born=citizen.birth_date, day=day, standings=standings)
        service = self._service(programme, group)
        if group is None or service is None:
            raise errors.NothingDue
        option = next((one for one in self._options(service) if one.key == tier), None)
        if option is None:
            raise errors.WrongAgeGroup(field="tier")
        return Choosing(programme, window, citizen, group, service, option)

    def _open(self, day: date) -> tuple[Programme, Window]:
        """Find the window that is open, or say when one was and will be."""
        programme = rules.programme_on(self.memory.programmes, day)
        if programme is None:
            raise errors.WindowClosed
        window = rules.window_on(programme.windows, day)
        if window is None:
            before, after = rules.last_closed(programme.windows, day), rules.next_open(programme.windows, day)
            raise errors.WindowClosed(
                **({"closed_on": before.closes} if before else {}), **({"opens_on": after.opens} if after else {})
            )
        return programme, window

    async def _issue(self, choosing: Choosing) -> Due:
        """Have one living due for this person and year, of the tier that was chosen last; who chooses at once does it in turn."""
        new = self._due(choosing)
        async with self.database.transaction() as connection:
            await store.choose_alone(connection, choosing.person.id)
            (due,) = (await self.dues.issue_within(connection, NUMBER, [new])).dues
            if not self._is(due, new):
                await self.dues.withdraw_within(connection, [due.id], organisation=due.organisation)
                (due,) = (await self.dues.issue_within(connection, NUMBER, [new])).dues
        if due.status is DueStatus.PAID:
            raise errors.AlreadyCovered(year=choosing.window.year)
        return due

    def _is(self, due: Due, new: NewDue) -> bool:
        """Tell whether a due is what someone chooses now."""
        return due.is_payable(self.clock.now()) and (due.amount, due.body) == (new.amount, new.body)

    def _due(self, choosing: Choosing) -> NewDue:
        window, person, option = choosing.window, choosing.person, choosing.option
        body = Body(
            tier=option.key,
            tier_names=option.names,
            person=person.masked_name,
            id_number=person.masked_id_number,
            year=window.year,
            opens=window.opens,
            closes=window.closes,
            waiting_days=window.waiting_days,
        )
        return NewDue(
            organisation=choosing.programme.organisation,
            subject=person.id,
            period=str(window.year),
            amount=option.amount,
            due_on=window.closes,
            body=write_body(body),
            service=choosing.service.id,
            expires_at=day_start(window.closes + _ONE_DAY),
        )

    async def _cover_unpaid(self, viewer: int, choosing: Choosing) -> None:
        """Cover who has nothing to pay; what was chosen before the subsidy was known is withdrawn. Raises `AlreadyCovered`."""
        window, person = choosing.window, choosing.person
        earlier = (await self._chosen(viewer, window)).get(person.id)
        if earlier is not None:
            await self.dues.withdraw([earlier.id], organisation=earlier.organisation)
        identity = self.ids.next()
        contribution = Contribution(
            person=person.id,
            year=window.year,
            id=identity,
            organisation=choosing.programme.organisation,
            tier=choosing.option.key,
            amount=0,
            subsidy=choosing.option.amount,
            payment=0,
            bucket=-1,
            payer=viewer,
            receipt=rules.receipt_number(year=window.year, identity=identity),
            covered_from=rules.covered_from(window, self.today()),
            recorded_at=self.clock.now(),
        )
        async with self.database.connection() as connection:
            if not await store.insert_unpaid(connection, contribution):
                raise errors.AlreadyCovered(year=window.year)

    # --- relatives

    async def add_relative(self, viewer: int, *, name: str, id_number: str) -> None:
        """Let a citizen pay for someone whose name and ID number they know.

        Raises refusals of the form, `RelativesFull`, `RelativeUnknown`, which takes as long as finding somebody.
        """
        name, id_number = read_name(name), read_id_number(id_number, today=self.today())
        async with self.database.connection() as connection:
            known = await store.relatives(connection, viewer)
        if len(known) >= RELATIVES_MAX:
            raise errors.RelativesFull(people_max=RELATIVES_MAX)
        found = await self.people.find_named(name=name, id_number=id_number, stand_in=viewer)
        if found is None or found.id == viewer:
            raise errors.RelativeUnknown(field="id_number")
        async with self.database.connection() as connection:
            await store.insert_relatives(connection, [(viewer, found.id)], self.clock.now())
        await self.dues.follow(viewer, NUMBER, [found.id])

    async def remove_relative(self, viewer: int, person: int) -> None:
        """Take someone off the list; who is covered stays covered."""
        async with self.database.connection() as connection:
            await store.delete_relative(connection, viewer, person=person)
        if person != viewer:
            await self.dues.unfollow(viewer, NUMBER, person)


def _state(covered: Contribution | None, due: Due | None, *, is_open: bool, is_due: bool) -> State:
    if covered:
        return State.COVERED
    if not is_due:
        return State.FREE
    if not is_open:
        return State.CLOSED
    return State.CHOSEN if due else State.CHOICE


def _seen_by(viewer: int, one: Insured) -> Insured:
    """Show others masked: a page is read over shoulders."""
    if one.person == viewer:
        return one
    return replace(one, name=mask_name(one.name), is_self=False)
