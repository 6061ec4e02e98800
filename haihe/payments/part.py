"""What payments add to the web app."""

from __future__ import annotations

from haihe.base.throttle import Limits
from haihe.payments import api, code_api, code_pages, pages
from haihe.payments.books.own_pages import OwnPostings
from haihe.payments.held_store import holdings
from haihe.payments.hot import hot_payments
from haihe.payments.service import Payments
from haihe.web.guards import Doorkeeper
from haihe.web.part import Part


def part(payments: Payments, doorkeeper: Doorkeeper, limits: Limits) -> Part:
    """Give the pages, the API and the bare route of payments."""
    return Part(
        "payments",
        handlers=(*api.HANDLERS, *pages.HANDLERS, *code_api.HANDLERS, *code_pages.HANDLERS),
        templates=pages.TEMPLATES,
        static=code_pages.STATIC,
        dependencies={"payments": payments, "postings": OwnPostings(payments)},
        holdings=holdings(payments),
        routes={("POST", "/api/payments"): hot_payments(payments, doorkeeper, limits)},
    )
