"""The ways by which citizens' money comes and goes beside paying from the wallet: put together in one place for `app.py`."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from haihe.base.foundation import Foundation
from haihe.base.jobs import Periodic
from haihe.outside.bank import PayoutBank
from haihe.payments import card_payments
from haihe.payments.books import monthly
from haihe.payments.books.monthly import MonthlyNotices
from haihe.payments.card_payments.service import CardPayments, build_card_payments
from haihe.payments.service import Payments
from haihe.wallet import withdrawals
from haihe.wallet.auto import part as auto
from haihe.wallet.auto.service import AutoTopUps, build_auto_top_ups
from haihe.wallet.bank_lines.reader import BankLines
from haihe.wallet.by_statement import ByStatement
from haihe.wallet.service import Wallets
from haihe.wallet.withdrawals.service import Withdrawals
from haihe.web.part import Part

STATEMENT_CRON: Final = "* * * * * */15"
"""Every fifteen seconds (they stand last); while nobody waits for the bank's word the bank is not asked."""


@dataclass(frozen=True)
class MoneyWays:
    """Withdrawals, automatic top-ups, payments by card, what the bank's statement settles, and the monthly notice."""

    withdrawals: Withdrawals
    auto_top_ups: AutoTopUps
    card_payments: CardPayments
    by_statement: ByStatement
    monthly: MonthlyNotices

    def parts(self) -> list[Part]:
        """Give their pages and APIs."""
        return [
            withdrawals.part(self.withdrawals),
            auto.part(self.auto_top_ups),
            card_payments.part(self.card_payments),
        ]

    def jobs(self) -> list[Periodic]:
        """Give the work that runs beside the city."""
        return [
            *withdrawals.jobs(self.withdrawals),
            *auto.jobs(self.auto_top_ups),
            *card_payments.jobs(self.card_payments),
            *monthly.jobs(self.monthly),
            Periodic("wallet.by_statement", "by_statement", STATEMENT_CRON, self.by_statement.run),
        ]


def build_money_ways(
    base: Foundation, *, wallets: Wallets, payments: Payments, bank: PayoutBank, fixed_payees: AbstractSet[str]
) -> MoneyWays:
    """Put them together; `fixed_payees` are the kinds of what is owed to one payee again and again (43/2015, Art. 23)."""
    outgoing = Withdrawals(base, wallets, bank)
    lines = BankLines(base.database, base.clock, bank)
    return MoneyWays(
        withdrawals=outgoing,
        auto_top_ups=build_auto_top_ups(base, wallets),
        card_payments=build_card_payments(base, wallets=wallets, payments=payments, fixed_payees=fixed_payees),
        by_statement=ByStatement(lines, base.clock, (wallets, outgoing)),
        monthly=MonthlyNotices(base.database, base.clock),
    )
