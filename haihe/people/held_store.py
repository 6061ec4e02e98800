"""What is held about a person as such, and how it is destroyed."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, Pending, queried
from haihe.base.i18n import N_
from haihe.people.family.model import Role, State

_TIES: Final = "(owner = %(citizen)s OR member = %(citizen)s OR inviter = %(citizen)s)"

HOLDINGS: Final = (
    Holding(
        "person",
        N_("Who I am"),
        tables=("citizens",),
        read=queried(
            """
            SELECT id, name, id_number, phone, class, language, registered_at, passcode <> '' AS has_passcode
            FROM citizens
            WHERE id = %(citizen)s
            """,
            sealed={"name": "name", "id_number": "id_number", "phone": "phone"},
        ),
        erase=(
            # The hashes become random: nobody is found by them any more, and the person may register again.
            """
            UPDATE citizens
            SET data_key = '',
                name = '',
                id_number = '',
                phone = '',
                id_number_hash = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
                phone_hash = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
                passcode = '',
                passcode_tries = 0,
                passcode_locks = 0,
                locked_until = 'epoch',
                erased_at = %(now)s
            WHERE id = %(citizen)s
            """,
        ),
    ),
    Holding(
        "identity_checks",
        N_("Who confirmed my identity"),
        tables=("identity_checks",),
        read=queried(
            "SELECT source, channel, answer = 1 AS matched, checked_at FROM identity_checks WHERE citizen = %(citizen)s ORDER BY checked_at"
        ),
    ),
    Holding(
        "devices",
        N_("Where I was signed in"),
        tables=("sign_ins",),
        read=queried(
            """
            SELECT session, signed_in_at, seen_at, expires_at, way, ended, browser, system
            FROM sign_ins
            WHERE citizen = %(citizen)s
            ORDER BY session
            """
        ),
        erase=("DELETE FROM sign_ins WHERE citizen = %(citizen)s",),
    ),
    Holding(
        "passkeys",
        N_("Passkeys"),
        tables=("passkeys",),
        read=queried(
            "SELECT id, name, added_at, used_at FROM passkeys WHERE citizen = %(citizen)s ORDER BY id",
            sealed={"name": "passkey"},
        ),
        erase=("DELETE FROM passkeys WHERE citizen = %(citizen)s",),
    ),
    Holding(
        "safety",
        N_("Frozen wallet, forgotten passcode"),
        tables=("freezes", "passcode_resets"),
        read=queried(
            """
            SELECT 'frozen' AS what, frozen_at AS since, NULL::timestamptz AS until FROM freezes WHERE citizen = %(citizen)s
            UNION ALL
            SELECT 'new passcode', ready_at, expires_at FROM passcode_resets WHERE citizen = %(citizen)s
            """
        ),
        erase=(
            "DELETE FROM freezes WHERE citizen = %(citizen)s",
            "DELETE FROM passcode_resets WHERE citizen = %(citizen)s",
        ),
    ),
    Holding(
        "family",
        N_("Family"),
        tables=("family_ties", "children", "child_codes"),
        read=queried(
            f"""
            SELECT t.id, t.role, t.state, t.owner = %(citizen)s AS about_me, t.inviter = %(citizen)s AS invited_by_me,
                t.invited_at, t.linked_at, t.ended_at, t.until, t.month_max, t.kinds, t.rights, c.since AS child_since
            FROM family_ties t
            LEFT JOIN children c ON c.child = t.owner AND c.child = %(citizen)s
            WHERE {_TIES}
            ORDER BY t.id
            """  # noqa: S608 - our own columns
        ),
        erase=(
            f"""
            UPDATE family_ties
            SET state = {int(State.ENDED)},
                place = 0,
                ended_at = %(now)s
            WHERE {_TIES} AND state IN ({int(State.INVITED)}, {int(State.LINKED)})
            """,  # noqa: S608
            "DELETE FROM child_codes WHERE child = %(citizen)s OR guardian = %(citizen)s",
        ),
        pending=(
            Pending(
                f"""
                SELECT count(*)
                FROM family_ties
                WHERE member = %(citizen)s AND role = {int(Role.GUARDIAN)} AND state = {int(State.LINKED)}
                """,  # noqa: S608
                N_("You are the guardian of a child. First let somebody else look after its wallet."),
            ),
        ),
    ),
    Holding(
        "family_payments",
        N_("Payments of relatives and helpers"),
        tables=("tie_payments",),
        read=queried(
            f"""
            SELECT p.payment, p.tie, p.amount, p.paid_on
            FROM tie_payments p
            JOIN family_ties t ON t.id = p.tie
            WHERE {_TIES}
            ORDER BY p.payment
            """  # noqa: S608
        ),
    ),
    Holding(
        "audit",
        N_("What was done about me"),
        tables=("audit",),
        read=queried(
            """
            SELECT number, at, actor_kind, organisation, action, outcome, details
            FROM audit
            WHERE subject = %(citizen)s
            ORDER BY number
            """
        ),
    ),
)
