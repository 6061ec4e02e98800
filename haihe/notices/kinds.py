"""Every kind of news that somebody is told of: its group, its icon, what is said of it and where it leads.

A kind may say different things by a word of its body (`by`): a top-up that was settled is done, refused or held. What is said has
placeholders, which are filled from the body (`values_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haihe.base.i18n import N_
from haihe.notices.model import Group

ELSE: Final = ""
"""What is said where the body's word is none of the others."""


@dataclass(frozen=True, slots=True)
class Words:
    """A title and a sentence, both msgids."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """How news of a kind are told; `is_urgent` is told by short message whatever was chosen."""

    group: Group
    icon: str
    words: Mapping[str, Words]
    by: str = ""
    href: str = ""
    is_urgent: bool = False


def _says(title: str, text: str) -> Mapping[str, Words]:
    return {ELSE: Words(title, text)}


def _ends(done: Words, refused: Words, other: Words) -> Mapping[str, Words]:
    """Say what became of money that a bank was asked for."""
    return {"done": done, "refused": refused, ELSE: other}


_NOT_YOU: Final = N_("If this was not you, freeze your wallet at once.")

_MONEY: Final[Mapping[str, Kind]] = {
    "top_up_settled": Kind(
        Group.MONEY,
        "wallet",
        _ends(
            Words(N_("Topped up"), N_("{amount:money} from your bank card is in your wallet.")),
            Words(N_("Top-up refused"), N_("Your bank did not give {amount:money}. Nothing was taken.")),
            Words(
                N_("Top-up is being looked into"),
                N_("{amount:money} came from your bank and waits outside your wallet."),
            ),
        ),
        by="status",
        href="/top-up/{top_up}",
    ),
    "withdrawal_settled": Kind(
        Group.MONEY,
        "landmark",
        _ends(
            Words(N_("Money withdrawn"), N_("{amount:money} is on your bank account.")),
            Words(N_("Withdrawal refused"), N_("Your bank did not take {amount:money}. It is back in your wallet.")),
            Words(
                N_("Withdrawal is being looked into"),
                N_("Your bank did not take {amount:money}, and it waits outside your wallet."),
            ),
        ),
        by="status",
        href="/withdraw/{withdrawal}",
    ),
    "auto_top_up": Kind(
        Group.MONEY,
        "repeat",
        _ends(
            Words(
                N_("Topped up by itself"), N_("{amount:money} from your bank card is in your wallet, as you wished.")
            ),
            Words(
                N_("Automatic top-up refused"), N_("Your bank did not give {amount:money}. Please look at your card.")
            ),
            Words(
                N_("Automatic top-up paused"),
                N_("{amount:money} could not be taken from your card. Please look at it."),
            ),
        ),
        by="status",
        href="/top-up/automatic",
    ),
    "card_payment_settled": Kind(
        Group.MONEY,
        "credit-card",
        _ends(
            Words(N_("Paid by card"), N_("{amount:money} was paid straight from your bank card.")),
            Words(N_("Card payment refused"), N_("Your bank did not give {amount:money}. Nothing was paid.")),
            Words(
                N_("Not paid by card"),
                N_("{amount:money} came from your bank card, could not be paid any more, and is in your wallet."),
            ),
        ),
        by="status",
        href="/history",
    ),
    "money_received": Kind(
        Group.MONEY,
        "hand-coins",
        _says(N_("Money received"), N_("{amount:money} was sent to you.")),
        href="/transfers/{transfer}",
    ),
    "money_returned": Kind(
        Group.MONEY,
        "undo-2",
        {
            "True": Words(
                N_("Money could not arrive"), N_("{amount:money} did not arrive and waits outside your wallet.")
            ),
            ELSE: Words(N_("Money came back"), N_("{amount:money} did not arrive and is in your wallet again.")),
        },
        by="held",
        href="/transfers/{transfer}",
    ),
    "cash_in": Kind(
        Group.MONEY,
        "banknote",
        _says(N_("Cash paid in"), N_("{amount:money} was paid in for you at {organisation}.")),
        href="/history",
    ),
    "statement_ready": Kind(
        Group.MONEY,
        "file-text",
        _says(N_("Your statement is ready"), N_("All that moved in {month:month}, on one page.")),
        href="/history/statement?month={month}",
    ),
}

_SECURITY: Final[Mapping[str, Kind]] = {
    "device_new": Kind(
        Group.SECURITY,
        "smartphone",
        _says(N_("Signed in on a new device"), N_("A device that was not used before is signed in: {device}.")),
        href="/me/devices",
        is_urgent=True,
    ),
    "passkey_added": Kind(
        Group.SECURITY,
        "key-round",
        _says(N_("Passkey added"), N_("A passkey can now sign in and confirm payments for you.")),
        href="/me/passkeys",
        is_urgent=True,
    ),
    "passcode_changed": Kind(
        Group.SECURITY,
        "lock",
        _says(N_("Passcode changed"), _NOT_YOU),
        href="/me",
        is_urgent=True,
    ),
    "passcode_reset_asked": Kind(
        Group.SECURITY,
        "lock",
        _says(
            N_("Another passcode was asked for"),
            N_("It can be chosen after 24 hours. If this was not you, stop it and freeze your wallet."),
        ),
        href="/me/forgotten",
        is_urgent=True,
    ),
    "wallet_frozen": Kind(
        Group.SECURITY,
        "snowflake",
        {
            "counter": Words(N_("Wallet frozen"), N_("A counter has frozen your wallet. Nothing can be paid with it.")),
            "guardian": Words(
                N_("Wallet frozen"), N_("Your guardian has frozen your wallet. Nothing can be paid with it.")
            ),
            ELSE: Words(N_("Wallet frozen"), N_("You have frozen your wallet. Nothing can be paid with it.")),
        },
        by="by",
        href="/me",
        is_urgent=True,
    ),
    "wallet_released": Kind(
        Group.SECURITY,
        "lock-open",
        _says(N_("Wallet released"), N_("Your wallet can pay again.")),
        href="/me",
        is_urgent=True,
    ),
    "paper_card_issued": Kind(
        Group.SECURITY,
        "qr-code",
        _says(N_("Paper card issued"), N_("A paper card can now pay from your wallet.")),
        href="/me",
        is_urgent=True,
    ),
    "paper_card_revoked": Kind(
        Group.SECURITY,
        "qr-code",
        _says(N_("Paper card revoked"), N_("Your paper card pays nothing any more.")),
        href="/me",
        is_urgent=True,
    ),
    "person_seen": Kind(
        Group.SECURITY,
        "eye",
        _says(N_("Your data was looked at"), N_("{organisation} looked at what the city knows of you.")),
        href="/me/access",
    ),
    "data_exported": Kind(
        Group.SECURITY,
        "download",
        _says(
            N_("Your data was downloaded"),
            N_("Everything the city holds about you was given out. If this was not you, freeze your wallet at once."),
        ),
        href="/me/access",
        is_urgent=True,
    ),
}

_FAMILY: Final[Mapping[str, Kind]] = {
    "family_invited": Kind(
        Group.FAMILY,
        "users",
        _says(N_("Invited to a family"), N_("{by_name_masked} asks you: {role}.")),
        href="/family",
    ),
    "family_linked": Kind(
        Group.FAMILY,
        "heart-handshake",
        _says(N_("Family link made"), N_("You are now linked with {name_masked}: {role}.")),
        href="/family",
    ),
    "family_ended": Kind(
        Group.FAMILY,
        "users",
        _says(N_("Family link ended"), N_("This link has ended: {role}.")),
        href="/family",
    ),
    "cap_changed": Kind(
        Group.FAMILY,
        "gauge",
        {
            "day": Words(N_("Cap changed"), N_("At most {amount:money} a day can be paid now.")),
            "month": Words(N_("Cap changed"), N_("At most {amount:money} a month can be paid now.")),
            ELSE: Words(N_("Cap changed"), N_("A cap on what can be paid was changed.")),
        },
        by="period",
        href="/family",
    ),
    "bill_paid_by_relative": Kind(
        Group.FAMILY,
        "receipt-text",
        _says(N_("A relative paid for you"), N_("{title}: {amount:money}")),
        href="/bills",
    ),
}

_CITY: Final[Mapping[str, Kind]] = {
    "citizen_registered": Kind(
        Group.CITY,
        "party-popper",
        _says(N_("Welcome to the city"), N_("Your wallet is open. Top it up, and scan the sticker of the next bus.")),
        href="/top-up",
    ),
    "class_changed": Kind(
        Group.CITY,
        "badge-check",
        _says(N_("Account class changed"), N_("Your account is now of class {class}, before {before}.")),
        href="/me/class",
    ),
}

KINDS: Final[Mapping[str, Kind]] = {**_MONEY, **_SECURITY, **_FAMILY, **_CITY}

ROLES: Final[Mapping[str, str]] = {
    "guardian": N_("guardian"),
    "child": N_("child"),
    "relative": N_("relative"),
    "helper": N_("helper"),
    "payer": N_("pays bills"),
    "mandate": N_("helper"),
}
"""Words of family links, as they stand in the news."""
