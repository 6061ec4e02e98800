"""Opens a feed, a zip or a folder, without letting it fill memory or disk: nothing is unpacked, everything is bounded."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

BYTES_MAX: Final = 4 << 30
"""Of all files of a feed together, unpacked. The largest national feeds have about 3 GB."""
MEMBERS_MAX: Final = 1_000
RATIO_MAX: Final = 250
"""Timetables shrink to a tenth, seldom to a fiftieth; a thousandth is a bomb."""
RATIO_CHECKED_BYTES_MIN: Final = 1 << 20
LINE_BYTES_MAX: Final = 64 << 10

UNREADABLE: Final = "\0"
"""Stands in place of a line that cannot be read; no sound line contains it."""

BROKEN = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)
"""What Python raises while it reads a damaged archive, one of a newer kind, or one whose names are no text."""
PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ENCRYPTED: Final = 1


class FeedUnreadableError(Exception):
    """The file as a whole cannot be read as a feed; the text is one line for the person at the terminal."""


@dataclass(frozen=True)
class Feed:
    """An open feed: its text files by name."""

    path: Path
    sizes: Mapping[str, int]
    _archive: zipfile.ZipFile | None
    _prefix: str = ""

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open one file for reading bytes. Raises `FeedUnreadableError` when it is damaged."""
        try:
            if self._archive is None:
                with (self.path / name).open("rb") as file:
                    yield file
            else:
                with self._archive.open(self._prefix + name) as member:
                    yield member
        except BROKEN as error:
            raise FeedUnreadableError(f"{name} cannot be read: {error}") from error


@contextmanager
def open_feed(path: Path) -> Iterator[Feed]:
    """Open a zip or a folder. Raises `FeedUnreadableError`."""
    if path.is_dir():
        yield _folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else f"it is no zip file ({error})"
        raise FeedUnreadableError(f"{path}: {reason}") from error
    with archive:
        yield _zip(path, archive)


def _folder(path: Path) -> Feed:
    files = sorted(file for file in path.iterdir() if file.suffix == ".txt" and file.is_file())
    sizes = {file.name: file.stat().st_size for file in files}
    if sum(sizes.values()) > BYTES_MAX:
        raise FeedUnreadableError(f"{path} has more than {BYTES_MAX:,} bytes")
    return Feed(path, sizes, None)


def _zip(path: Path, archive: zipfile.ZipFile) -> Feed:
    members = archive.infolist()
    if len(members) > MEMBERS_MAX:
        raise FeedUnreadableError(f"{path} holds more than {MEMBERS_MAX} files")
    texts = [member for member in members if member.filename.endswith(".txt") and not _is_hidden(member.filename)]
    for member in texts:
        _check_member(path, member)
    if sum(member.file_size for member in texts) > BYTES_MAX:
        raise FeedUnreadableError(f"{path} would unpack to more than {BYTES_MAX:,} bytes")
    folder = _only_folder(path, texts)
    names = [member.filename.removeprefix(folder) for member in texts]
    if len(set(names)) != len(names):
        raise FeedUnreadableError(f"{path} holds two files of one name")
    return Feed(path, {name: member.file_size for name, member in zip(names, texts, strict=True)}, archive, folder)


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def _check_member(path: Path, member: zipfile.ZipInfo) -> None:
    """Refuse what would unpack out of all proportion. Python reads no more of a member than it declares."""
    if member.flag_bits & ENCRYPTED or member.compress_type not in PACKINGS:
        raise FeedUnreadableError(f"{path}: {member.filename} is encrypted or packed in an unusual way")
    if member.file_size > RATIO_CHECKED_BYTES_MIN and member.file_size > RATIO_MAX * max(1, member.compress_size):
        raise FeedUnreadableError(
            f"{path}: {member.filename} would unpack to {member.file_size:,} bytes: refused as a bomb"
        )


def _only_folder(path: Path, members: list[zipfile.ZipInfo]) -> str:
    """Find the folder inside the archive that holds the feed; usually none."""
    folders = {member.filename.rpartition("/")[0] for member in members}
    if "" in folders or not folders:
        return ""
    if len(folders) > 1:
        raise FeedUnreadableError(f"{path} holds several folders; which one is the feed?")
    return folders.pop() + "/"


def lines(file: IO[bytes]) -> Iterator[str]:
    """Read text lines, one for each line of the file: too long or not UTF-8 ones as `UNREADABLE`. A BOM is left out."""
    first = True
    while raw := file.readline(LINE_BYTES_MAX + 1):
        whole = len(raw) <= LINE_BYTES_MAX
        while not whole and not raw.endswith(b"\n") and (raw := file.readline(LINE_BYTES_MAX + 1)):
            pass
        yield _decode(raw.removeprefix(b"\xef\xbb\xbf") if first else raw) if whole else f"{UNREADABLE}long\n"
        first = False


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"{UNREADABLE}encoding\n"
