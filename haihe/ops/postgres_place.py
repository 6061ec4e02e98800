"""Where the embedded PostgreSQL lives: its binaries, its data, its socket, and as whom it runs.

An ordinary user has everything in the home. PostgreSQL refuses to run as root, and the user it then runs as may be unable to
reach the checkout: so as root, binaries and data live in the system's state directory under a random id kept in the home.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from haihe.base.home import PRIVATE_FOLDER, Home
from haihe.ops.postgres_binaries import PostgresError, copy_binaries, wheel_binaries
from haihe.ops.processes import Identity

STATE: Final = Path("/var/lib/haihe")
SERVER_USER: Final = "nobody"
PORT: Final = 5432
"""Only the ending of the socket's name: nothing listens on the network."""
SOCKET_PATH_BYTES_MAX: Final = 100
"""The kernel takes 108 bytes on Linux and 104 on macOS, with the name's ending."""
INSTANCE_BYTES: Final = 8
HOME_NOTE: Final = "home"
"""File in a data folder of root's that names the home it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one home's PostgreSQL lives. `folder` is its own, with the data in `data`; `identity` is None for an ordinary user."""

    instance: str
    binaries: Path
    folder: Path
    socket: Path
    identity: Identity | None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder; the major version is in its name, since data of one does not serve another."""
        return self.folder / "data18"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What `postgres.json` in the home keeps. `made` says that data was there once, so that its loss is noticed."""

    instance: str
    user: int
    folder: str
    socket: str
    port: int = PORT
    made: bool = False


def read_record(home: Home) -> Record | None:
    """Read postgres.json. Raises PostgresError when it is damaged."""
    if not home.postgres.exists():
        return None
    try:
        return Record(**json.loads(home.postgres.read_text()))
    except (ValueError, TypeError) as error:
        raise PostgresError(f"{home.postgres} is damaged: {error}") from error


def write_record(home: Home, record: Record) -> None:
    """Write postgres.json in one step."""
    home.write_private(home.postgres.name, json.dumps(asdict(record), indent=1) + "\n")


def find_place(home: Home) -> Place:
    """Find or make the place of this home's PostgreSQL and note it in the home. Raises PostgresError.

    Data is never silently replaced: a home whose data is gone, or that is a copy of another one, is refused.
    """
    record = read_record(home)
    instance = record.instance if record else secrets.token_hex(INSTANCE_BYTES)
    place = _root_place(instance) if os.geteuid() == 0 else _own_place(home, instance)
    if record and record.user != os.geteuid():
        raise PostgresError(
            f"{home.path} was made by user number {record.user}; run Haihe as that user or set HAIHE_HOME"
        )
    if record and record.made and not (place.data / "PG_VERSION").exists():
        raise PostgresError(
            f"the data of {home.path} is gone ({place.data}); restore a backup, or empty the home to found a new city"
        )
    fresh = Record(
        instance=instance,
        user=os.geteuid(),
        folder=str(place.folder),
        socket=str(place.socket),
        made=bool(record and record.made),
    )
    if fresh != record:
        write_record(home, fresh)
    _make_folder(place, home)  # after the record, so that nobody takes the folder for forgotten
    _make_socket_folder(place)
    return place


def _own_place(home: Home, instance: str) -> Place:
    folder = home.path / "postgres"
    socket = _short(folder / "socket", instance, uid=os.geteuid())
    return Place(instance=instance, binaries=wheel_binaries(), folder=folder, socket=socket, identity=None)


def _root_place(instance: str) -> Place:
    identity = server_identity()
    state = make_state_folder()
    folder = state / instance
    socket = _short(folder / "socket", instance, uid=identity.uid)
    return Place(instance=instance, binaries=copy_binaries(state), folder=folder, socket=socket, identity=identity)


def server_identity() -> Identity:
    """Choose the user that PostgreSQL runs as under root. Raises PostgresError."""
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError as error:
        raise PostgresError(f"as root, Haihe runs PostgreSQL as user {SERVER_USER}, who does not exist here") from error
    return Identity(entry.pw_uid, entry.pw_gid)


def make_state_folder() -> Path:
    """Make the folder of all homes of root's, and insist that nobody else can write there."""
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    status = STATE.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0:
        raise PostgresError(f"{STATE} is not a folder of root's")
    STATE.chmod(0o755)
    return STATE


def _claim(folder: Path, home: Home) -> None:
    """Bind a data folder to its home, and refuse a copied home, which would write into the original's data."""
    note = folder / HOME_NOTE
    if note.exists() and (first := Path(note.read_text())) != home.path and belongs(folder, first):
        raise PostgresError(
            f"{home.path} is a copy of {first} and holds no data of its own; move data with pg_dump and pg_restore"
        )
    note.write_text(str(home.path))


def belongs(folder: Path, home: Path) -> bool:
    """Tell whether the home still exists and names this data folder as its own."""
    try:
        record = read_record(Home(home))
    except (PostgresError, OSError):
        return True
    return record is not None and record.folder == str(folder)


def root_folders() -> list[tuple[Path, Path]]:
    """List the data folders of root's homes, each with its home, which may be gone."""
    notes = sorted(STATE.glob(f"*/{HOME_NOTE}")) if os.geteuid() == 0 else []
    return [(note.parent, Path(note.read_text())) for note in notes]


def orphaned_folders() -> list[Path]:
    """List the data folders of root's whose home is gone or has another one by now."""
    return [folder for folder, home in root_folders() if not belongs(folder, home)]


def remove_place(place_folder: Path, socket: Path) -> None:
    """Remove a data folder and its socket folder for good."""
    shutil.rmtree(place_folder, ignore_errors=True)
    shutil.rmtree(socket, ignore_errors=True)


def _short(socket: Path, instance: str, *, uid: int) -> Path:
    length = len(os.fsencode(socket)) + len(f"/.s.PGSQL.{PORT}.lock")
    return socket if length <= SOCKET_PATH_BYTES_MAX else Path(f"/tmp/haihe-{uid}-{instance}")  # noqa: S108 - owner checked below


def _make_folder(place: Place, home: Home) -> None:
    place.folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    place.folder.chmod(PRIVATE_FOLDER)
    if place.identity:
        _claim(place.folder, home)
        os.chown(place.folder, place.identity.uid, place.identity.gid)


def _make_socket_folder(place: Place) -> None:
    uid = place.identity.uid if place.identity else os.geteuid()
    try:
        place.socket.mkdir(mode=PRIVATE_FOLDER)
        if place.identity:
            os.chown(place.socket, place.identity.uid, place.identity.gid)
    except FileExistsError:
        pass
    status = place.socket.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != uid or status.st_mode & 0o077:
        raise PostgresError(f"{place.socket} is not a private folder of user number {uid}")
