"""`haihe bench NAME`: measure on a scratch database, and say under which conditions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from haihe.ops.access import Access, context_of, open_city, scratch
from haihe.ops.bench.ledger import bench_ledger
from haihe.ops.bench.pay import bench_pay
from haihe.ops.bench.population import Population, offices_of, populate
from haihe.ops.bench.report import Measured
from haihe.ops.city import City, Context
from haihe.ops.postgres_settings import Purpose
from haihe.ops.terminal import JSON, plainly, put_json, say, settings_from_here

CITIZENS_MAX: Final = 1_000_000
PRIVATE_FILE: Final = 0o600
Citizens = Annotated[int, typer.Option(min=1, max=CITIZENS_MAX, help="How many citizens to found.")]
Out = Annotated[Path, typer.Option(help="Folder for the two files.", file_okay=False)]

Bench = Callable[[Access, Callable[[str], None]], Coroutine[Any, Any, Measured]]


def register(above: typer.Typer, city: City) -> None:
    """Add the commands."""
    bench = typer.Typer(
        help="Measure on a scratch database of its own, and say under which conditions.", no_args_is_help=True
    )
    above.add_typer(bench, name="bench")

    @bench.command("ledger")
    @plainly
    def ledger(*, json: JSON = False) -> None:
        """Transfers a second through the posting function, sealed, in batches of 1,024."""
        _measure(bench_ledger, json=json)

    @bench.command("pay")
    @plainly
    def pay(*, json: JSON = False) -> None:
        """Payments a second over HTTP at 64 connections, end to end."""
        _measure(partial(bench_pay, build=city.build), json=json)

    @bench.command("prepare")
    @plainly
    def prepare(*, citizens: Citizens, out: Out, json: JSON = False) -> None:
        """Write tokens and stickers of the running city for a load generator of your own: tokens.txt, stickers.txt.

        Take both lists in turn, each at its own length: no citizen then meets a bus twice within three minutes. This is the
        only benchmark that writes to the city: it founds citizens with money, a bus company and its buses.
        """
        tokens, codes = _prepare(citizens, out)
        if json:
            put_json({"tokens": tokens, "stickers": codes, "folder": str(out)})
        else:
            say(f"{tokens:,} tokens and {codes:,} stickers written to {out}")


def _prepare(citizens: int, out: Path) -> tuple[int, int]:
    settings = settings_from_here()
    with open_city(settings, say=say) as access:
        population = asyncio.run(_populate(context_of(settings, access), citizens))
    out.mkdir(parents=True, exist_ok=True)
    for name, lines in (("tokens.txt", population.tokens), ("stickers.txt", population.codes)):
        (out / name).touch(mode=PRIVATE_FILE)
        (out / name).write_text("\n".join(lines) + "\n", encoding="ascii")
    return len(population.tokens), len(population.codes)


async def _populate(context: Context, citizens: int) -> Population:
    async with offices_of(context) as offices:
        return await populate(offices, citizens=citizens, say=say)


def _measure(run: Bench, *, json: bool) -> None:
    with scratch(settings_from_here(), Purpose.BENCHMARK) as access:
        measured = asyncio.run(run(access, say))
    if json:
        put_json(measured.as_json())
    else:
        say(measured.as_text())
