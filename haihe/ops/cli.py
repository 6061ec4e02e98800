"""The command line `haihe`.

How to add a command: write `register(commands: typer.Typer, city: City) -> None` in a file of its own, in this folder's
`commands` or in the part that it belongs to, and hand it to `command_line` in `app.py`. Inside, decorate the function with
`@commands.command()` and `@plainly`; take `json: JSON = False`; say progress with `say`, answer with `put_json`, end with
`raise typer.Exit(Exit.FOUND)` where something wrong was found.
"""

from __future__ import annotations

from collections.abc import Callable

import typer

from haihe.ops.city import City
from haihe.ops.commands import care, running
from haihe.ops.terminal import EXIT_CODES

Register = Callable[[typer.Typer, City], None]

HELP = f"""A city goes cashless: wallets, transit, bills and more, self-hosted.

Settings come from the environment: HAIHE_HOME (folder, ./var), HAIHE_PORT (8000), HAIHE_HOST (127.0.0.1), HAIHE_BASE_URL,
HAIHE_DATABASE (the owner's PostgreSQL URL instead of the embedded server), HAIHE_BUCKETS (4, when the city is founded).

{EXIT_CODES}
"""


def command_line(city: City, *groups: Register) -> typer.Typer:
    """Put the command line together: the start-up's own groups and those handed in, in this order."""
    commands = typer.Typer(
        name="haihe",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for register in (running.register, care.register, *groups):
        register(commands, city)
    return commands
