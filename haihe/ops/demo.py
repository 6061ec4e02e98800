"""Founds the demo city from its data, and writes down who and what can be used in it.

Every step may be repeated: people are found by ID number, money by posting id, and sectors found theirs by key, so that a founding that
was killed goes on where it stood, and a second one changes nothing. Secrets are derived from the home's key and need no memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import httpx

from haihe.base.home import Home
from haihe.city.past import found_past
from haihe.counter.branch import Founding
from haihe.ledger import service as ledger
from haihe.ledger.model import POSTINGS_MAX, Leg, Posting, Result, SystemAccount, TransferKind
from haihe.ops import demo_store
from haihe.ops.city import Context
from haihe.ops.demo_campaigns import found_demo_campaigns
from haihe.ops.demo_data import DemoData, read_demo
from haihe.ops.demo_file import write_demo_file
from haihe.ops.demo_people import Newcomer, make_population, password
from haihe.ops.demo_service_hall import found_service_hall
from haihe.ops.offices import MakeBranch, Offices, open_offices
from haihe.ops.settling import prepare_settlement
from haihe.people.law.force import put_in_force
from haihe.people.law.model import read_law
from haihe.people.model import Citizen
from haihe.people.service import People

INTRODUCE_S_MAX: Final = 10


async def prepare_demo(context: Context, sectors: Sequence[MakeBranch]) -> None:
    """Found the demo city where it is not yet, and write demo.json for this start. Buckets and partitions must be there."""
    async with open_offices(
        context.app_dsn, secrets=context.secrets, base_url=context.settings.base_url, sectors=sectors
    ) as offices:
        async with offices.base.database.transaction() as connection:
            await put_in_force(connection, read_law())
        newcomers = await found_demo(
            offices, read_demo(), home=context.home, key=context.secrets.token_key, say=context.say
        )
        await prepare_settlement(context, offices)
    people = [one.citizen for one in newcomers]
    known = [{"name": one.name, "id_number": one.id_number} for one in people]
    holders = [{**one, "phone": person.phone} for one, person in zip(known, people, strict=True)]
    await _introduce(context, "registry", "/people", known)
    await _introduce(context, "phones", "/holders", holders)


async def _introduce(context: Context, service: str, path: str, people: Sequence[Mapping[str, str]]) -> None:
    """Make the demo's population known to a demo service, so that nobody registers under another's ID number or phone."""
    if service not in context.services:
        return
    address = context.services[service]
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=INTRODUCE_S_MAX) as client:
        (await client.post(path, json=people)).raise_for_status()


async def found_demo(
    offices: Offices, data: DemoData, *, home: Home, key: bytes, say: Callable[[str], None] = lambda _: None
) -> list[Newcomer]:
    """Found a demo city, write its demo.json, and give its people.

    `key` is the home's: passcodes and passwords are derived from it.
    """
    people = offices.ground.people
    newcomers = make_population(data.population, key=key)
    async with offices.base.database.connection() as connection:
        done = await demo_store.is_done(connection, data.digest)
    if not done:
        say(f"founding the demo city: {data.population.count:,} citizens")
        citizens = await _found_people(offices, people, newcomers, say)
        founding = Founding(
            folder=data.folder,
            citizens=citizens,
            reserved=data.population.first.count,
            password=lambda login: password(key, login),
            now=offices.base.clock.now(),
            say=say,
        )
        for branch in offices.branches:
            await branch.found(founding)
        await found_demo_campaigns(offices.ground, founding)
        await found_service_hall(offices.ground, founding)
        await found_past(offices.ground, founding)
        async with offices.base.database.connection() as connection:
            await demo_store.set_done(connection, data.digest)
    await offices.reload()
    listed = newcomers[: data.population.listed.count]
    await write_demo_file(offices, people, [one.citizen for one in listed], home=home, key=key)
    return newcomers


async def _found_people(
    offices: Offices, people: People, newcomers: Sequence[Newcomer], say: Callable[[str], None]
) -> list[Citizen]:
    citizens = await people.found([one.citizen for one in newcomers])
    say(f"{len(citizens):,} citizens are registered")
    by_bucket: dict[int, list[tuple[Citizen, int]]] = defaultdict(list)
    for citizen, newcomer in zip(citizens, newcomers, strict=True):
        if newcomer.opening:
            by_bucket[citizen.bucket].append((citizen, newcomer.opening))
    for bucket, openings in sorted(by_bucket.items()):
        for start in range(0, len(openings), POSTINGS_MAX):
            await _open_wallets(offices, bucket, openings[start : start + POSTINGS_MAX])
    say("their wallets have their opening money")
    return citizens


async def _open_wallets(offices: Offices, bucket: int, openings: Sequence[tuple[Citizen, int]]) -> None:
    """Post opening money; a citizen's id is the posting's, so that it is posted once whatever happens."""
    postings = [
        Posting(
            citizen.id,
            (Leg(SystemAccount.RESERVE, citizen.id, amount, TransferKind.OPENING),),
            effective=citizen.registered_at,
            subject=citizen.id,
        )
        for citizen, amount in openings
    ]
    async with offices.base.database.transaction() as connection:
        batch = await ledger.post(connection, bucket, postings, now=offices.base.clock.now())
    refused = {one.result for one in batch.posted} - {Result.POSTED, Result.ALREADY_POSTED, Result.ID_REUSED}
    if refused:
        raise RuntimeError(f"opening money of bucket {bucket} was refused: {refused}")
