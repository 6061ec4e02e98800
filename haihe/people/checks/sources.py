"""Whom the city asks about a person, and how each is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.outside.http import Unreachable
from haihe.outside.offices import ClearingHouse, Offices
from haihe.outside.phone_operator import PhoneOperator
from haihe.outside.registry import Registry
from haihe.people.checks.errors import SILENT, CheckUnavailable
from haihe.people.checks.model import Channel, Person, Said

OFFICES: Final = frozenset({Channel.SOCIAL, Channel.EDUCATION, Channel.HOUSING})
AT_REGISTRATION: Final = (Channel.REGISTRY, Channel.OPERATOR)
"""Who is asked of everyone who registers, in this order: a stranger to the registry is not told on to others."""


@dataclass(frozen=True)
class Sources:
    """The sources that this city can ask; None where it has no way to one."""

    registry: Registry
    operator: PhoneOperator | None = None
    offices: Offices | None = None
    clearing: ClearingHouse | None = None

    async def ask(self, channel: Channel, person: Person, *, card: str = "") -> Said:
        """Ask one source; a bank about a card number of the person's. Raises `Unreachable`, also where there is no way to it."""
        name, id_number, phone = person.name, person.id_number, person.phone
        source = channel.name.lower()
        if channel is Channel.REGISTRY:
            answer = await self.registry.check(name=name, id_number=id_number)
        elif channel is Channel.OPERATOR and self.operator:
            answer = await self.operator.check(name=name, id_number=id_number, phone=phone)
        elif channel in OFFICES and self.offices:
            answer = await self.offices.check(office=source, name=name, id_number=id_number)
        elif channel is Channel.BANK and self.clearing:
            said = await self.clearing.check_card(card=card, name=name, id_number=id_number, phone=phone)
            source, answer = said.bank, said.answer
        else:
            raise Unreachable
        return Said(channel, source, answer)

    async def insist(self, channel: Channel, person: Person, *, card: str = "") -> Said:
        """Ask one source and refuse its silence by its name. Raises `RegistryUnavailable`, `CheckUnavailable`."""
        try:
            return await self.ask(channel, person, card=card)
        except Unreachable as error:
            raise SILENT.get(channel, CheckUnavailable) from error

    async def at_registration(self, person: Person) -> list[Said]:
        """Ask those who are asked of everyone, until one differs; who does not answer is left out."""
        heard = []
        for channel in AT_REGISTRATION:
            try:
                heard.append(await self.ask(channel, person))
            except Unreachable:
                continue
            if not heard[-1].is_match:
                break
        return heard
