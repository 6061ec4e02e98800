"""What belongs to one citizen, at which addresses, and where strangers come: every address with a parameter stands here, or the test fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Own:
    """An address of something that belongs to one citizen: `thing` in `THINGS`.

    `is_shown`: its owner gets a page. `still`: for addresses that answer others as if they had done it, because nothing was there to be
    done: a query that gives 1 as long as the owner's thing is untouched. `body` is JSON that the address would take.
    """

    thing: str
    is_shown: bool = True
    still: str = ""
    body: Mapping[str, object] | None = None


OWN: Final[Mapping[str, Own]] = {
    "GET /api/card-payments/{card_payment_id:str}": Own("card payment"),
    "GET /card-payments/{card_payment_id:str}": Own("card payment"),
    "DELETE /api/me/devices/{device:int}": Own("device", is_shown=False),
    "POST /me/devices/{session:int}/sign-out": Own("device", is_shown=False),
    "DELETE /api/passkeys/{passkey:int}": Own("passkey", is_shown=False),
    "POST /me/passkeys/{passkey:int}/remove": Own("passkey", is_shown=False),
    "GET /api/payment-codes/{code:str}": Own("payment code"),
    "GET /pay/codes/{code:str}": Own("payment code"),
    "GET /payments/{payment_id:int}": Own("payment"),
    "GET /payments/{payment_id:int}/proof.json": Own("payment", is_shown=False),
    "GET /api/payments/{payment_id:int}/proof": Own("payment", is_shown=False),
    "GET /api/top-ups/{top_up_id:str}": Own("top-up"),
    "GET /top-up/{top_up_id:str}": Own("top-up"),
    "GET /api/withdrawals/{withdrawal_id:str}": Own("withdrawal"),
    "GET /withdraw/{withdrawal_id:str}": Own("withdrawal"),
    "GET /api/transfers/{transfer_id:str}": Own("sending"),
    "GET /transfers/{transfer_id:str}": Own("sending"),
    "GET /transfers/{transfer_id:str}/postings": Own("sending", is_shown=False),
    "GET /bills/accounts/{account:str}": Own("account"),
    "POST /bills/accounts/{account:str}/remove": Own(
        "account", is_shown=False, still="SELECT least(count(*), 1) FROM follows WHERE kind = 4 AND subject = %s"
    ),
    "POST /cards/{card:str}/remove": Own("card", is_shown=False, still="SELECT count(*) FROM bank_cards WHERE id = %s"),
    "POST /social/relatives/{person:str}/remove": Own(
        "relative", is_shown=False, still="SELECT count(*) FROM social_relatives WHERE person = %s"
    ),
    "GET /transit/tickets/{ticket:str}": Own("ticket"),
    "GET /family/children/{child:str}": Own("child"),
    "POST /family/children/{child:str}/cap": Own("child", is_shown=False),
    "POST /family/children/{child:str}/freeze": Own("child", is_shown=False),
    "POST /family/children/{child:str}/phone": Own("child", is_shown=False),
    "POST /family/children/{child:str}/release": Own("child", is_shown=False),
    "POST /family/children/{child:str}/top-up": Own("child", is_shown=False),
    "PUT /api/family/children/{child:str}/cap": Own("child", is_shown=False, body={"amount": 100_00}),
    "DELETE /api/family/children/{child:str}/cap": Own("child", is_shown=False),
    "GET /family/for/{tie:str}": Own("mandate"),
    "POST /family/for/{tie:str}/pay": Own("mandate", is_shown=False),
    "POST /family/for/{tie:str}/top-up": Own("mandate", is_shown=False),
    "POST /family/ties/{tie:str}/end": Own("mandate", is_shown=False),
    "DELETE /api/family/ties/{tie:str}": Own("mandate", is_shown=False),
    "POST /family/ties/{tie:str}/accept": Own("invitation", is_shown=False),
    "POST /api/family/ties/{tie:str}/accept": Own("invitation", is_shown=False, body={}),
}

OF_NOBODY: Final = frozenset({
    "GET /s/{code:str}",
    "POST /s/{code:str}",
    "GET /s/{code:str}/card",
    "POST /s/{code:str}/card",
    "GET /transit/coaches/{departure:str}",
    "POST /transit/coaches/{departure:str}",
})  # fmt: skip
"""Addresses of what everybody may pay or buy: the parameter is no citizen's."""

OF_TERMINALS: Final = frozenset({
    "GET /terminal/{terminal:str}",
    "POST /terminal/{terminal:str}/charge",
    "GET /terminal/{terminal:str}/events",
    "POST /terminal/{terminal:str}/shift",
})  # fmt: skip
"""Addresses for screens, which have tokens of their own (tests/counter)."""

