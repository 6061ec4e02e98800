"""What is installed is what was locked: every pin has hashes, and none says from where it comes."""

from __future__ import annotations

import json
import re

import pytest

from haihe.base.settings import PROJECT

PYTHON_LOCKS = sorted(PROJECT.glob("requirements*.lock"))
NODE_LOCKS = sorted(path for path in PROJECT.glob("assets/**/package-lock.json") if "node_modules" not in path.parts)
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?: ; [^\\\n]+)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_every_python_package_is_pinned_with_hashes_and_without_a_registry(lock) -> None:
    text = lock.read_text(encoding="utf-8")
    named = re.findall(r"^([a-z0-9][\w.-]*)", text, re.MULTILINE)
    assert named
    assert [pin[0] for pin in PIN.findall(text)] == named
    assert "://" not in text
    assert not re.search(r"^-|@ ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda path: path.parent.name)
def test_every_node_package_is_pinned_with_hashes_and_without_a_registry(lock) -> None:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    pinned = {name: one for name, one in packages.items() if name}
    assert pinned
    assert not [name for name, one in pinned.items() if not one.get("integrity", "").startswith("sha512-")]
    assert not [name for name, one in pinned.items() if "resolved" in one]


def test_installing_insists_on_the_hashes_and_runs_no_scripts() -> None:
    text = (PROJECT / "haihe" / "ops" / "install.py").read_text(encoding="utf-8")
    for option in ("--require-hashes", "--no-deps", "--only-binary", "--ignore-scripts"):
        assert f'"{option}"' in text
