"""A month of use in one file: every line has its reference, its payee, its time and the balance after it (story W12)."""

from __future__ import annotations

from datetime import datetime

from haihe.ops.access import Access
from tests.grounds import open_ground
from tests.payments.books.test_books import market, read, visiting
from tests.tallied import trades


async def test_every_line_of_a_months_statement_has_reference_payee_time_and_balance(database: Access) -> None:
    async with open_ground(database, trades) as city:
        melons, pears, _ = await market(city)
        li, _ = await city.neighbours()
        paid = [await city.pay(li, f"stall-{shop.id}", 1_00 + n) for n, shop in enumerate((melons, pears) * 6)]
        first = paid[0].paid_at.replace(day=1).date()
        async with visiting(city, citizen=li) as phone:
            address = f"/history/statement.csv?since={first}"
            opening, *lines, closing = read((await phone.get(address)).text)
        spent = lines[-len(paid) :]
        assert [one["payment"] for one in spent] == [str(payment.id) for payment in paid]
        assert {one["counterparty"] for one in spent} == {'Till of =Melons, "sweet"', "Till of pears"}
        assert [datetime.fromisoformat(one["posted"]) for one in spent] == sorted(
            datetime.fromisoformat(one["posted"]) for one in spent
        )
        balance = int(opening["balance_fen"])
        for one in lines:
            balance += int(one["credit_fen"]) - int(one["debit_fen"])
            assert int(one["balance_fen"]) == balance
            assert all(one[column] for column in ("posted", "kind", "counterparty", "posting", "transfer"))
        assert int(closing["balance_fen"]) == balance == await city.balance(li)
