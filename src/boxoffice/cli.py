"""The `boxoffice` command: thin bodies; what can go wrong ends in one line on stderr and a status that is not 0."""

import asyncio
import datetime as dt
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.database import open_engine
from boxoffice.embedded.folder import DataFolder
from boxoffice.errors import CannotStart, UnreadableCalendar
from boxoffice.settings import Settings, environment_of, load_settings

Result = TypeVar("Result")

app = App(
    name="boxoffice",
    help="""Sells tickets for dates of events to far more buyers than there are tickets, all at the same moment.

    Every command reads its settings from the environment (docs/settings.md). Where DATABASE_URL and REDIS_URL are not
    set, it uses the servers of the `boxoffice run` that runs on the same data folder (BOXOFFICE_DATA_DIR).
    """,
    version_flags=["--version"],
)


@app.command
def run(*, port: int | None = None, workers: int | None = None) -> None:
    """Run everything on this machine, until Ctrl-C or SIGTERM.

    Starts an embedded PostgreSQL and Valkey where no URL is set, migrates, loads the demo on the first start of an
    embedded database (BOXOFFICE_DEMO=0 leaves it out), serves, and restarts whatever dies. The data is kept.

    Parameters
    ----------
    port
        TCP port to listen on, in place of PORT.
    workers
        Service processes behind that port, in place of WORKERS.
    """
    from boxoffice.run import run_everything

    run_everything(_settings(port=port, workers=workers), Console())


@app.command
def serve(*, port: int | None = None, workers: int | None = None) -> None:
    """Run service processes only, against a database that is there and migrated.

    Any number of them may run side by side, on any number of machines, on the same PostgreSQL and Redis.

    Parameters
    ----------
    port
        TCP port to listen on, in place of PORT.
    workers
        Service processes behind that port, in place of WORKERS.
    """
    from boxoffice import serving
    from boxoffice.schema import check_schema

    settings = _resolved(_settings(port=port, workers=workers))
    serving.check_port(settings)
    asyncio.run(check_schema(settings))
    token = settings.admin_token or DataFolder(settings.data_path).admin_token()
    os.environ.update(environment_of(msgspec.structs.replace(settings, admin_token=token)))  # the workers read it
    serving.serve(settings)


@app.command
def migrate() -> None:
    """Bring the database to the schema that this program needs. May be repeated."""
    from boxoffice import schema

    asyncio.run(schema.migrate(_resolved(_settings())))


@app.command
def demo() -> None:
    """Put the demo events into the database."""
    from boxoffice.catalog.demo import load_demo

    asyncio.run(_with_engine(load_demo))
