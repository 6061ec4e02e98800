"""`haihe init`, `serve` and `phone`: found a city and run it."""

from __future__ import annotations

import asyncio

import typer

from haihe.base.settings import Settings
from haihe.ops.access import context_of, open_city
from haihe.ops.city import City
from haihe.ops.migrate import migrate
from haihe.ops.phone import serve_phone
from haihe.ops.serve import serve
from haihe.ops.terminal import JSON, plainly, put_json, say, settings_from_here


def register(commands: typer.Typer, city: City) -> None:
    """Add the commands."""

    @commands.command("init")
    @plainly
    def initialise(*, json: JSON = False) -> None:
        """Make the home, the secrets and the database, without starting the city. Again: nothing changes."""
        settings = settings_from_here()
        done = found(settings, city)
        if json:
            put_json({"home": settings.home, "migrations": done})
        else:
            say(f"The city in {settings.home} is there ({len(done)} steps done now).")

    @commands.command("serve")
    @plainly
    def serve_city() -> None:
        """Run the city in the foreground until Ctrl-C or SIGTERM. `make run` calls this."""
        serve(settings_from_here(), city)

    @commands.command("phone")
    @plainly
    def phone() -> None:
        """Run the city for phones on the local network, with home-made TLS and a QR of its address. `make phone` calls this."""
        serve_phone(settings_from_here(), city)


def found(settings: Settings, city: City) -> list[str]:
    """Make everything a city needs; give the names of the migrations that ran."""
    with open_city(settings, say=say) as access:
        done = migrate(access.owner_dsn, password=access.password, say=say)
        context = context_of(settings, access, say=say)
        asyncio.run(city.prepare(context))
    return done
