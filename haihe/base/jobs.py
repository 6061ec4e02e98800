"""Work that nobody waits for: PostgreSQL is the queue (procrastinate, schema `jobs`), the web process runs the worker.

Periodic work looks for what is open in its own tables, so nothing is lost when a process dies between two lines: the next run
finds it. Several processes may run workers; each tick of a period is done by one of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg.conninfo import make_conninfo

from haihe.base.database import LOST

SCHEMA: Final = "jobs"
CONNECTIONS_MAX: Final = 4
CONCURRENT_MAX: Final = 2
RESTART_S: Final = 1.0
LEAVING_S_MAX: Final = 1.0
STALLED_EVERY: Final = "* * * * *"
STALLED_QUEUE: Final = "stalled"

log = structlog.get_logger("haihe.jobs")


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work to be done again and again: `cron` may have a sixth field for seconds; it must bear being done twice."""

    name: str
    queue: str
    cron: str
    work: Callable[[], Awaitable[None]]


def make_jobs(app_dsn: str, periodic: Sequence[Periodic]) -> procrastinate.App:
    """Make the queue's application with all periodic work registered."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=make_conninfo(app_dsn, options=f"-c search_path={SCHEMA}"),
            min_size=1,
            max_size=CONNECTIONS_MAX,
        )
    )
    for one in (*periodic, Periodic("forget stalled jobs", STALLED_QUEUE, STALLED_EVERY, lambda: _forget_stalled(app))):
        _register(app, one)
    return app


def _register(app: procrastinate.App, periodic: Periodic) -> None:
    @app.periodic(cron=periodic.cron)
    @app.task(name=periodic.name, queue=periodic.queue, queueing_lock=periodic.name)
    async def run(timestamp: int) -> None:  # noqa: ARG001 - procrastinate tells the time of the tick
        await periodic.work()


async def _forget_stalled(app: procrastinate.App) -> None:
    """Remove the jobs of workers that were killed: periodic work comes again by itself."""
    for job in await app.job_manager.get_stalled_jobs():
        if job.id is not None:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)


@asynccontextmanager
async def running_jobs(app_dsn: str, periodic: Sequence[Periodic]) -> AsyncIterator[None]:
    """Run a worker as long as the block runs; one that loses the database begins again."""
    worker = asyncio.create_task(_keep_working(app_dsn, periodic))
    try:
        yield
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


async def _keep_working(app_dsn: str, periodic: Sequence[Periodic]) -> None:
    queues = [STALLED_QUEUE, *dict.fromkeys(one.queue for one in periodic)]
    while True:
        with suppress(ConnectorException, *LOST):
            async with make_jobs(app_dsn, periodic).open_async() as app:
                await app.run_worker_async(
                    queues=queues,
                    concurrency=CONCURRENT_MAX,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=LEAVING_S_MAX,
                )
        log.warning("jobs pause", retry_s=RESTART_S)
        await asyncio.sleep(RESTART_S)
