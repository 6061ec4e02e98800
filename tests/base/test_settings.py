"""Settings come from the environment, and a wrong value is one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from haihe.base.settings import PROJECT, Settings, SettingsError


def test_nothing_set_means_a_demo_city_on_the_loopback():
    settings = Settings.from_environment({})
    assert settings == Settings(home=PROJECT / "var", host="127.0.0.1", port=8000, database=None, buckets=4)
    assert settings.base_url == "http://127.0.0.1:8000"


def test_empty_means_unset():
    names = ("HAIHE_HOME", "HAIHE_PORT", "HAIHE_HOST", "HAIHE_DATABASE", "HAIHE_BUCKETS", "HAIHE_BASE_URL")
    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings.from_environment({})


def test_everything_can_be_set(tmp_path: Path):
    settings = Settings.from_environment(
        {
            "HAIHE_HOME": str(tmp_path),
            "HAIHE_PORT": "9000",
            "HAIHE_HOST": "::1",
            "HAIHE_DATABASE": "postgresql://boss@db/city",
            "HAIHE_BUCKETS": "32",
        }
    )
    assert (settings.home, settings.port, settings.buckets) == (tmp_path, 9000, 32)
    assert settings.database == "postgresql://boss@db/city"
    assert settings.base_url == "http://[::1]:9000"


def test_an_address_of_its_own_loses_its_last_slash():
    assert Settings.from_environment({"HAIHE_BASE_URL": "https://city.example/"}).base_url == "https://city.example"


def test_listening_everywhere_is_not_an_address_to_visit():
    assert Settings.from_environment({"HAIHE_HOST": "0.0.0.0"}).base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HAIHE_PORT", "eighty"),
        ("HAIHE_PORT", "0"),
        ("HAIHE_PORT", "65536"),
        ("HAIHE_PORT", "-1"),
        ("HAIHE_PORT", "٨٠٠٠"),
        ("HAIHE_PORT", "9" * 5000),
        ("HAIHE_BUCKETS", "0"),
        ("HAIHE_BUCKETS", "4.0"),
        ("HAIHE_DATABASE", "city.db"),
        ("HAIHE_BASE_URL", "city.example"),
        ("HAIHE_HOME", __file__),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_it(name: str, value: str):
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_environment({name: value})
    assert "\n" not in str(refused.value)
