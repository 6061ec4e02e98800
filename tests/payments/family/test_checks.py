"""What `haihe verify` finds of families that somebody changed by hand."""

from __future__ import annotations

import psycopg
import pytest

from haihe.payments.references import reference
from haihe.people.family.model import Role, Terms
from tests.families import BILL, PASSCODE, FamilyCity


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE family_ties SET state = 3, place = 0, ended_at = now() WHERE role = 1", "family.guardians"),
        ("UPDATE children SET ended_at = now()", "family.guardians"),
        ("UPDATE caps SET spent = spent - 1", "caps.caps"),
        ("UPDATE family_ties SET month_max = 1 WHERE role = 3", "family.ties"),
        ("UPDATE family_ties SET kinds = '{1}' WHERE role = 2", "family.ties"),
        ("UPDATE tie_payments SET amount = amount + 1", "family.ties"),
        ("UPDATE tie_payments SET tie = (SELECT id FROM family_ties WHERE role = 1)", "family.ties"),
    ],
)
async def test_family_that_does_not_agree_with_its_laws_is_named(home: FamilyCity, tampering: str, check: str):
    parent, other = await home.adult(), await home.adult()
    child = await home.child_of(parent)
    await home.give(parent, child, 10_00)
    await home.allowances.set_cap(parent.id, child.id, 5_00)
    await home.city.pay(child, reference("bill", (await home.bill(child, amount=2_00)).id))
    await home.linked(parent, other, Role.RELATIVE, Terms(kinds=(BILL,)))
    await home.city.pay(other, reference("bill", (await home.bill(parent)).id))
    tie = await home.linked(parent, other, Role.HELPER, home.mandate())
    code = reference("bill", (await home.bill(parent)).id)
    await home.acting.pay(home.city.payments, other.id, tie.id, code=code, key="key", passcode=PASSCODE)
    assert home.city.verified() == []
    with psycopg.connect(home.city.access.owner_dsn) as connection:
        connection.execute(tampering.encode())
    assert any(f"'{check}'" in found for found in home.city.verified())
