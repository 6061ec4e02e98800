"""The home: the folder with everything that belongs to one city and to nobody else."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Self

PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
KEY_BYTES: Final = 32
KEYS: Final = ("token_key", "vault_key", "search_key", "seal_key")
FORMER: Final = "former_vault_key"


class HomeError(Exception):
    """The home cannot be used; the text is one line for the person at the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """The city's keys, 32 random bytes each, made once. Who loses them loses tokens and personal data.

    token_key: signs bearer tokens and sessions. vault_key: encrypts personal data. search_key: keyed hashes by which
    encrypted data is found. seal_key: signs checkpoints and statements with Ed25519 (`base.notes`). former_vault_key: the one before,
    while `haihe rotate-key` is under way or was interrupted; else empty.
    """

    token_key: bytes
    vault_key: bytes
    search_key: bytes
    seal_key: bytes
    former_vault_key: bytes = b""

    @classmethod
    def generate(cls) -> Self:
        """Make fresh keys."""
        return cls(**{name: secrets.token_bytes(KEY_BYTES) for name in KEYS})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote. Raises ValueError when a key is missing or has another length."""
        stored = json.loads(text)
        keys = {name: bytes.fromhex(stored[name]) for name in KEYS}
        keys |= {FORMER: bytes.fromhex(stored[FORMER])} if FORMER in stored else {}
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError("a key has a wrong length")
        return cls(**keys)

    def to_text(self) -> str:
        """Write the keys as JSON with hexadecimal values."""
        return json.dumps({name: key.hex() for name, key in asdict(self).items() if key}, indent=1) + "\n"

    def with_fresh_vault_key(self) -> Self:
        """Give the same keys with a new vault key beside the former one."""
        return replace(self, vault_key=secrets.token_bytes(KEY_BYTES), former_vault_key=self.vault_key)

    def without_former(self) -> Self:
        """Give the same keys without the former one: what only that opened is gone."""
        return replace(self, former_vault_key=b"")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder and the places in it. Nothing in it is readable for other users of the machine."""

    path: Path

    @property
    def demo(self) -> Path:
        """Who and what can be used in the demo city; written before the city is ready."""
        return self.path / "demo.json"

    @property
    def sms(self) -> Path:
        """Demo SMS, one JSON object a line, appended."""
        return self.path / "sms.jsonl"

    @property
    def postgres(self) -> Path:
        """Where the embedded PostgreSQL has its data."""
        return self.path / "postgres.json"

    @property
    def secrets_file(self) -> Path:
        """The keys of the city."""
        return self.path / "secrets.json"

    @property
    def services(self) -> Path:
        """Addresses of the programs beside the city by name, as of its last start."""
        return self.path / "services.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs this city."""
        return self.path / "lock"

    @property
    def logs(self) -> Path:
        """Logs of PostgreSQL and of the demo services."""
        return self.path / "logs"

    def create(self) -> Self:
        """Make the folder (mode 0700) if it is not there. Raises HomeError."""
        try:
            self.path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            self.logs.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            if self.path.stat().st_uid != os.geteuid():
                raise HomeError(f"{self.path} belongs to another user; run Haihe as that user or set HAIHE_HOME")
            self.path.chmod(PRIVATE_FOLDER)
        except OSError as error:
            raise HomeError(f"{self.path} cannot be used as home: {error.strerror}") from error
        return self

    def secrets(self) -> Secrets:
        """Read the keys, made at the first call. Raises HomeError when the file is damaged: it is never made anew."""
        if not self.secrets_file.exists():
            self._publish_once(self.secrets_file.name, Secrets.generate().to_text())
        try:
            return Secrets.from_text(self.secrets_file.read_text())
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise HomeError(f"{self.secrets_file} is damaged ({error}); restore it from a backup") from error

    def keep_secrets(self, changed: Secrets) -> None:
        """Replace the keys in one step; a process that is killed meanwhile leaves the old or the new ones."""
        self.write_private(self.secrets_file.name, changed.to_text())

    def write_private(self, name: str, text: str) -> Path:
        """Replace a file of the home in one step (mode 0600): readers see the old or the new one, never half of it."""
        temporary = self._write_temporary(name, text)
        target = self.path / name
        temporary.replace(target)
        self._sync_folder()
        return target

    def _publish_once(self, name: str, text: str) -> None:
        """Write a file unless another process was faster; then its content holds."""
        temporary = self._write_temporary(name, text)
        try:
            os.link(temporary, self.path / name)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        self._sync_folder()

    def _write_temporary(self, name: str, text: str) -> Path:
        handle, temporary = tempfile.mkstemp(prefix=f".{name}-", dir=self.path)  # mode 0600 by itself
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return Path(temporary)

    def _sync_folder(self) -> None:
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
