"""A bus company and a water works with their staff, for tests of the console's own pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from haihe.base import audit
from haihe.base.clock import TurnableClock
from haihe.base.database import Database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.notes import city_signer
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.organisations.me import OwnSignIn
from haihe.organisations.model import FoundingOrganisation, FoundingStaff, Organisation, Role
from haihe.organisations.service import Organisations, build_organisations
from haihe.organisations.signing import Visit
from haihe.organisations.staffing import Staffing, build_staffing
from haihe.web.guards import Staff

PASSWORD = "a long enough password"
SIGNER = city_signer(b"a seal key of thirty-two bytes..")


@dataclass(frozen=True)
class StaffedCity:
    """Two organisations, each with somebody of every role; logins are `role@organisation`."""

    base: Foundation
    clock: TurnableClock
    organisations: Organisations
    staffing: Staffing
    bus: Organisation
    water: Organisation

    @property
    def own(self) -> OwnSignIn:
        return OwnSignIn(self.base, self.organisations.signing)

    async def staff(self, login: str, password: str = PASSWORD, address: str = "10.0.0.1") -> Staff:
        """Sign somebody in."""
        signed = await self.organisations.sign_in(login=login, password=password, visit=Visit(address))
        return await self.organisations.staff(signed.token)

    async def deeds(self, organisation: int) -> list[tuple[str, str]]:
        """Give what was done and what became of it, the oldest first."""
        async with self.base.database.connection() as connection:
            found = await audit.within(connection, organisation, before=1 << 62, limit=200)
        return [(one.deed.action, one.deed.outcome) for one in reversed(found)]


async def staffed_city(database: Database) -> StaffedCity:
    """Found it in an empty city."""
    clock = TurnableClock(datetime.now(UTC).replace(microsecond=0))
    vault = Vault(vault_key=b"v" * 32, search_key=b"s" * 32)
    base = Foundation(database, clock, Ids(clock, node=1), vault, Tokens(b"t" * 32), Revocations(database))
    organisations = build_organisations(base)
    bus, water = await organisations.found(
        [
            FoundingOrganisation(key="bus", names={"en": "City Bus"}, kind="bus"),
            FoundingOrganisation(key="water", names={"en": "Water"}, kind="utility"),
        ]
    )
    await organisations.found_staff(
        [
            FoundingStaff(
                organisation=one.id, login=f"{role}@{one.key}", name=role.title(), role=role, password=PASSWORD
            )
            for one in (bus, water)
            for role in Role
        ]
    )
    return StaffedCity(base, clock, organisations, build_staffing(base, organisations, signer=SIGNER), bus, water)
