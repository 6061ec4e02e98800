"""What payments hold about a citizen, and how it is destroyed; what moved money stays, for the books."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from haihe.base.database import Connection
from haihe.base.holdings import Holding, Pending, Person, Read, Row, queried
from haihe.base.i18n import N_
from haihe.payments.service import Payments
from haihe.web.guards import Viewer

PAGE: Final = 100

_OWN: Final = (
    Holding(
        "card_payments",
        N_("Payments straight from a bank card"),
        tables=("card_payments",),
        read=queried(
            """
            SELECT id, amount, status, reason, payment, asked_at, changed_at
            FROM card_payments
            WHERE bucket = %(bucket)s AND citizen = %(citizen)s
            ORDER BY id
            """
        ),
        pending=(
            Pending(
                "SELECT count(*) FROM card_payments WHERE bucket = %(bucket)s AND citizen = %(citizen)s AND status = 0",
                N_("A payment by card is still on its way."),
            ),
        ),
    ),
    Holding(
        "dues",
        N_("Bills and fees that I see"),
        tables=("follows", "dues"),
        read=queried(
            """
            SELECT f.kind, f.since, d.id, d.period, d.amount, d.status, d.issued_at, d.due_on, d.settled_at,
                d.payer = %(citizen)s AS paid_by_me, d.body
            FROM follows f
            LEFT JOIN dues d ON d.kind = f.kind AND d.subject = f.subject
            WHERE f.citizen = %(citizen)s
            ORDER BY d.id
            """
        ),
        erase=("DELETE FROM follows WHERE citizen = %(citizen)s",),
    ),
    Holding(
        "payment_codes",
        N_("Payment codes that still hold"),
        tables=("payment_codes",),
        read=queried("SELECT expires_at, payment FROM payment_codes WHERE citizen = %(citizen)s"),
        erase=("DELETE FROM payment_codes WHERE citizen = %(citizen)s",),
    ),
    Holding(
        "paper_cards",
        N_("Paper cards"),
        tables=("paper_cards",),
        read=queried("SELECT id, issued_at, revoked_at FROM paper_cards WHERE citizen = %(citizen)s ORDER BY id"),
        erase=(
            """
            UPDATE paper_cards
            SET revoked_at = %(now)s,
                revoked_by = %(citizen)s,
                revoked_after = (SELECT batch FROM heads WHERE bucket = %(bucket)s)
            WHERE citizen = %(citizen)s AND revoked_at IS NULL
            """,
        ),
    ),
    Holding(
        "service_counters",
        N_("At service counters"),
        tables=("desk_visits", "cash_ins"),
        read=queried(
            """
            SELECT 'visit' AS what, v.opened_at AS at, o.names AS organisation, NULL::bigint AS amount
            FROM desk_visits v
            JOIN organisations o ON o.id = v.organisation
            WHERE v.citizen = %(citizen)s
            UNION ALL
            SELECT 'cash paid in', c.taken_at, o.names, c.amount
            FROM cash_ins c
            JOIN organisations o ON o.id = c.organisation
            WHERE c.bucket = %(bucket)s AND c.citizen = %(citizen)s
            ORDER BY at
            """
        ),
    ),
    Holding(
        "first_payments",
        N_("When I first paid for what in which year"),
        tables=("payers",),
        read=queried(
            """
            SELECT p.kind, p.year, p.first_day
            FROM generate_series(1, 20) AS k (kind)
            CROSS JOIN generate_series(2016, extract(year FROM %(now)s::timestamptz)::integer + 1) AS y (year)
            JOIN payers p ON p.bucket = %(bucket)s AND p.kind = k.kind AND p.year = y.year AND p.citizen = %(citizen)s
            ORDER BY p.year, p.kind
            """
        ),
    ),
)


def holdings(payments: Payments) -> tuple[Holding, ...]:
    """Give what payments hold; the movements are told as the history tells them, every one that moved money."""
    movements = Holding(
        "movements",
        N_("Everything that moved my money"),
        tables=("accounts", "transfers", "payments", "payment_keys", "rides", "sales", "past_money"),
        read=_movements(payments),
    )
    return (movements, *_OWN)


def _movements(payments: Payments) -> Read:
    async def read(connection: Connection, person: Person) -> AsyncIterator[Row]:  # noqa: ARG001 - the history reads by itself
        viewer, cursor = Viewer(person.id, person.bucket, 0), None
        while True:
            page = await payments.history(viewer, person.language, limit=PAGE, cursor=cursor)
            for entry in page.items:
                yield {
                    "at": entry.at,
                    "what": entry.title,
                    "amount": entry.amount,
                    "note": entry.note,
                    "address": entry.href,
                }
            cursor = page.next_cursor
            if cursor is None:
                return

    return read
