"""What a terminal says when it could not charge: to who stands at it, not to the payer."""

from __future__ import annotations

from typing import Final

from haihe.base.i18n import N_

REFUSALS: Final[tuple[tuple[str, str, str], ...]] = (
    ("payment_code_unknown", N_("Not a payment code"), N_("Ask the customer for the code on the page Payment code.")),
    ("payment_code_expired", N_("Code expired"), N_("Ask the customer to show a new code.")),
    ("payment_code_used", N_("Code already used"), N_("Look at the latest sales, or ask for a new code.")),
    ("paper_card_mistyped", N_("Misread"), N_("Hold the paper card flat, or type its 24 digits.")),
    ("paper_card_unknown", N_("Paper card not known"), N_("Ask the customer for another way to pay.")),
    ("paper_card_revoked", N_("Paper card revoked"), N_("The customer gets a new one at a service counter.")),
    ("insufficient_funds", N_("Not enough money"), N_("The customer can top up and show a new code.")),
    ("account_frozen", N_("Wallet frozen"), N_("The customer cannot pay with this wallet at the moment.")),
    ("account_closed", N_("Wallet closed"), N_("The customer cannot pay with this wallet.")),
    ("limit_reached", N_("Limit reached"), N_("The customer's payment limit does not allow this amount.")),
    ("amount_missing", N_("No amount"), N_("Type the amount first, for example 12.50.")),
    ("amount_invalid", N_("Amount not possible"), N_("Type an amount from 0.01 up, with at most two decimals.")),
    ("already_paid", N_("Already paid"), N_("Nothing was taken a second time.")),
    ("payee_unavailable", N_("This till is closed"), N_("Your account takes no money at the moment. Ask the office.")),
    ("terminal_not_paired", N_("Screen not paired"), N_("Open it with the link from your office.")),
)
"""By the refusal's code: a heading, and what to do. Other refusals are told with their own text."""
