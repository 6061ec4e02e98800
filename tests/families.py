"""What tests of families need: a city whose registry knows everybody, parents and children with money, and the services in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from demo.services import made_up
from haihe.base import audit
from haihe.base.audit import Written
from haihe.base.clock import service_day
from haihe.counter.branch import Branch, Ground
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.outside.registry import Answer
from haihe.payments.dues.model import Due, NewDue
from haihe.payments.dues.trade import DueTrade
from haihe.payments.family.acting import Acting
from haihe.payments.family.relatives import Relatives
from haihe.payments.model import Description
from haihe.people.checks.sources import Sources
from haihe.people.family.children import Children
from haihe.people.family.model import Invitation, NewChild, Right, Role, Terms, Tie
from haihe.people.family.service import Families, build_families
from haihe.people.freezing.service import build_freezing
from haihe.people.model import Citizen
from haihe.wallet.family.service import Allowances
from haihe.wallet.model import WalletRules
from haihe.wallet.sending.service import Sendings, build_sendings
from haihe.web.part import Part
from tests.citizens import found_with_money, founding
from tests.grounds import SectorCity, open_ground

PASSCODE = "271828"
STRANGER = "无此人"
"""The name that the registry does not know."""
_keys = count(1)
BODY_DIGITS = 17
BILL, SEAT = 64, 68
SECRET = "1200345678"
"""The customer number on every bill: who may pay it for a relative never reads it."""


class Everybody:
    """A registry that knows every name but one."""

    async def check(self, *, name: str, id_number: str) -> Answer:
        return Answer.MISMATCH if name == STRANGER else Answer.MATCH


@dataclass
class FamilyCity:
    """A city with families."""

    city: SectorCity
    families: Families
    children: Children
    allowances: Allowances
    acting: Acting
    sendings: Sendings
    company: Organisation

    async def bill(self, *followers: Citizen, amount: int = 113_20, kind: int = BILL) -> Due:
        """Issue a bill to some who see it."""
        new = NewDue(
            organisation=self.company.id,
            subject=next(_keys),
            period="2026-10",
            amount=amount,
            due_on=self.today,
            body={"number": SECRET},
        )
        issued = await self.city.ground.dues.issue(kind, [new])
        for one in followers:
            await self.city.ground.dues.follow(one.id, kind, [new.subject])
        return issued.dues[0]

    @property
    def today(self) -> date:
        return service_day(self.city.clock.now())

    async def adult(self, money: int = 1_000_00, **changes: Any) -> Citizen:
        """Found a grown-up with a passcode."""
        (citizen,) = await found_with_money(
            self.city.ground.people,
            self.city.database,
            [founding(**{"passcode": PASSCODE, **changes})],
            money=money,
            now=self.city.clock.now(),
        )
        return citizen

    def new_child(self, years: int = 9, **changes: Any) -> NewChild:
        """Make up a child of an age."""
        return NewChild(**{"name": made_up.name(), "id_number": id_number(self.born(years)), **changes})

    def born(self, years: int) -> date:
        """Give the birthday of somebody who had it a month ago."""
        then = self.today - timedelta(days=30)
        return then.replace(year=then.year - years, day=min(then.day, 28))

    async def child_of(self, guardian: Citizen, years: int = 9) -> Citizen:
        return await self.children.register(guardian.id, self.new_child(years))

    async def give(self, guardian: Citizen, child: Citizen, amount: int) -> None:
        await self.allowances.top_up(guardian, child.id, amount=amount, key=f"give {next(_keys)}", passcode=PASSCODE)

    def asking(
        self, inviter: Citizen, invitee: Citizen, role: Role, terms: Terms, owner: Citizen | None = None
    ) -> Invitation:
        return Invitation(
            inviter=inviter.id,
            owner=(owner or inviter).id,
            role=role,
            phone=invitee.phone,
            terms=terms,
            passcode=PASSCODE,
        )

    async def linked(
        self, inviter: Citizen, invitee: Citizen, role: Role, terms: Terms | None = None, owner: Citizen | None = None
    ) -> Tie:
        """Invite and accept."""
        tie = await self.families.invite(self.asking(inviter, invitee, role, terms or Terms(), owner))
        return await self.families.accept(invitee.id, tie.id)

    def mandate(self, month_max: int = 500_00, *, days: int = 30, rights: Right | None = None) -> Terms:
        every = Right.PAY_BILLS | Right.SEE_BALANCE | Right.TOP_UP
        return Terms(
            rights=every if rights is None else rights, month_max=month_max, until=self.today + timedelta(days=days)
        )

    async def deeds(self, subject: Citizen) -> list[Written]:
        async with self.city.database.connection() as connection:
            return await audit.about(connection, subject.id, before=2**62, limit=50)

    async def news(self, subject: Citizen) -> list[tuple[str, Any]]:
        async with self.city.database.connection() as connection:
            cursor = await connection.execute(
                "SELECT kind, body FROM outbox WHERE subject = %s ORDER BY at, number", (subject.id,)
            )
            return [(kind, body) for kind, body in await cursor.fetchall()]


def tell(due: Due, language: str) -> Description:
    return Description(f"Electricity · {due.period}", "zap", (("Customer number", str(due.body["number"])),))


def bills(ground: Ground) -> Branch:
    """A sector of bills that may be shared, and of tickets that may not."""
    shared = DueTrade(
        "bill",
        BILL,
        "zap",
        "Utilities",
        ground.dues,
        tell,
        is_shareable=True,
        outline=lambda due, _: f"Electricity · {due.period}",
    )
    return Branch(Part("bills"), trades=(shared, DueTrade("seat", SEAT, "bus", "Coaches", ground.dues, tell)))


def id_number(born: date) -> str:
    """Make up the ID number of somebody born on a day."""
    made = made_up.id_number()
    body = f"{made[:6]}{born:%Y%m%d}{made[14:BODY_DIGITS]}"
    return body + made_up.id_check_character(body)


@asynccontextmanager
async def open_families(database: Access) -> AsyncIterator[FamilyCity]:
    """Found a city and put its families' services together."""
    async with open_ground(database, bills) as city:
        base, known = city.ground.base, replace(city.ground.people, sources=Sources(Everybody()))
        city.ground = replace(city.ground, people=known)
        families = build_families(base, known)
        children = Children(families, base.vault)
        sendings = build_sendings(base, people=known, limits=WalletRules())
        allowances = Allowances(children, sendings, build_freezing(base, known))
        city.payments = replace(city.payments, relatives=Relatives(known), teller=sendings)
        company = await city.organisation("test-power", "utility")
        yield FamilyCity(city, families, children, allowances, Acting(families), sendings, company)
