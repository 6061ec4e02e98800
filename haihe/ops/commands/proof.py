"""`haihe verify`: ask every law of the money of the stored rows, and compare them with what the city signed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from haihe.base.home import Home
from haihe.base.notes import city_signer
from haihe.ops.access import open_city
from haihe.ops.terminal import JSON, Exit, plainly, put_json, say, settings_from_here
from haihe.ops.verify import Verification, verify

if TYPE_CHECKING:
    from haihe.ops.city import City

Checkpoints = Annotated[
    list[Path] | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="A checkpoint that you kept: the city must still have it. Several times.",
        exists=True,
        dir_okay=False,
    ),
]
Key = Annotated[str | None, typer.Option(help="The key that checks signatures; the city's own if none is given.")]


def register(commands: typer.Typer, _city: City) -> None:
    """Add the command."""

    @commands.command("verify")
    @plainly
    def verify_city(*, checkpoint: Checkpoints = None, key: Key = None, json: JSON = False) -> None:
        """Recompute balances, holds, limits, hash chains, signed checkpoints and payments; exit code 1 when a law is broken."""
        started = monotonic()
        settings = settings_from_here()
        key = key or city_signer(Home(settings.home).create().secrets().seal_key).verifier_key
        kept = [file.read_text(encoding="utf-8") for file in checkpoint or ()]
        with open_city(settings, say=say) as access:
            found = _with_progress(access.owner_dsn, key, kept)
        seconds = round(monotonic() - started, 2)
        if json:
            put_json(_as_json(found, seconds))
        else:
            _tell(found, seconds)
        if found.findings:
            raise typer.Exit(Exit.FOUND)


def _with_progress(owner_dsn: str, verifier_key: str, kept: Sequence[str]) -> Verification:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verify", total=None)

        def step(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        return verify(owner_dsn, verifier_key=verifier_key, kept=kept, say=step)


def _as_json(found: Verification, seconds: float) -> dict[str, object]:
    return {
        "clean": not found.findings,
        "buckets": found.buckets,
        "transfers": found.transfers,
        "checkpoints": found.checkpoints,
        "checks": list(found.checks),
        "findings": [{"check": item.check, "bucket": item.bucket, "text": item.text} for item in found.findings],
        "seconds": seconds,
    }


def _tell(found: Verification, seconds: float) -> None:
    for item in found.findings:
        where = "" if item.bucket is None else f", bucket {item.bucket}"
        say(f"{item.check}{where}: {item.text}")
    verdict = f"{len(found.findings)} findings" if found.findings else "every law holds"
    say(
        f"{found.transfers} transfers in {found.buckets} buckets, {found.checkpoints} checkpoints, {len(found.checks)} laws, "
        f"{seconds} s: {verdict}"
    )
