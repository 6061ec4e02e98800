import asyncio
import time
from datetime import timedelta

from haihe.base.jobs import Periodic, running_jobs
from tests.citizens import City, Service


async def test_the_worker_finds_out_what_the_bank_did(app_dsn: str, city: City, bank: Service):
    citizen = (await city.citizen()).citizen
    number = await city.wallets.cards.made_up(citizen.id)
    assert number is not None
    card = await city.wallets.cards.add(citizen.id, number)
    bank.tell("lost")
    place = {"citizen": citizen.id, "bucket": citizen.bucket}
    asked = await city.wallets.top_up(**place, amount=5_000, card=card.id, key="k")
    assert asked.is_open
    city.clock.turn(timedelta(seconds=30))
    async with running_jobs(app_dsn, [Periodic("wallet.ask_again", "wallet", "* * * * * *", city.wallets.ask_again)]):
        latest = time.monotonic() + 20
        while (await city.wallets.balance(**place)).amount == 0 and time.monotonic() < latest:
            await asyncio.sleep(0.1)
    assert (await city.wallets.balance(**place)).amount == 5_000
