"""The channels as people see them: what each is called, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base.i18n import N_
from haihe.people.checks.model import Channel


@dataclass(frozen=True, slots=True)
class Shown:
    """A channel's msgids and icon; `word` names it in addresses and the API."""

    channel: Channel
    icon: str
    title: str
    text: str

    @property
    def word(self) -> str:
        """Give the channel as the API says it, e.g. registry."""
        return self.channel.name.lower()


SHOWN: Final = (
    Shown(Channel.REGISTRY, "landmark", N_("Population registry"), N_("Name and ID number")),
    Shown(Channel.OPERATOR, "smartphone", N_("Phone operator"), N_("Name, ID number and phone")),
    Shown(Channel.SOCIAL, "shield-check", N_("Social insurance bureau"), N_("Name and ID number")),
    Shown(Channel.EDUCATION, "graduation-cap", N_("Register of graduates"), N_("Name and ID number")),
    Shown(Channel.HOUSING, "house", N_("Register of homes"), N_("Name and ID number")),
    Shown(Channel.BANK, "credit-card", N_("Bank of a card"), N_("Name, ID number, phone and card")),
    Shown(Channel.COUNTER, "user-check", N_("Service counter"), N_("Face to face, with the ID card")),
)
SHOWN_OF: Final = {one.channel: one for one in SHOWN}
ONLINE: Final = tuple(one for one in SHOWN if one.channel is not Channel.COUNTER)
"""Those that a citizen can have asked without going anywhere."""
