"""Settlement for commands and the founding: over the offices' services, with the bank of the running city where there is one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from haihe.base.clock import service_day
from haihe.base.home import Home
from haihe.base.notes import city_signer
from haihe.ops.city import Context
from haihe.ops.demo_data import TIANJIN
from haihe.ops.offices import Offices
from haihe.outside.bank import HttpBank, SilentBank
from haihe.outside.http import Unreachable, open_outside
from haihe.settlement.fees import read_fees
from haihe.settlement.founding import found_settlement
from haihe.settlement.service import Settlements, build_settlements

BANK = "bank"


@asynccontextmanager
async def open_settlements(offices: Offices, *, seal_key: bytes, bank: str) -> AsyncIterator[Settlements]:
    """Put settlement together; `bank` is the bank's address, empty where none runs: then nothing is paid out."""
    async with AsyncExitStack() as stack:
        way = HttpBank(await stack.enter_async_context(open_outside(bank))) if bank else None
        yield build_settlements(
            offices.base,
            organisations=offices.organisations,
            bank=way or SilentBank(),
            fees=read_fees(TIANJIN),
            signer=city_signer(seal_key),
            demo=way,
        )


async def prepare_settlement(context: Context, offices: Offices) -> None:
    """Close the demo's past, and have ledger and bank compared once, so that the first day has something to look at."""
    bank = context.services.get(BANK, "")
    async with open_settlements(offices, seal_key=context.secrets.seal_key, bank=bank) as settlements:
        first_day = service_day(offices.base.clock.now())
        await found_settlement(settlements, first_day=first_day, say=context.say)
        if not await settlements.reserve.newest():
            with suppress(Unreachable):
                await settlements.reserve.check()


def bank_of(home: Home) -> str:
    """Give the address of the bank beside the city of a home, as of its last start; empty where there never was one."""
    with suppress(OSError, ValueError):
        addresses = json.loads(home.services.read_text())
        return str(addresses.get(BANK, ""))
    return ""
