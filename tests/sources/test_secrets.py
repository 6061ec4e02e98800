"""No secret lies in the sources: private keys, tokens, passwords in addresses, and whatever is too random to be a word."""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from haihe.base.settings import PROJECT

KNOWN_SHAPES = {
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "Ed25519 seed of a signed note": r"PRIVATE\+KEY\+",
    "cloud key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "token of a forge": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bglpat-[\w-]{20,}\b",
    "token of a registry": r"\bpypi-AgEI[\w-]{20,}|\bnpm_[A-Za-z0-9]{36}\b",
    "token of a chat": r"\bxox[abprs]-[\w-]{10,}",
    "signed web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "password in an address": r"\b[a-z][a-z0-9+]*://[^/\s:@{}'\"]+:[^/\s@{}'\"]{3,}@",
}
LOCKS = frozenset({"requirements.lock", "requirements-dev.lock", "requirements-node.lock", "package-lock.json"})
"""Files of hashes and nothing else; tests/sources/test_locks.py looks at them."""
SHORTEST = 28
RANDOM_BITS = 4.3
"""So many bits a character: words and names have about three and a half, hexadecimal digests at most four, random base64 above."""
RANDOM = re.compile(rf"(?<![\w/+.-])[A-Za-z0-9+/_-]{{{SHORTEST},}}={{0,2}}(?![\w/+.-])")
EXPLAINED = {
    "postgresql://boss:owner%27s%20password%20%25@": "made up for a test of odd characters",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW": "a public key: the example of the standard",
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=": "its signature",
}
"""Random texts that are no secrets, each with what it is."""


def tracked() -> list[Path]:
    """Give the files under version control; of a copy without it, all that are not installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        found = [PROJECT / name for name in listed.stdout.splitlines()]
    else:
        found = [
            path for path in PROJECT.rglob("*") if not {".venv", "node_modules", "var", "vendor"} & set(path.parts)
        ]
    return [path for path in found if path.is_file() and path.name not in LOCKS]


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        try:
            yield path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or a sound
            continue


def bits(text: str) -> float:
    """Tell how random a text is: Shannon's entropy in bits a character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def is_random(text: str) -> bool:
    has_all = all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return has_all and bits(text) > RANDOM_BITS


def test_no_known_kind_of_secret_lies_in_the_sources() -> None:
    this = Path(__file__).relative_to(PROJECT).as_posix()
    found = [
        f"{name}: {kind}"
        for name, text in texts()
        for kind, shape in KNOWN_SHAPES.items()
        if name != this and any(match not in EXPLAINED for match in re.findall(shape, text))
    ]
    assert not found


def test_nothing_in_the_sources_is_random_without_an_explanation() -> None:
    found = {
        f"{name}: {word}"
        for name, text in texts()
        for word in RANDOM.findall(text)
        if is_random(word) and word not in EXPLAINED
    }
    assert not found


def test_no_file_that_belongs_to_one_city_lies_in_the_sources() -> None:
    private = re.compile(r"(^|/)(secrets\.json|demo\.json|\.env|id_ed25519|id_rsa|.*\.(pem|key|p12|pfx|sqlite|dump))$")
    assert not [name for name in (path.relative_to(PROJECT).as_posix() for path in tracked()) if private.search(name)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN PRIVATE " + "KEY-----", "private key"),
        ("postgresql://owner:" + "hunter22@db/city", "password in an address"),
        ("ghp_" + "a1B2" * 9, "token of a forge"),
    ],
)
def test_a_secret_would_be_found(text: str, kind: str) -> None:
    assert re.search(KNOWN_SHAPES[kind], text)


def test_randomness_would_be_found_and_names_are_not() -> None:
    assert is_random("q8ZrT2vLx9Kd" + "4MpW7sYb1NcGf6HjE3uA")
    assert not is_random("test_nothing_in_the_sources_is_random_1_Without")
    assert not is_random("0" * 20 + "abcdef0123456789abcdef")
