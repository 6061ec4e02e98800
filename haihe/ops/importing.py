"""`haihe import`: bring other people's files into the city, beside it or without it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import psycopg
import typer

from haihe.base.home import Home
from haihe.base.settings import Settings
from haihe.ops import demo_store
from haihe.ops.access import Access, context_of, open_city
from haihe.ops.city import City
from haihe.ops.demo_file import demo_address, rewrite_catalogue
from haihe.ops.import_benefits import import_benefits
from haihe.ops.migrate import migrate
from haihe.ops.offices import MakeBranch, open_offices
from haihe.ops.partitions import ensure_partitions
from haihe.ops.terminal import JSON, Exit, plainly, put_json, say, settings_from_here
from haihe.sectors.transit.timetable.files import FeedUnreadableError
from haihe.sectors.transit.timetable.report import Report
from haihe.sectors.transit.timetable.service import VEHICLES_MAX, ClassChoice, Importer, Wishes
from haihe.wallet.purses.rules import TermsFaultyError

FAULTS_SHOWN_MAX = 20

FEED = Annotated[Path, typer.Argument(metavar="FILE", help="The feed: a zip file or a folder.", show_default=False)]

BENEFITS = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="TOML with [[scheme]] or [[campaign]].", exists=True, dir_okay=False, show_default=False
    ),
]


def _readable(name: str | None) -> str | None:
    """Insist that a name can be stored: what was no UTF-8 on the command line cannot."""
    if name is not None and not name.isprintable():
        raise typer.BadParameter("the name must be plain text in UTF-8, on one line")
    return name


CLASS = Annotated[
    ClassChoice | None,
    typer.Option(
        "--class",
        help="Class of the lines, which decides the fare. Default: air-conditioned for new lines, unchanged for known ones; "
        "ordinary tells long and short lines apart by their length.",
        show_default=False,
    ),
]
VEHICLES = Annotated[
    int,
    typer.Option("--vehicles", min=0, max=VEHICLES_MAX, metavar="N", help="Have N buses with stickers on every line."),
]
NAME = Annotated[
    str | None,
    typer.Option(
        "--feed",
        metavar="NAME",
        callback=_readable,
        help="A name that tells feeds apart; keys mean something only within one. Default: from publisher and companies.",
        show_default=False,
    ),
]


def register(commands: typer.Typer, city: City) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Import files: what is right is kept, what is wrong is listed; twice changes nothing.",
        no_args_is_help=True,
    )
    commands.add_typer(group, name="import")

    @group.callback()
    def imports() -> None:
        """Import files: what is right is kept, what is wrong is listed; twice changes nothing."""

    @group.command("gtfs")
    @plainly
    def gtfs(
        file: FEED, *, line_class: CLASS = None, vehicles: VEHICLES = 0, feed: NAME = None, json: JSON = False
    ) -> None:
        """Import a timetable (GTFS): its companies become organisations, its routes lines of the bus.

        Exit code 0 when the file could be read, faults or not; 3 when it could not.
        """
        wishes = Wishes(line_class=line_class, vehicles=vehicles, feed=feed)
        try:
            report = import_gtfs(settings_from_here(), city, file, wishes)
        except FeedUnreadableError as error:
            say(f"haihe: {error}")
            raise typer.Exit(Exit.UNUSABLE) from error
        if json:
            put_json(report.as_json())
        else:
            _tell(report)

    @group.command("benefits")
    @plainly
    def benefits(file: BENEFITS) -> None:
        """Load schemes and campaigns (TOML): who gives money for what, where it is taken, until when, for whom.

        A changed table holds from now on. Exit code 3 when the file cannot be meant; then nothing was changed.
        """
        try:
            loaded = import_benefits(settings_from_here(), city, file, _have_city)
        except (TermsFaultyError, msgspec.DecodeError) as error:
            say(f"haihe: {file.name}: {error}")
            raise typer.Exit(Exit.UNUSABLE) from error
        say(f"{loaded.schemes} schemes, {loaded.campaigns} campaigns, {loaded.citizens:,} citizens named")
        if loaded.unknown:
            say(f"{loaded.unknown:,} of those named are not registered")


def import_gtfs(settings: Settings, city: City, path: Path, wishes: Wishes) -> Report:
    """Import a timetable into the city of these settings, whether it runs or not. Raises `FeedUnreadableError`."""
    home = Home(settings.home).create()
    with open_city(settings, say=say) as access:
        _have_city(settings, access, city)
        return asyncio.run(_import(settings, home, access, path, wishes, city.sectors))


def _have_city(settings: Settings, access: Access, city: City) -> None:
    """Found the city first if it never ran."""
    migrate(access.owner_dsn, password=access.password, say=say)
    with psycopg.connect(access.owner_dsn) as connection:
        row = connection.execute("SELECT count(*) FROM heads").fetchone()
    if row and row[0]:
        ensure_partitions(access.owner_dsn, datetime.now(UTC))
        return
    context = context_of(settings, access, say=say)
    asyncio.run(city.prepare(context))


async def _import(
    settings: Settings, home: Home, access: Access, path: Path, wishes: Wishes, sectors: Sequence[MakeBranch]
) -> Report:
    base_url = demo_address(home) or settings.base_url
    secrets = home.secrets()
    async with open_offices(access.app_dsn, secrets=secrets, base_url=base_url, sectors=sectors) as offices:
        importer = Importer(offices.base.database, offices.base.ids, offices.organisations, offices.stickers, say)
        report = await importer.run(path, wishes)
        async with offices.base.database.connection() as connection:
            is_demo = await demo_store.any_done(connection)
        if is_demo and report.changed:
            await offices.reload()
            await rewrite_catalogue(offices, home=home, key=secrets.token_key)
    return report


def _tell(report: Report) -> None:
    for fault in report.faults[:FAULTS_SHOWN_MAX]:
        say(f"{fault.file}, line {fault.line}: {fault.reason}")
    rest = len(report.faults) - FAULTS_SHOWN_MAX + report.faults_unlisted
    if rest > 0:
        say(f"… and {rest:,} faults more (--json lists them)")
    for name, count in report.rows.items():
        say(f"{name:20} {count.read:>10,} read {count.kept:>10,} kept {count.faulty:>8,} faulty")
    if report.ignored:
        say(f"not used: {', '.join(report.ignored)}")
    say(f"{report.changed:,} changes")
