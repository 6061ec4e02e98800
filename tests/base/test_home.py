"""The home keeps secrets private, makes them once, and never shows half a file."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from haihe.base.home import Home, HomeError, Secrets


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "deep" / "home").create()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_is_private_also_when_it_was_not(home: Home):
    home.path.chmod(0o755)
    assert mode(home.create().path) == 0o700


def test_secrets_are_made_once_and_differ_from_one_another(home: Home):
    first = home.secrets()
    assert home.secrets() == first
    keys = {first.token_key, first.vault_key, first.search_key, first.seal_key}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 4
    assert mode(home.secrets_file) == 0o600


def test_many_at_once_get_the_same_secrets(home: Home):
    with ThreadPoolExecutor(16) as pool:
        every = list(pool.map(lambda _: home.secrets(), range(64)))
    assert every == [every[0]] * 64


def test_secrets_are_not_shown_by_accident(home: Home):
    assert home.secrets().token_key.hex() not in repr(home.secrets())
    assert repr(home.secrets().token_key) not in repr(home.secrets())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"token_key": "00"}', Secrets.generate().to_text().replace("a", "zz")]
)
def test_damaged_secrets_are_refused_and_never_made_anew(home: Home, text: str):
    home.secrets_file.write_text(text)
    with pytest.raises(HomeError, match="damaged"):
        home.secrets()
    assert home.secrets_file.read_text() == text


def test_a_private_file_is_replaced_whole(home: Home):
    home.write_private("demo.json", "old")
    with home.demo.open() as reader:
        home.write_private("demo.json", "new and longer")
        assert reader.read() == "old"
    assert home.demo.read_text() == "new and longer"
    assert mode(home.demo) == 0o600
    assert sorted(path.name for path in home.path.iterdir()) == ["demo.json", "logs"]


def test_a_file_where_the_home_should_be_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match="cannot be used"):
        Home(tmp_path / "file" / "home").create()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_somebody_elses_home_is_refused(home: Home):
    os.chown(home.path, 65534, 65534)
    with pytest.raises(HomeError, match="another user"):
        home.create()
