"""Commands that fail as expected say so on one line."""

from __future__ import annotations

import httpx
import psycopg
import pytest
import typer

from haihe.base.database import TryAgain
from haihe.base.settings import SettingsError
from haihe.ops.terminal import Exit, plainly


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TryAgain(), Exit.UNUSABLE, "try again in a moment"),
        (httpx.ConnectError("All connection attempts failed"), Exit.UNUSABLE, "All connection attempts failed"),
        (httpx.ReadTimeout(""), Exit.UNUSABLE, "ReadTimeout"),
        (psycopg.OperationalError("no server\nis it running?"), Exit.UNUSABLE, "no server is it running?"),
        (SettingsError("HAIHE_PORT is no number"), Exit.USAGE, "HAIHE_PORT"),
    ],
)
def test_expected_error_is_one_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str], error: Exception, code: Exit, said: str
):
    @plainly
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        command()
    printed = capsys.readouterr()
    assert (ended.value.exit_code, printed.out, printed.err.count("\n")) == (code, "", 1)
    assert said in printed.err


def test_defect_keeps_its_traceback():
    @plainly
    def command() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command()
