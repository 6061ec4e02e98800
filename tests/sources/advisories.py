"""Known faults of what we depend on: a dated snapshot in the repository, so that `make test` can look without the internet.

    make advisories FROM=../advisory-database

takes it anew from a checkout of the Python Packaging Advisory Database (https://github.com/pypa/advisory-database, CC-BY 4.0): of
every package that a lock pins, which versions have which known fault. Nothing else in Haihe writes the snapshot.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import yaml
from packaging.version import Version

from haihe.base.settings import PROJECT

SNAPSHOT = Path(__file__).with_name("advisories.json")
SOURCE = "https://github.com/pypa/advisory-database"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


class Advisory(TypedDict):
    """One known fault: its ids, and the versions that have it, as pairs of the first one and the first one without, or one by one."""

    id: str
    aliases: list[str]
    ranges: list[tuple[str, str]]
    versions: list[str]


def pins() -> dict[str, str]:
    """Give every pinned Python package with its version."""
    locks = sorted(PROJECT.glob("requirements*.lock"))
    return {name: version for lock in locks for name, version in PINNED.findall(lock.read_text(encoding="utf-8"))}


def is_affected(version: str, advisory: Advisory) -> bool:
    """Tell whether a version has a fault; a range without an end is open."""
    if version in advisory["versions"]:
        return True
    this = Version(version)
    return any(Version(first) <= this and (not end or this < Version(end)) for first, end in advisory["ranges"])


def read_advisory(text: str, package: str) -> Advisory | None:
    """Read an advisory of the database for one package; None for one that was withdrawn."""
    told: Mapping[str, Any] = yaml.safe_load(text)
    if told.get("withdrawn"):
        return None
    mine = [one for one in told["affected"] if one["package"]["name"].lower() == package]
    ranges = [pair for one in mine for span in one.get("ranges", ()) for pair in _pairs(span)]
    versions = [] if ranges else [str(version) for one in mine for version in one.get("versions", ())]
    return Advisory(id=told["id"], aliases=sorted(told.get("aliases", ())), ranges=ranges, versions=versions)


def _pairs(span: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Turn events into pairs; commits of a repository are left out, as pins are versions."""
    if span["type"] != "ECOSYSTEM":
        return
    first = ""
    for event in span["events"]:
        if "introduced" in event:
            first = str(event["introduced"])
        elif "fixed" in event:
            yield first, str(event["fixed"])
            first = ""
    if first:
        yield first, ""


def take(checkout: Path) -> dict[str, Any]:
    """Make a snapshot of a checkout, bare or not. Raises `subprocess.CalledProcessError` for what is none."""
    commit, date = _git(checkout, "log", "-1", "--format=%H %cs").split()
    found = {}
    for package in sorted(pins()):
        files = _git(checkout, "ls-tree", "-r", "--name-only", "HEAD", f"vulns/{package}/").splitlines()
        read = [read_advisory(_git(checkout, "show", f"HEAD:{name}"), package) for name in files]
        if known := [one for one in read if one is not None]:
            found[package] = known
    return {"source": SOURCE, "licence": "CC-BY-4.0", "commit": commit, "date": date, "advisories": found}


def _git(checkout: Path, *command: str) -> str:
    return subprocess.run(["git", "-C", str(checkout), *command], check=True, capture_output=True, text=True).stdout


def affected(snapshot: Mapping[str, Any]) -> list[str]:
    """Name the pins that have a known fault."""
    pinned = pins()
    return [
        f"{package} {pinned[package]}: {advisory['id']} {' '.join(advisory['aliases'])}"
        for package, advisories in snapshot["advisories"].items()
        if package in pinned
        for advisory in advisories
        if is_affected(pinned[package], advisory)
    ]


def main(arguments: Sequence[str]) -> None:
    """Write the snapshot, and say what it holds and whom it touches."""
    if len(arguments) != 1:
        sys.exit(f"usage: make advisories FROM=<checkout of {SOURCE}>")
    snapshot = take(Path(arguments[0]))
    SNAPSHOT.write_text(json.dumps(snapshot, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(map(len, snapshot['advisories'].values()))} advisories as of {snapshot['date']}")
    print("\n".join(affected(snapshot)) or "none touches a pinned version")


if __name__ == "__main__":
    main(sys.argv[1:])
