"""`haihe bench NAME`: measure on a scratch database, and say under which conditions."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from haihe.ops.access import Access, context_of, open_city, scratch
from haihe.ops.bench.faults.runner import Wish, bench_faults
from haihe.ops.bench.features import bench_features
from haihe.ops.bench.ledger import bench_ledger
from haihe.ops.bench.pay import bench_pay
from haihe.ops.bench.population import Population, offices_of, populate
from haihe.ops.bench.report import Measured
from haihe.ops.bench.roads import bench_growth, bench_hot, bench_size
from haihe.ops.bench.verify import TRANSFERS, bench_verify
from haihe.ops.city import City, Context
from haihe.ops.postgres_settings import Purpose
from haihe.ops.terminal import JSON, Exit, plainly, put_json, say, settings_from_here

CITIZENS_MAX: Final = 1_000_000
PRIVATE_FILE: Final = 0o600
SEEDS: Final = 1_000_000
MINUTES_MAX: Final = 24 * 60.0
Citizens = Annotated[int, typer.Option(min=1, max=CITIZENS_MAX, help="How many citizens to found.")]
Stored = Annotated[int, typer.Option(min=1, help="How many payments to store.")]
Out = Annotated[Path, typer.Option(help="Folder for the two files.", file_okay=False)]
Transfers = Annotated[int, typer.Option(min=1, help="How many transfers to store and verify, about.")]

Seed = Annotated[int | None, typer.Option(min=0, help="What decides what happens; a fresh one if none is given.")]
Minutes = Annotated[
    float, typer.Option(min=0.0, max=MINUTES_MAX, help="How long; the last round is played to its end.")
]

Bench = Callable[[Access, Callable[[str], None]], Coroutine[Any, Any, Measured]]


def register(above: typer.Typer, city: City) -> None:
    """Add the commands."""
    bench = typer.Typer(
        help="Measure on a scratch database of its own, and say under which conditions.", no_args_is_help=True
    )
    above.add_typer(bench, name="bench")
    _register_ledger(bench)
    _register_roads(bench, city)
    _register_others(bench, city)


def _register_ledger(bench: typer.Typer) -> None:
    """Add what needs no city: the ledger alone."""

    @bench.command("ledger")
    @plainly
    def ledger(*, json: JSON = False) -> None:
        """Transfers a second through the posting function, sealed, in batches of 1,024."""
        _measure(bench_ledger, json=json)

    @bench.command("features")
    @plainly
    def features(*, json: JSON = False) -> None:
        """What each thing that a posting does costs: microseconds, one feature more at a time."""
        _measure(bench_features, json=json)

    @bench.command("verify")
    @plainly
    def verify(*, transfers: Transfers = TRANSFERS, json: JSON = False) -> None:
        """Seconds to recompute balances, limits, chains, roots and checkpoints from ten million transfers."""
        _measure(partial(bench_verify, transfers=transfers), json=json)


def _register_roads(bench: typer.Typer, city: City) -> None:
    """Add what pays over HTTP."""

    @bench.command("pay")
    @plainly
    def pay(*, json: JSON = False) -> None:
        """Payments a second over HTTP at 64 connections, end to end."""
        _measure(partial(bench_pay, build=city.build), json=json)

    @bench.command("hot")
    @plainly
    def hot(*, json: JSON = False) -> None:
        """Rate with one organisation that everybody pays, over the rate with a hundred of them, in turn."""
        _measure(partial(bench_hot, build=city.build), json=json)

    @bench.command("growth")
    @plainly
    def growth(*, payments: Stored = 20_000_000, json: JSON = False) -> None:
        """Rate with many payments stored, over the rate of an empty city."""
        _measure(partial(bench_growth, build=city.build, payments=payments), json=json)

    @bench.command("size")
    @plainly
    def size(*, json: JSON = False) -> None:
        """Bytes on disk that a payment adds, everything counted."""
        _measure(partial(bench_size, build=city.build), json=json)


def _register_others(bench: typer.Typer, city: City) -> None:
    """Add the faults, and the load for a generator of your own."""

    @bench.command("faults")
    @plainly
    def faults(*, seed: Seed = None, minutes: Minutes = 1.0, json: JSON = False) -> None:
        """Kill, cut off and fill up a PostgreSQL under load, and see that nothing is lost or doubled; exit code 1 if it is."""
        _break(
            Wish(seed=secrets.randbelow(SEEDS) if seed is None else seed, minutes=minutes, sectors=city.sectors),
            json=json,
        )

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


def _break(wish: Wish, *, json: bool) -> None:
    """Run the faults, and name what was wrong with the command that does the same again."""
    say(f"seed {wish.seed}")
    verdict = bench_faults(wish, say)
    if json:
        put_json(verdict.measured.as_json())
    else:
        say(verdict.measured.as_text())
    for text in verdict.wrong:
        say(f"WRONG: {text}")
    if verdict.wrong:
        say(f"the same again: {verdict.replay}")
        raise typer.Exit(Exit.FOUND)
