"""`haihe doctor` and `clean`: look whether all is well, and remove a city."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from haihe.base.home import Home, HomeError
from haihe.base.settings import Settings
from haihe.ops import lock
from haihe.ops.city import City
from haihe.ops.doctor import State, examine
from haihe.ops.postgres_place import orphaned_folders, read_record, remove_place
from haihe.ops.terminal import JSON, Exit, plainly, put_json, say, settings_from_here


def register(commands: typer.Typer, city: City) -> None:
    """Add the commands."""

    @commands.command("doctor")
    @plainly
    def doctor(*, json: JSON = False) -> None:
        """Look at home, secrets, database, migrations, port, disk and forgotten data; exit code 1 when something is wrong."""
        findings = examine(settings_from_here(), city)
        wrong = any(finding.state is State.WRONG for finding in findings)
        if json:
            put_json({"healthy": not wrong, "findings": [finding.as_json() for finding in findings]})
        else:
            for finding in findings:
                say(f"{finding.state.value:7} {finding.subject}: {finding.text}")
        if wrong:
            raise typer.Exit(Exit.FOUND)

    @commands.command("clean")
    @plainly
    def clean(*, json: JSON = False) -> None:
        """Remove the city in HAIHE_HOME with all its data, and data of root's whose home is gone. Not with HAIHE_DATABASE's data."""
        removed = remove_city(settings_from_here())
        if json:
            put_json({"removed": removed})
        else:
            say("Removed: " + (", ".join(map(str, removed)) or "nothing was there"))


def remove_city(settings: Settings) -> list[Path]:
    """Remove the home with its data, and data whose home is gone; give the folders. Raises HomeError while the city runs."""
    home = Home(settings.home)
    removed: list[Path] = []
    if looks_like_home(home):
        with lock.hold(home):
            if record := read_record(home):
                remove_place(Path(record.folder), Path(record.socket))
                removed.append(Path(record.folder))
            shutil.rmtree(home.path)
        removed.append(home.path)
    elif home.path.exists() and any(home.path.iterdir()):
        raise HomeError(f"{home.path} is not a home of Haihe's; it is left alone")
    for folder in orphaned_folders():
        remove_place(folder, folder / "socket")
        removed.append(folder)
    return removed


def looks_like_home(home: Home) -> bool:
    """Tell whether the folder is a home, so that a wrong HAIHE_HOME never costs somebody's files."""
    return home.lock.exists() and home.logs.exists()
