"""`haihe rotate-key`: a new vault key for a city that does not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from haihe.base.home import Home, HomeError
from haihe.ops import lock
from haihe.ops.access import open_city
from haihe.ops.rotation import rotate
from haihe.ops.terminal import JSON, plainly, put_json, say, settings_from_here

if TYPE_CHECKING:
    from haihe.ops.city import City


def register(commands: typer.Typer, _city: City) -> None:
    """Add the command."""

    @commands.command("rotate-key")
    @plainly
    def rotate_key(*, json: JSON = False) -> None:
        """Wrap everybody's data key under a new vault key and destroy the former one; the city must not run. It may be interrupted."""
        settings = settings_from_here()
        home = Home(settings.home).create()
        if lock.is_held(home):
            raise HomeError(f"the city in {home.path} runs; stop it first")
        with open_city(settings, say=say) as access:
            wrapped = rotate(home, access.owner_dsn)
        if json:
            put_json({"wrapped": wrapped})
        else:
            say(
                f"{wrapped} data keys are wrapped under a new vault key; copies of the home from before do not open them any more."
            )
