"""What the embedded PostgreSQL is told: for a city on a laptop, for a benchmark, for tests."""

from __future__ import annotations

import pwd
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import psutil

OWNER: Final = "haihe_owner"
APP: Final = "haihe_app"
ROLES: Final = (OWNER, APP)
MEGABYTE: Final = 1024 * 1024
MEMORY_SHARE: Final = 4
"""Shared buffers get this part of the memory: a quarter."""


class Purpose(StrEnum):
    """What a server is for. Only `TESTS` gives up durability; `FAULTS` is to be killed and to find its disk full."""

    CITY = "city"
    BENCHMARK = "benchmark"
    TESTS = "tests"
    FAULTS = "faults"


BUFFERS_MB: Final = {
    Purpose.CITY: (64, 512),
    Purpose.BENCHMARK: (128, 8192),
    Purpose.TESTS: (64, 128),
    Purpose.FAULTS: (64, 64),
}
"""Shared buffers: at least and at most."""

COMMON: Final = {
    "listen_addresses": "",
    "max_connections": "100",
    "jit": "off",  # our statements are short; compiling them costs more than it gives
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",
    "shared_preload_libraries": "",
    "max_locks_per_transaction": "256",  # many daily partitions
}
OF_PURPOSE: Final[Mapping[Purpose, Mapping[str, str]]] = {
    Purpose.CITY: {"min_wal_size": "64MB", "max_wal_size": "2GB", "checkpoint_timeout": "15min"},
    Purpose.BENCHMARK: {
        "wal_buffers": "64MB",
        "min_wal_size": "1GB",
        "max_wal_size": "16GB",
        "checkpoint_timeout": "30min",
        "commit_delay": "0",
    },
    Purpose.TESTS: {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_wal_size": "2GB",
        "autovacuum": "off",
    },
    Purpose.FAULTS: {"min_wal_size": "16MB", "max_wal_size": "64MB", "checkpoint_timeout": "1min"},
}
SEGMENT_MB: Final = {Purpose.CITY: 16, Purpose.BENCHMARK: 64, Purpose.TESTS: 16, Purpose.FAULTS: 1}
"""Size of a WAL file, fixed when the data is made."""


def options(purpose: Purpose) -> list[str]:
    """Write the settings as arguments of the server: so they follow the code and the machine, not the day of founding."""
    settings = {**COMMON, **OF_PURPOSE[purpose], "shared_buffers": f"{_buffers_mb(purpose)}MB"}
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _buffers_mb(purpose: Purpose) -> int:
    least, most = BUFFERS_MB[purpose]
    return max(least, min(most, psutil.virtual_memory().total // MEMORY_SHARE // MEGABYTE))


def host_based_access() -> str:
    """Write pg_hba.conf: the socket alone, with the name of the system's user instead of a password."""
    return "local all all peer map=haihe\n"


def identities(uid: int) -> str:
    """Write pg_ident.conf: the user who runs the city may be the owner and the application."""
    name = pwd.getpwuid(uid).pw_name
    return "".join(f'haihe "{name}" "{role}"\n' for role in ROLES)
