"""What a wallet holds about its citizen, and how it is destroyed; what moved money stays, for the books."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, Pending, queried
from haihe.base.i18n import N_

HOLDINGS: Final = (
    Holding(
        "bank_cards",
        N_("Bank cards"),
        tables=("bank_cards",),
        read=queried(
            "SELECT id, '**** ' || last_digits AS number, mandated_at FROM bank_cards WHERE citizen = %(citizen)s ORDER BY id"
        ),
        erase=("DELETE FROM bank_cards WHERE citizen = %(citizen)s",),
    ),
    Holding(
        "top_ups",
        N_("Top-ups"),
        tables=("top_ups",),
        read=queried(
            """
            SELECT id, amount, status, reason, asked_at, changed_at, balance
            FROM top_ups
            WHERE bucket = %(bucket)s AND citizen = %(citizen)s
            ORDER BY id
            """
        ),
        pending=(
            Pending(
                "SELECT count(*) FROM top_ups WHERE bucket = %(bucket)s AND citizen = %(citizen)s AND status IN (0, 3)",
                N_("A top-up is still on its way."),
            ),
            Pending(
                "SELECT count(*) FROM accounts WHERE bucket = %(bucket)s AND id = %(citizen)s AND debits_pending <> 0",
                N_("Some of your money is held for a payment."),
            ),
        ),
    ),
    Holding(
        "withdrawals",
        N_("Withdrawals"),
        tables=("withdrawals",),
        read=queried(
            """
            SELECT id, amount, status, reason, asked_at, changed_at, balance
            FROM withdrawals
            WHERE bucket = %(bucket)s AND citizen = %(citizen)s
            ORDER BY id
            """
        ),
        pending=(
            Pending(
                "SELECT count(*) FROM withdrawals WHERE bucket = %(bucket)s AND citizen = %(citizen)s AND status IN (0, 3)",
                N_("A withdrawal is still on its way."),
            ),
        ),
    ),
    Holding(
        "automatic_top_up",
        N_("Automatic top-up"),
        tables=("auto_top_ups",),
        read=queried(
            """
            SELECT below, amount, month_max, stopped, set_at
            FROM auto_top_ups
            WHERE bucket = %(bucket)s AND citizen = %(citizen)s
            """
        ),
        erase=("DELETE FROM auto_top_ups WHERE bucket = %(bucket)s AND citizen = %(citizen)s",),
    ),
    Holding(
        "caps",
        N_("My own caps"),
        tables=("caps",),
        read=queried(
            "SELECT scope, period, amount, spent, spent_from FROM caps WHERE bucket = %(bucket)s AND citizen = %(citizen)s"
        ),
        erase=("DELETE FROM caps WHERE bucket = %(bucket)s AND citizen = %(citizen)s",),
    ),
    Holding(
        "purses",
        N_("Purses and subsidies"),
        tables=("purses", "grants"),
        read=queried(
            """
            SELECT p.account, s.key AS scheme, g.period, g.amount, g.returned, g.lapses_at
            FROM purses p
            JOIN schemes s ON s.id = p.scheme
            LEFT JOIN grants g ON g.bucket = p.bucket AND g.scheme = p.scheme AND g.citizen = p.citizen
            WHERE p.bucket = %(bucket)s AND p.citizen = %(citizen)s
            ORDER BY p.account, g.posting
            """
        ),
        erase=(
            # What nobody can spend any more goes back to who gave it, like everything that lapses (wallet/purses/lapsing.py).
            """
            UPDATE grants
            SET lapses_at = %(now)s
            WHERE bucket = %(bucket)s AND citizen = %(citizen)s AND coalesce(lapses_at > %(now)s, true) AND NOT swept
            """,
        ),
    ),
    Holding(
        "campaigns",
        N_("Campaigns"),
        tables=("campaign_members", "uses"),
        read=queried(
            """
            SELECT c.key AS campaign, NULL::date AS day, NULL::integer AS uses, NULL::bigint AS amount
            FROM campaign_members m
            JOIN campaigns c ON c.id = m.campaign
            WHERE m.citizen = %(citizen)s
            UNION ALL
            SELECT coalesce(c.key, u.programme::text), u.day, u.uses, u.amount
            FROM uses u
            LEFT JOIN campaigns c ON c.id = u.programme
            WHERE u.bucket = %(bucket)s AND u.citizen = %(citizen)s
            """
        ),
        erase=("DELETE FROM campaign_members WHERE citizen = %(citizen)s",),
    ),
    Holding(
        "sent",
        N_("Money that I sent"),
        tables=("sendings",),
        read=queried(
            """
            SELECT id, recipient, amount, balance, sent_at, result, note
            FROM sendings
            WHERE bucket = %(bucket)s AND sender = %(citizen)s
            ORDER BY id
            """,
            sealed={"note": "note"},
        ),
        pending=(
            Pending(
                "SELECT count(*) FROM crossings WHERE state = 0 AND (debit = %(citizen)s OR credit = %(citizen)s)",
                N_("Money is still on its way from or to you."),
            ),
        ),
    ),
    Holding(
        "received",
        N_("Money that I received"),
        tables=("arrivals",),
        read=queried(
            """
            SELECT id, sender, amount, balance, arrived_at, note
            FROM arrivals
            WHERE bucket = %(bucket)s AND recipient = %(citizen)s
            ORDER BY id
            """,
            sealed={"note": "note"},
        ),
    ),
)
