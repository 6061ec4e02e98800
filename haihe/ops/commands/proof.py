"""`haihe verify`: ask every law of the money of the stored rows."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from haihe.ops.access import open_city
from haihe.ops.terminal import JSON, Exit, plainly, put_json, say, settings_from_here
from haihe.ops.verify import Verification, verify

if TYPE_CHECKING:
    from haihe.ops.city import City


def register(commands: typer.Typer, _city: City) -> None:
    """Add the command."""

    @commands.command("verify")
    @plainly
    def verify_city(*, json: JSON = False) -> None:
        """Recompute balances, hash chains, walks and payments from the transfers; exit code 1 when a law is broken."""
        started = monotonic()
        with open_city(settings_from_here(), say=say) as access:
            found = _with_progress(access.owner_dsn)
        seconds = round(monotonic() - started, 2)
        if json:
            put_json(_as_json(found, seconds))
        else:
            _tell(found, seconds)
        if found.findings:
            raise typer.Exit(Exit.FOUND)


def _with_progress(owner_dsn: str) -> Verification:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verify", total=None)

        def step(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        return verify(owner_dsn, say=step)


def _as_json(found: Verification, seconds: float) -> dict[str, object]:
    return {
        "clean": not found.findings,
        "buckets": found.buckets,
        "transfers": found.transfers,
        "checks": list(found.checks),
        "findings": [{"check": item.check, "bucket": item.bucket, "text": item.text} for item in found.findings],
        "seconds": seconds,
    }


def _tell(found: Verification, seconds: float) -> None:
    for item in found.findings:
        say(f"{item.check}, bucket {item.bucket}: {item.text}")
    verdict = f"{len(found.findings)} findings" if found.findings else "every law holds"
    say(f"{found.transfers} transfers in {found.buckets} buckets, {len(found.checks)} checks, {seconds} s: {verdict}")
