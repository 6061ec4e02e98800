import asyncio
from datetime import timedelta

from haihe.base.jobs import Periodic, running_jobs
from tests.citizens import City, Service


async def test_the_worker_finds_out_what_the_bank_did(app_dsn: str, city: City, bank: Service):
    citizen = (await city.citizen()).citizen
    number = await city.wallets.cards.made_up(citizen.id)
    assert number is not None
    card = await city.wallets.cards.add(citizen.id, number)
    bank.tell("lost")
    asked = await city.wallets.top_up(citizen=citizen.id, bucket=citizen.bucket, amount=5_000, card=card.id, key="k")
    assert asked.is_open
    city.clock.turn(timedelta(seconds=30))
    done = asyncio.Event()

    async def ask_again() -> None:
        await city.wallets.ask_again()
        done.set()

    async with running_jobs(app_dsn, [Periodic("wallet.ask_again", "wallet", "* * * * * *", ask_again)]):
        await asyncio.wait_for(done.wait(), timeout=30)
    assert (await city.wallets.balance(citizen=citizen.id, bucket=citizen.bucket)).amount == 5_000
