"""Accounts and transfers in words: whose money it is, and why it moved, as much of it as the reader may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from haihe.base.i18n import N_, translate
from haihe.ledger.model import AccountKind, Phase, SystemAccount, TransferKind
from haihe.organisations.model import name_in
from haihe.payments.service import Payments

KINDS: Final[Mapping[AccountKind, str]] = {
    AccountKind.WALLET: N_("Citizens' wallets"),
    AccountKind.PURSE: N_("Citizens' purses"),
    AccountKind.TILL: N_("Organisations' tills"),
    AccountKind.RESERVE: N_("Reserve at the bank"),
    AccountKind.IN_TRANSIT: N_("In transit"),
    AccountKind.BRIDGE: N_("Bridge between buckets"),
    AccountKind.SUSPENSE: N_("Suspense"),
    AccountKind.FEES: N_("The city's fees"),
    AccountKind.CITY_FUNDS: N_("Sponsors' funds"),
    AccountKind.REFUNDS_IN_FLIGHT: N_("Refunds on their way"),
    AccountKind.DEBTS: N_("Debts of citizens"),
    AccountKind.CLAIMS: N_("Claims on sponsors"),
    AccountKind.PAYOUTS: N_("Payouts on their way"),
    AccountKind.REFUNDABLE: N_("Refundable rests (memorandum)"),
    AccountKind.REFUNDABLE_ALL: N_("All refundable rests (memorandum)"),
}
"""What all accounts of a kind are together."""

ONE_OF: Final[Mapping[AccountKind, str]] = {
    AccountKind.WALLET: N_("A citizen's wallet"),
    AccountKind.PURSE: N_("A citizen's purse"),
    AccountKind.TILL: N_("An organisation's till"),
    AccountKind.CITY_FUNDS: N_("A fund"),
    AccountKind.REFUNDABLE: N_("Refundable rest"),
    AccountKind.CLAIMS: N_("Claim on a sponsor"),
}
"""What one account of a kind is, where nobody is named."""

TRANSFERS: Final[Mapping[TransferKind, str]] = {
    TransferKind.PAYMENT: N_("Payment"),
    TransferKind.TOP_UP: N_("Top-up"),
    TransferKind.OPENING: N_("Opening balance"),
    TransferKind.GRANT: N_("Grant"),
    TransferKind.REFUND: N_("Refund"),
    TransferKind.REFUNDABLE: N_("Refundable rest"),
    TransferKind.CROSSING: N_("Between buckets"),
    TransferKind.LAPSE: N_("Lapse"),
    TransferKind.FEE: N_("Fee"),
    TransferKind.PAYOUT: N_("Payout"),
    TransferKind.REVERSAL: N_("Reversal"),
    TransferKind.DEPOSIT: N_("Deposit"),
    TransferKind.CASH_IN: N_("Cash paid in"),
    TransferKind.WITHDRAWAL: N_("Withdrawal"),
}

PHASES: Final[Mapping[Phase, str]] = {
    Phase.POST: "",
    Phase.HOLD: N_("held"),
    Phase.CAPTURE: N_("captured"),
    Phase.RELEASE: N_("released"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and what this person calls the own accounts; everybody else's stay nameless."""

    lang: str
    payments: Payments
    own: Mapping[int, str] = field(default_factory=dict)
    """Translated names by account."""

    def say(self, text: str) -> str:
        """Say a msgid in the reader's language."""
        return translate(self.lang, text)

    def account(self, account: int, kind: AccountKind, owner: int) -> str:
        """Name an account: the own ones, organisations and funds by name, people's not at all."""
        if account in self.own:
            return self.own[account]
        organisation = self.payments.organisations.directory.by_id.get(owner)
        if kind is AccountKind.TILL and organisation:
            return translate(self.lang, N_("Till of {name}"), name=organisation.name(self.lang))
        fund = self.payments.purses.directory.funds.get(account)
        if kind is AccountKind.CITY_FUNDS and fund:
            return name_in(fund.names, self.lang)
        if account == SystemAccount.CITY_FUNDS:
            return self.say(N_("The city's own funds"))
        return self.say(ONE_OF.get(kind, KINDS[kind]))

    def kind(self, kind: AccountKind) -> str:
        """Name a kind of account."""
        return self.say(KINDS[kind])

    def transfer(self, kind: TransferKind, phase: Phase = Phase.POST) -> str:
        """Name why money moved."""
        held = PHASES[phase]
        return f"{self.say(TRANSFERS[kind])} ({self.say(held)})" if held else self.say(TRANSFERS[kind])
