"""Who of an organisation's staff looked at a person's data or changed something about it, as the audit log knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from haihe.base import audit
from haihe.base.database import Database
from haihe.base.i18n import N_, translate
from haihe.base.ids import ID_MAX

PAGE_MAX: Final = 30
PURPOSES: Final[Mapping[str, str]] = {
    "service": N_("service counter"),
    "clinic_record": N_("clinic record"),
    "contribution": N_("contribution"),
    "payment": N_("payment"),
}
"""What for, as the deed's details say it."""
ACTIONS: Final[Mapping[str, str]] = {
    "person_seen": N_("Looked at your data"),
    "person_proved": N_("Checked that it was you"),
    "identity_checked": N_("Checked your identity"),
    "wallet_frozen": N_("Froze your wallet"),
    "wallet_released": N_("Released your wallet"),
    "passcode_changed": N_("Changed your passcode with you"),
    "cash_in": N_("Took cash for your wallet"),
    "paper_card_issued": N_("Issued a paper card"),
    "paper_card_capped": N_("Changed the cap of your paper card"),
    "paper_card_revoked": N_("Revoked your paper card"),
    "refund_given": N_("Gave a payment back"),
}
"""How deeds of staff are told to the person; any other one as what it is called in the log."""


@dataclass(frozen=True, slots=True)
class Look:
    """One deed of staff about the person, in one language; `where` is the organisation, `purpose` may be empty."""

    number: int
    at: datetime
    where: str
    what: str
    purpose: str
    is_done: bool


@dataclass(frozen=True)
class AccessLog:
    """What the audit log says about persons; `name_of` gives an organisation's name in a language, "" where it is none."""

    database: Database
    name_of: Callable[[int, str], str]

    async def about(self, citizen: int, *, lang: str, before: int = ID_MAX) -> list[Look]:
        """Give what staff did about a person, newest first, below a number."""
        async with self.database.connection() as connection:
            found = await audit.by_staff(connection, citizen, before=before, limit=PAGE_MAX)
        return [
            Look(
                number=one.number,
                at=one.at,
                where=self._where(one.deed.organisation, lang),
                what=_what(one.deed.action, lang),
                purpose=translate(lang, PURPOSES.get(str(one.deed.details.get("what", "")), "")),
                is_done=one.deed.outcome == audit.DONE,
            )
            for one in found
        ]

    def _where(self, organisation: int, lang: str) -> str:
        return self.name_of(organisation, lang) or translate(lang, N_("The city"))


def _what(action: str, lang: str) -> str:
    known = ACTIONS.get(action)
    return translate(lang, known) if known else action.replace("_", " ")
