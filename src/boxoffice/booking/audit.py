"""The audit: recounts what was sold and compares it with the counters, event by event.

Each event is read in one short REPEATABLE READ READ ONLY transaction: one committed moment, so that what it finds while
selling goes on is really there. It locks nothing and changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from boxoffice.booking.audit_report import AuditReport, Difference
from boxoffice.booking.sweeper import LATE_SECONDS_MAX, OVERDUE_PER_SECOND_MIN
from boxoffice.database import UNREACHABLE
from boxoffice.database_hosts import DatabaseHosts
from boxoffice.errors import CannotStart

APPLICATION_NAME = "boxoffice audit"
EVENTS_PER_PAGE = 1_000
ROWS_PER_STATEMENT_MAX = 100
DIFFERENCES_MAX = 1_000
STATEMENT_MS_MAX = 20_000

_FOLDER = files("boxoffice.booking") / "sql"


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
COMMIT = "COMMIT"
EVENTS = _read("audit_events")
SIZE = _read("audit_size")
BACKLOG = _read("audit_backlog")
PROCESSES = _read("audit_processes")
HAS_CITUS = _read("audit_has_citus")
PROCESSES_OF_ALL_NODES = _read("citus/audit_processes")
COMPARISONS: Sequence[tuple[int, str]] = (
    (1, _read("audit_counters")),
    (1, _read("audit_counters_of_types")),
    (2, _read("audit_shards")),
    (2, _read("audit_shards_of_types")),
    (3, _read("audit_limits")),
    (4, _read("audit_reservations")),
)
OVERDUE = _read("audit_overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class _EventAudit:
    """What one event has, and what differs in it; `overdue` apart, because nobody may be there to sweep."""

    dates: int
    reservations: int
    tickets: int
    differences: Sequence[Difference]
    overdue: Sequence[Difference]
    more: bool


async def audit(
    database_url: str, only_event: int | None = None, on_progress: Callable[[int, int], None] | None = None
) -> AuditReport:
    """Compare everything, or one event. Repeatable, waits for nobody, right while selling goes on.

    `on_progress` hears how many of how many events are done. It stops looking at DIFFERENCES_MAX differences and says
    so in a note. Raises CannotStart when the database cannot be read or has no such event.
    """
    try:
        connection = await open_connection(database_url)
    except (*UNREACHABLE, asyncpg.PostgresError, ValueError) as error:
        raise CannotStart(f"the database cannot be reached: {error}") from error
    try:
        report = await _audit(connection, only_event, on_progress)
        await connection.close()
    except asyncpg.UndefinedTableError as error:
        raise CannotStart("the database has no tables yet: run `boxoffice migrate`") from error
    except (*UNREACHABLE, asyncpg.PostgresError) as error:
        raise CannotStart(f"the database cannot be read: {error}") from error
    finally:
        connection.terminate()
    return report


async def audit_one(database_url: str, event_id: int, statement_ms_max: int = STATEMENT_MS_MAX) -> AuditReport | None:
    """Compare one event over a connection of its own; None when there is no such event.

    The server gives a statement up that takes longer than `statement_ms_max`. Whoever cancels this is not kept waiting,
    not by a server that hangs either: the connection is cut. Raises what the driver raises.
    """
    connection = await open_connection(database_url, statement_timeout=str(statement_ms_max))
    try:
        found = await audit_event(connection, event_id)
        report = None if found is None else await _report(connection, [found], [])
        await connection.close()
    finally:
        connection.terminate()  # whoever gave up does not wait for a farewell
    return report


async def open_connection(database_url: str, **settings: str) -> asyncpg.Connection:
    """Open a connection for audits. Raises what the driver raises."""
    told = {
        "application_name": APPLICATION_NAME,
        "jit": "off",
        # Whole sets are compared, never one row with each of the other set: not even where Postgres thinks that there
        # are hardly any, because the tables were empty when it last counted.
        "enable_nestloop": "off",
    }
    return await DatabaseHosts(database_url).connect(server_settings=told | settings)


async def _audit(
    connection: asyncpg.Connection, only_event: int | None, on_progress: Callable[[int, int], None] | None
) -> AuditReport:
    event_ids = await _events(connection) if only_event is None else [only_event]
    audited: list[_EventAudit] = []
    notes: list[str] = []
    for done, event_id in enumerate(event_ids, start=1):
        found = await audit_event(connection, event_id)
        if found is None and only_event is not None:
            raise CannotStart(f"there is no event {only_event}")
        if found is not None:
            audited.append(found)
        if on_progress:
            on_progress(done, len(event_ids))
        if sum(len(one.differences) for one in audited) >= DIFFERENCES_MAX:
            notes.append(f"stopped at {DIFFERENCES_MAX:,} differences, {done:,} of {len(event_ids):,} events looked at")
            break
    return await _report(connection, audited, notes)


async def _report(connection: asyncpg.Connection, audited: Sequence[_EventAudit], notes: list[str]) -> AuditReport:
    if any(one.more for one in audited):
        notes.append(f"of each kind of difference at most {ROWS_PER_STATEMENT_MAX} are listed per event")
    overdue = [difference for one in audited for difference in one.overdue]
    if overdue and not await _processes(connection):
        notes.append(f"no sweeper alive: unpaid reservations are overdue on {len(overdue):,} dates, no process runs")
        overdue = []
    return AuditReport(
        events=len(audited),
        dates=sum(one.dates for one in audited),
        reservations=sum(one.reservations for one in audited),
        tickets=sum(one.tickets for one in audited),
        differences=[*(difference for one in audited for difference in one.differences), *overdue],
        notes=notes,
    )


async def _processes(connection: asyncpg.Connection) -> int:
    """Count the connections of service processes, on whichever node they are."""
    of_all = await connection.fetchval(HAS_CITUS)
    count: int = await connection.fetchval(PROCESSES_OF_ALL_NODES if of_all else PROCESSES)
    return count


async def _events(connection: asyncpg.Connection) -> list[int]:
    """Return all event ids, read a page at a time."""
    found: list[int] = []
    while True:
        rows = await connection.fetch(EVENTS, found[-1] if found else 0, EVENTS_PER_PAGE)
        found += [row["id"] for row in rows]
        if len(rows) < EVENTS_PER_PAGE:
            return found


async def audit_event(connection: asyncpg.Connection, event_id: int) -> _EventAudit | None:
    """Compare one event in one transaction of its own; None when there is no such event.

    Whoever is left with an exception cuts the connection: the transaction may be open still. The driver's own block
    would first wait for its ROLLBACK, on a server that hangs for ever.
    """
    await connection.execute(BEGIN)
    found = await _compare(connection, event_id)
    await connection.execute(COMMIT)
    return found


async def _compare(connection: asyncpg.Connection, event_id: int) -> _EventAudit | None:
    size = await connection.fetchrow(SIZE, event_id)
    if size is None:
        return None
    found = [(check, await _rows(connection, statement, event_id)) for check, statement in COMPARISONS]
    overdue = await _overdue(connection, event_id)
    return _EventAudit(
        dates=size["dates"],
        reservations=size["reservations"],
        tickets=size["tickets"],
        differences=[_difference(check, event_id, row) for check, rows in found for row in rows],
        overdue=[_difference(5, event_id, row) for row in overdue],
        more=any(len(rows) == ROWS_PER_STATEMENT_MAX for _, rows in found),
    )


async def _rows(connection: asyncpg.Connection, statement: str, event_id: int) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(statement, event_id, ROWS_PER_STATEMENT_MAX)
    return rows


async def _overdue(connection: asyncpg.Connection, event_id: int) -> list[asyncpg.Record]:
    """Return the dates with holds overdue for too long; the holds of all events are counted only when there are any."""
    rows = await _overdue_beside(connection, event_id, 0)
    return rows and await _overdue_beside(connection, event_id, await connection.fetchval(BACKLOG))


async def _overdue_beside(connection: asyncpg.Connection, event_id: int, backlog: int) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        OVERDUE, event_id, ROWS_PER_STATEMENT_MAX, backlog, LATE_SECONDS_MAX, OVERDUE_PER_SECOND_MIN
    )
    return rows


def _difference(check: int, event_id: int, row: asyncpg.Record) -> Difference:
    return Difference(
        check=check,
        event_id=event_id,
        date=row["date"],
        start_time=row["start_time"],
        ticket_type=row["ticket_type"],
        shard_id=row["shard_id"],
        reservation_id=row["reservation_id"],
        what=row["what"],
        expected=row["expected"],
        found=row["found"],
    )
