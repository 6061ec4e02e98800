"""Every address of the application, read from the parts that `app.py` puts together; nothing is opened for it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from haihe import app
from haihe.base.home import Home, Secrets
from haihe.base.settings import Settings
from haihe.ops.city import Context
from haihe.web.guards import signed_in
from haihe.web.part import Part

PARAMETER = re.compile(r"\{\w+:\w+\}")


@dataclass(frozen=True)
class Route:
    """A method at a path; `address` has a value for each of its parameters. Whether it asks for a citizen's token before all else."""

    method: str
    path: str
    asks_token: bool = False

    @property
    def address(self) -> str:
        return PARAMETER.sub("1", self.path)


def every_part(home: Path) -> list[Part]:
    """Have the city put its application together as far as its parts."""
    parts: list[Part] = []
    context = Context(
        settings=Settings(home=home),
        home=Home(home),
        secrets=Secrets.generate(),
        owner_dsn="postgresql://nobody",
        app_dsn="postgresql://nobody",
        services={service.name: "http://127.0.0.1:9" for service in app.CITY.services},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "claimed_node", lambda _: contextlib.nullcontext(1))
        patch.setattr(app, "assemble", lambda given, **_: parts.extend(given))
        app.build(context)
    return parts


def every_route(home: Path) -> list[Route]:
    """List all routes of handlers and all bare ones."""
    routes = set()
    for part in every_part(home):
        routes |= {Route(method, path) for method, path in part.routes}
        for handler in part.handlers:
            guarded = signed_in in (getattr(handler, "guards", None) or ())
            for path in getattr(handler, "paths", ()):
                methods = {str(getattr(method, "value", method)) for method in getattr(handler, "http_methods", ())}
                routes |= {Route(method, path, guarded) for method in methods}
    return sorted(routes, key=lambda one: (one.path, one.method))
