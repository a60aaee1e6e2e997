"""The `boxoffice` command: thin bodies; what can go wrong ends in one line on stderr and a status that is not 0."""

import asyncio
import datetime as dt
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.database import database_url, reachable_engine
from boxoffice.embedded.folder import DataFolder, resolve_urls
from boxoffice.errors import CannotStart, Problem, UnreadableCalendar
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
    from boxoffice.availability.connect import check_url
    from boxoffice.schema import check_schema

    settings = resolve_urls(_settings(port=port, workers=workers))
    check_url(settings.redis_url)
    asyncio.run(check_schema(settings))
    token = settings.admin_token or DataFolder(settings.data_path).admin_token()
    os.environ.update(environment_of(msgspec.structs.replace(settings, admin_token=token)))  # the workers read it
    serving.serve(settings)


@app.command
def migrate() -> None:
    """Bring the database to the schema that this program needs. May be repeated.

    Where the database has the citus extension, the tables are distributed over its nodes (docs/citus.md).
    """
    from boxoffice import distribution

    if asyncio.run(distribution.migrate(resolve_urls(_settings()))):
        _print("The tables are distributed over the nodes of the database.")


@app.command
def undistribute() -> None:
    """Bring the tables of a distributed database back to one node, with all that is sold. May be repeated.

    No service may run meanwhile. `boxoffice migrate` distributes them again.
    """
    from boxoffice import distribution

    undone = asyncio.run(distribution.undistribute(resolve_urls(_settings())))
    _print("The tables are on one node again." if undone else "The tables are not distributed: there is nothing to do.")


@app.command
def demo() -> None:
    """Put the demo events into a database that has no events."""
    from boxoffice.catalog.demo import put_in_demo

    _print(str(asyncio.run(_with_engine(put_in_demo))))


@app.command(name="import")
def import_(
    file: Path,
    /,
    *,
    max_tickets: int,
    num_shards: int,
    ticket_type: Annotated[list[str], Parameter(negative=())],
    until: dt.date | None = None,
) -> None:
    """Read an iCalendar file into events and dates: all of it, or nothing.

    Every UID becomes one event. Importing the same UID again adds only the dates that are missing.

    Parameters
    ----------
    file
        The .ics file (RFC 5545, with RRULE, RDATE, EXDATE, RECURRENCE-ID and TZID).
    max_tickets
        Tickets to sell for each date of a new event.
    num_shards
        Counter shards of each date of a new event.
    ticket_type
        NAME or NAME:MAX of a type that new events offer; may be given several times.
    until
        Last date of rules that have no end; two years after their start when not given.
    """
    from boxoffice.catalog.calendar import import_calendar, parse_ticket_type

    types = [parse_ticket_type(each) for each in ticket_type]
    read = partial(import_calendar, calendar=file, max_tickets=max_tickets, num_shards=num_shards)
    try:
        report = asyncio.run(_with_engine(partial(read, ticket_types=types, until=until)))
    except UnreadableCalendar as error:
        raise CannotStart(f"{file}: {error}; nothing of it was imported") from error
    for event in report.events:
        place = f"event {event.event_id}" if event.event_id else "no event, for it has no date to sell"
        _print(f"{event.name}: {place}{' (new)' if event.created else ''}, {event.dates_added} dates added")


@app.command
def audit(*, event: int | None = None, json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Recount everything and compare; right while selling goes on. Exit status 1 on any difference.

    Parameters
    ----------
    event
        Look at this event only.
    json
        Print one JSON object for programs.
    """
    from boxoffice.booking import audit as booking
    from boxoffice.booking import audit_report

    url = database_url(resolve_urls(_settings()))
    with audit_report.showing_progress(Console(stderr=True)) as progress:
        report = asyncio.run(booking.audit(url, event, progress))
    if json:
        sys.stdout.write(audit_report.render_json(report) + "\n")
    else:
        Console().print(audit_report.render(report))
    sys.exit(report.exit_status)


@app.command
def openapi() -> None:
    """Print the OpenAPI document of this program, as /openapi.json answers with it. Needs no server."""
    from boxoffice.api.operations import openapi_json

    sys.stdout.write(openapi_json().decode() + "\n")


def main() -> NoReturn:
    """Run the command line and exit: 0 when it did what was asked, 1 when it could not, with one line on stderr."""
    try:
        app()
    except (CannotStart, Problem) as error:
        sys.stderr.write(f"boxoffice: {error}\n")
        sys.exit(1)
    sys.exit(0)


async def _with_engine(verb: Callable[[AsyncEngine], Awaitable[Result]]) -> Result:
    async with reachable_engine(resolve_urls(_settings())) as engine:
        return await verb(engine)


def _print(line: str) -> None:
    Console().print(line, highlight=False, markup=False, soft_wrap=True)


def _settings(*, port: int | None = None, workers: int | None = None) -> Settings:
    """Read the settings; what the command line gives comes before the environment, within the same bounds."""
    given = {"PORT": port, "WORKERS": workers}
    return load_settings({**os.environ, **{name: str(value) for name, value in given.items() if value is not None}})