FOR_STRANGERS: Final = frozenset({
    "GET /",
    "GET /api/city",
    "GET /api/seal/checkpoints",
    "GET /api/seal/key",
    "GET /api/services",
    "GET /city",
    "GET /city/figures",
    "GET /erased",
    "GET /help",
    "GET /sign-in/child",
    "GET /healthz",
    "GET /metrics",
    "GET /offline",
    "GET /readyz",
    "GET /register",
    "GET /scan",
    "GET /scan/read",
    "GET /services",
    "GET /sign-in",
    "POST /api/citizens",
    "POST /api/payments",
    "POST /api/sign-in",
    "POST /api/sign-in/codes",
    "POST /api/sign-in/passkey",
    "POST /api/sign-in/passkey/options",
})  # fmt: skip
"""Pages and addresses of the API that need no sign-in (`POST /api/payments` is asked elsewhere: it says 401 by itself)."""

THINGS: Final[Mapping[str, str]] = {
    "payment": "SELECT id, payer FROM payments WHERE status = 0",
    "account": "SELECT subject, citizen FROM follows WHERE kind = 4",
    "payment code": "SELECT code, citizen FROM payment_codes",
    "top-up": "SELECT id, citizen FROM top_ups",
    "withdrawal": "SELECT id, citizen FROM withdrawals",
    "card payment": "SELECT id, citizen FROM card_payments",
    "card": "SELECT id, citizen FROM bank_cards",
    "sending": "SELECT id, sender FROM sendings",
    "device": "SELECT session, citizen FROM sign_ins",
    "passkey": "SELECT id, citizen FROM passkeys",
    "relative": "SELECT person, citizen FROM social_relatives",
    "ticket": "SELECT id, citizen FROM coach_tickets",
    "child": "SELECT owner, member FROM family_ties WHERE role = 1 AND state = 1",
    "mandate": "SELECT id, member FROM family_ties WHERE role = 3 AND state = 1",
    "invitation": "SELECT id, member FROM family_ties WHERE state = 0",
}
"""A thing and whose it is; the first row is taken."""

MADE: Final = (
    """
    INSERT INTO top_ups (bucket, id, citizen, card, amount, status, reason, key_hash, content_hash, balance, asked_at, changed_at, next_try_at, tries)
    VALUES (%(bucket)s, 3200, %(citizen)s, 1600, 100, 2, '', '', '', 0, now(), now(), now(), 0)
    """,
    """
    INSERT INTO card_payments (bucket, id, citizen, code, amount, typed, companion, is_static, status, reason, payment, key_hash, content_hash, asked_at, changed_at)
    VALUES (%(bucket)s, 3200, %(citizen)s, %(code)s, 100, 100, false, false, 2, '', 0, '', '', now(), now())
    """,
    """
    INSERT INTO withdrawals (bucket, id, ending, citizen, card, amount, status, reason, key_hash, content_hash, balance, asked_at, changed_at, next_try_at, tries)
    VALUES (%(bucket)s, 4800, 4816, %(citizen)s, 1600, 100, 2, '', '', '', 0, now(), now(), now(), 0)
    """,
    """
    INSERT INTO bank_cards (id, citizen, number, number_hash, last_digits, mandated_at)
    VALUES (1600, %(citizen)s, '', '', '0128', now())
    """,
    """
    INSERT INTO sendings (id, sender, recipient, amount, balance, sent_at, bucket, result, key_hash, content, note)
    VALUES (6400, %(citizen)s, %(other)s, 100, 0, now(), %(bucket)s, 0, '', '', '')
    """,
    """
    INSERT INTO passkeys (id, citizen, credential, public_key, counter, name, added_at, used_at)
    VALUES (8000, %(citizen)s, %(secret)s, '', 0, '', now(), now())
    """,
    """
    INSERT INTO dues (id, organisation, subject, service, amount, period, body, due_on, issued_at, kind)
    SELECT 9600, r.organisation, 9600, 0, 100, 'one', '{}', current_date, now(), 8
    FROM coach_routes r
    LIMIT 1
    """,
    "INSERT INTO coach_runs (id, departure, day, seats) SELECT 9616, id, current_date + 1, 40 FROM coach_departures LIMIT 1",
    """
    INSERT INTO coach_tickets (id, run, citizen, due, by_distance, surcharge, ordered_at, held_until, seat, from_place, to_place, code, order_key, payment, bucket)
    VALUES (9632, 9616, %(citizen)s, 9600, 100, 0, now(), now() + interval '1 hour', 1, 1, 2, 'ABCDEFGHJKMNPQRS', 'one', 16, %(bucket)s)
    """,
    "INSERT INTO children (child, since, of_age_in) VALUES (%(minor)s, now(), 2040)",
    """
    INSERT INTO family_ties (id, owner, member, inviter, month_max, invited_at, answer_by, linked_at, until, role, state, place, rights, kinds)
    VALUES (12800, %(minor)s, %(citizen)s, %(citizen)s, 0, now(), now(), now(), '9999-12-31', 1, 1, 1, 0, '{}'),
           (12816, %(other)s, %(citizen)s, %(other)s, 0, now(), now(), now(), '9999-12-31', 3, 1, 0, 7, '{}'),
           (12832, %(other)s, %(citizen)s, %(other)s, 0, now(), now() + interval '1 day', NULL, '9999-12-31', 2, 0, 0, 0, '{4}')
    """,
)
"""What the demo's founding does not make, of one citizen."""
