"""Citizens between the city's words and the database: sealing and opening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from haihe.base.errors import BrokenInvariantError
from haihe.base.ids import bucket_for
from haihe.base.vault import Vault
from haihe.ledger.model import AccountFlag, AccountKind, NewAccount
from haihe.people import rules
from haihe.people.model import Citizen, CitizenClass, FoundingCitizen
from haihe.people.store import CitizenRow

WALLET_FLAGS: Final = AccountFlag.NO_OVERDRAFT | AccountFlag.CHAINED


@dataclass(frozen=True)
class Records:
    """Seals new citizens and opens stored ones."""

    vault: Vault

    def seal(self, identity: int, person: FoundingCitizen, *, buckets: int, passcode: str, now: datetime) -> CitizenRow:
        """Make the row of a new citizen with a data key of its own; `passcode` is the hash."""
        key = self.vault.new_key(identity)
        own = self.vault.unlock(key, identity)
        return CitizenRow(
            id=identity,
            bucket=bucket_for(identity, buckets),
            citizen_class=int(person.citizen_class),
            data_key=key,
            name=own.seal("name", person.name),
            id_number=own.seal("id_number", person.id_number),
            phone=own.seal("phone", person.phone),
            id_number_hash=self.id_number_hash(person.id_number),
            phone_hash=self._filed_under(identity, person.phone),
            language=person.language,
            passcode=passcode,
            registered_at=now,
        )

    def open(self, row: CitizenRow) -> Citizen:
        """Open a stored citizen; an erased one is told without anything personal. Raises `BrokenInvariantError` when the row was tampered with."""
        if not row.data_key:
            return _erased(row)
        own = self.vault.unlock(row.data_key, row.id)
        id_number, phone = own.open("id_number", row.id_number), own.open("phone", row.phone)
        if (self.id_number_hash(id_number), self._filed_under(row.id, phone)) != (row.id_number_hash, row.phone_hash):
            raise BrokenInvariantError(f"citizen {row.id} is filed under another phone or ID number")
        return Citizen(
            id=row.id,
            bucket=row.bucket,
            citizen_class=CitizenClass(row.citizen_class),
            language=row.language,
            has_passcode=bool(row.passcode),
            registered_at=row.registered_at,
            birth_date=rules.birth_date(id_number),
            name=own.open("name", row.name),
            id_number=id_number,
            phone=phone,
            display=row.display,
        )

    def id_number_hash(self, id_number: str) -> bytes:
        """Hash an ID number for finding it."""
        return self.vault.search_hash("id_number", id_number)

    def phone_hash(self, phone: str) -> bytes:
        """Hash a phone number for finding it."""
        return self.vault.search_hash("phone", phone)

    def _filed_under(self, identity: int, phone: str) -> bytes:
        """Give the hash under which somebody is filed: a child without a phone under one that no phone can have."""
        return self.phone_hash(phone) if phone else self.vault.search_hash("no phone", str(identity))


def _erased(row: CitizenRow) -> Citizen:
    """Tell of a person whose key is destroyed what the books still know: that there was one."""
    return Citizen(
        id=row.id,
        bucket=row.bucket,
        citizen_class=CitizenClass(row.citizen_class),
        language=row.language,
        has_passcode=False,
        registered_at=row.registered_at,
        birth_date=date.min,
        name="",
        id_number="",
        phone="",
        is_erased=True,
    )


def wallet_account(row: CitizenRow) -> NewAccount:
    """Describe the ledger account of a citizen's wallet: it obeys the limits of the citizen's class."""
    return NewAccount(row.id, AccountKind.WALLET, owner=row.id, flags=WALLET_FLAGS, limit_class=row.citizen_class)
