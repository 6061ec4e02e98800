"""`haihe verify` names what somebody with the owner's rights changed about closed days and payouts."""

from __future__ import annotations

from pathlib import Path

import psycopg

from haihe.ops.access import Access
from haihe.ops.laws import checks
from tests.settling import open_settled

TAMPERED = {
    "settlement.closed_days": (
        "UPDATE settlement_shares SET gross = gross + 1",
        "DELETE FROM settlement_shares",
        "UPDATE closed_days SET last_batch = last_batch - 1 WHERE last_batch >= first_batch",
        "UPDATE batches SET booking_day = '2017-01-01' WHERE number = (SELECT max(number) FROM batches)",
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 1",
    ),
    "settlement.statements": (
        "UPDATE settlements SET gross = gross + 1",
        "UPDATE settlements SET previous_hash = sha256('')",
    ),
    "settlement.payouts": (
        "UPDATE payouts SET amount = amount + 1",
        "UPDATE payouts SET status = 3",
        "UPDATE payout_portions SET amount = amount + 1",
        "UPDATE settlement_shares SET fee_posted = false",
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 10",
        "UPDATE payout_portions SET is_ended = false",
    ),
}


def broken(connection: psycopg.Connection, name: str) -> list[str]:
    """Ask one check of all buckets, within what was changed and is not committed."""
    (check,) = [one for one in checks() if one.name == name]
    queries = [check.query.replace(":bucket", f"{bucket}::smallint") for bucket in range(4)]
    return [row[0] for query in queries for row in connection.execute(query.encode())]


async def test_what_does_not_agree_is_named(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        for citizen in await one.city.register(4):
            await one.buy(citizen, melons, 10_00)
        one.next_day()
        await one.settlements.run()
        assert len(one.pushed()) == 1
        assert one.wrong() == []
    for name, statements in TAMPERED.items():
        for statement in statements:
            with psycopg.connect(database.owner_dsn) as owner:
                assert owner.execute(statement.encode()).rowcount
                assert broken(owner, name), statement
                owner.rollback()
