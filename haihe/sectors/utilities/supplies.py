"""What a citizen does with accounts: look one up by its customer number, follow it, see its tariff, leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.clock import Clock, service_day
from haihe.base.database import Database
from haihe.catalogue.model import NotOffered, Service
from haihe.catalogue.prices import Price
from haihe.catalogue.service import Catalogue
from haihe.payments.dues.model import Due, DueStatus
from haihe.payments.dues.service import Dues
from haihe.sectors.utilities import store
from haihe.sectors.utilities.errors import AccountUnknown, TooManyAccounts
from haihe.sectors.utilities.listing import clean_number
from haihe.sectors.utilities.model import NUMBER, Account
from haihe.sectors.utilities.plans import Plans
from haihe.web.problem import NotFound

ACCOUNTS_MAX: Final = 20
"""Own home, parents, a tenant: more is somebody collecting numbers."""
LISTED_BILLS: Final = 100


@dataclass(frozen=True, slots=True)
class Supply:
    """An account as a citizen sees it: with its service, and what is open."""

    account: Account
    service: Service
    open: Sequence[Due] = ()

    @property
    def owed(self) -> int:
        """All that is open, in fen."""
        return sum(due.amount for due in self.open)


@dataclass(frozen=True)
class Supplies:
    """The citizens' side of utilities.

    Whoever knows a customer number may pay its bills; of its holder they see a masked name, and of its bills those that are open
    or that they paid themselves.
    """

    database: Database
    clock: Clock
    catalogue: Catalogue
    dues: Dues
    plans: Plans

    def check(self, organisation: int, number: str) -> None:
        """Refuse what cannot be a customer number, before anything is looked up. Raises `CompanyUnknown`, `NumberWrong`."""
        self.plans.check_number(organisation, clean_number(number))

    async def find(self, organisation: int, number: str) -> Supply:
        """Look a customer number up. Raises `CompanyUnknown`, `NumberWrong` (before any look-up), `AccountUnknown`."""
        self.check(organisation, number)
        number = clean_number(number)
        async with self.database.connection() as connection:
            account = (await store.by_numbers(connection, organisation, [number])).get(number)
        if account is None:
            raise AccountUnknown
        return self._supply(account, await self.dues.of_subjects(NUMBER, [account.id]))

    async def follow(self, citizen: int, organisation: int, number: str) -> Supply:
        """Add an account to a citizen's. Raises as `find` does, and `TooManyAccounts`."""
        supply = await self.find(organisation, number)
        followed = await self.dues.followed(citizen, NUMBER)
        if supply.account.id not in followed:
            if len(followed) >= ACCOUNTS_MAX:
                raise TooManyAccounts(most=ACCOUNTS_MAX)
            await self.dues.follow(citizen, NUMBER, [supply.account.id])
        return supply

    async def leave(self, citizen: int, account: int) -> None:
        """Take an account out of a citizen's; its bills stay."""
        await self.dues.unfollow(citizen, NUMBER, account)

    async def mine(self, citizen: int) -> list[Supply]:
        """Give a citizen's accounts in the order in which they were added."""
        followed = await self.dues.followed(citizen, NUMBER)
        if not followed:
            return []
        async with self.database.connection() as connection:
            accounts = await store.by_ids(connection, followed)
        bills = await self.dues.open_of(citizen)
        return [
            self._supply(accounts[identity], [due for due in bills if due.kind == NUMBER and due.subject == identity])
            for identity in followed
            if identity in accounts
        ]

    async def one(self, citizen: int, account: int) -> tuple[Supply, Price | None]:
        """Give one of a citizen's accounts with the price of today, None where there is none. Raises `NotFound`."""
        for supply in await self.mine(citizen):
            if supply.account.id == account:
                return supply, self._price(supply.account)
        raise NotFound

    async def paid_by(self, citizen: int, *, account: int | None = None) -> list[Due]:
        """Give the bills that a citizen paid, newest first, of the accounts that they follow."""
        subjects = await self.dues.followed(citizen, NUMBER) if account is None else [account]
        bills = await self.dues.of_subjects(NUMBER, subjects, limit=LISTED_BILLS)
        return [due for due in bills if due.status is DueStatus.PAID and due.payer == citizen]

    def _supply(self, account: Account, bills: Sequence[Due]) -> Supply:
        is_open = [due for due in bills if due.status is DueStatus.OPEN]
        return Supply(account, self.catalogue.by_id(account.service), is_open)

    def _price(self, account: Account) -> Price | None:
        plan = self.plans.of_account(account)
        service = plan.low_income_service if account.low_income and plan.low_income_service else plan.service
        try:
            return self.catalogue.terms(service, service_day(self.clock.now())).price
        except NotOffered:
            return None
