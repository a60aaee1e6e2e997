"""The audit finds each single corruption and names it; what is right, and what sells meanwhile, it lets be."""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import StringIO

import asyncpg
import pytest
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.booking.audit import BACKLOG, COMPARISONS, OVERDUE, PROCESSES, audit, audit_event
from boxoffice.booking.audit_report import CHECKS, AuditReport, render, render_json, showing_progress
from boxoffice.booking.sweeper import LATE_SECONDS_MAX, OVERDUE_PER_SECOND_MIN
from boxoffice.catalog.create import create_event, create_ticket_type
from boxoffice.catalog.values import DateAndTime, NewEvent, NewType
from boxoffice.errors import CannotStart
from tests.booking.corruptions import CORRUPTIONS, DIFFERS, SELL, Corruption
from tests.emptying import EMPTY
from tests.waiting import until

START = dt.time(20)
FIRST, SECOND = dt.date(2030, 5, 1), dt.date(2030, 5, 2)

OVERDUE_BY = """
UPDATE reservation SET created_at = now() - interval '1 day', expires_at = now() - make_interval(secs => $1)
WHERE paid_at IS NULL AND event_id = 1
"""


@pytest.fixture
async def database(database_url: str, engine: AsyncEngine) -> AsyncIterator[asyncpg.Connection]:
    """A database with an event that has sold; constraints that a test drops come back after it."""
    for name in ("Normal", "Discount"):
        await create_ticket_type(engine, name)
    types = (NewType(ticket_type_id=1, max=6, num_shards=2), NewType(ticket_type_id=2, num_shards=1))
    dates = (DateAndTime(FIRST, START), DateAndTime(SECOND, START))
    await create_event(engine, NewEvent(name="Opera", max_tickets=10, num_shards=3, ticket_types=types, dates=dates))
    await engine.dispose()
    connection = await asyncpg.connect(database_url)
    await connection.execute(SELL)
    constraints = await _constraints(connection)
    yield connection
    await connection.execute(EMPTY)
    for table, name, definition in constraints - await _constraints(connection):
        await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    assert await _constraints(connection) == constraints
    await connection.close()


async def _constraints(connection: asyncpg.Connection) -> set[tuple[str, str, str]]:
    rows = await connection.fetch(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    )
    return {(row[0], row[1], row[2]) for row in rows}


def found_in(report: AuditReport) -> set[tuple[int, str]]:
    return {(difference.check, difference.what) for difference in report.differences}


async def test_what_is_right_is_clean(database: asyncpg.Connection, database_url: str) -> None:
    report = await audit(database_url)
    assert report.clean
    assert report.exit_status == 0
    assert (report.events, report.dates, report.reservations, report.tickets) == (1, 2, 2, 4)
    assert list(report.notes) == []


async def test_an_empty_database_is_clean(database_url: str) -> None:
    report = await audit(database_url)
    assert report.clean
    assert report.events == 0


@pytest.mark.parametrize("wrong", CORRUPTIONS, ids=[each.name for each in CORRUPTIONS])
async def test_each_corruption_is_found_and_named(
    database: asyncpg.Connection, database_url: str, wrong: Corruption
) -> None:
    for table, constraint in wrong.without:
        await database.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    await database.execute(wrong.statement)
    report = await audit(database_url)
    assert found_in(report) == wrong.found
    assert report.exit_status == 1


def test_everything_that_the_audit_can_say_has_a_corruption_of_its_own() -> None:
    said = {what for wrong in CORRUPTIONS for _, what in wrong.found}
    for _, text in COMPARISONS:
        statement = re.sub(r"--.*", "", text)
        sayings = set(re.findall(r"'([^']+)'", statement))
        assert sayings
        assert sayings <= said
    assert {check for wrong in CORRUPTIONS for check, _ in wrong.found} == set(CHECKS) - {5}


async def test_a_difference_says_where_it_is(database: asyncpg.Connection, database_url: str) -> None:
    await database.execute("UPDATE consumption_tt SET shard_current = 3 WHERE shard_current = 2")
    (difference,) = (await audit(database_url)).differences
    assert (difference.event_id, difference.date, difference.start_time) == (1, FIRST, START)
    assert (difference.ticket_type, difference.shard_id) == (1, 0)
    assert (difference.expected, difference.found) == (2, 3)


async def test_a_missing_shard_has_no_number(database: asyncpg.Connection, database_url: str) -> None:
    await database.execute("DELETE FROM consumption WHERE date = '2030-05-01' AND shard_id = 0")
    report = await audit(database_url)
    assert [(one.expected, one.found) for one in report.differences if one.check == 1] == [(3, None)]


async def test_a_hold_overdue_is_found_while_a_process_runs(
    database: asyncpg.Connection, database_url: str, pool: asyncpg.Pool
) -> None:
    await database.execute(OVERDUE_BY, 600)
    (difference,) = (await audit(database_url)).differences
    assert difference.check == 5
    assert difference.what.startswith("1 unpaid reservations overdue")
    assert difference.expected == 2
    assert difference.found is not None
    assert difference.found >= 600


async def overdue(database: asyncpg.Connection, backlog: int) -> list[asyncpg.Record]:
    return await database.fetch(OVERDUE, 1, 10, backlog, LATE_SECONDS_MAX, OVERDUE_PER_SECOND_MIN)


async def test_a_hold_overdue_by_less_than_two_seconds_is_the_sweepers_own_affair(
    database: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    async with database.transaction():
        # One transaction has one now(): the deadline lies 1.9 s before the moment that the audit compares it with.
        await database.execute(OVERDUE_BY, 1.9)
        assert await overdue(database, 0) == []
        await database.execute(OVERDUE_BY, 2.1)
        assert len(await overdue(database, 0)) == 1


async def test_sweepers_get_a_second_more_for_every_6_000_holds_overdue(
    database: asyncpg.Connection, pool: asyncpg.Pool
) -> None:
    async with database.transaction():
        await database.execute(OVERDUE_BY, 3)
        assert len(await overdue(database, 5_999)) == 1
        assert await overdue(database, 6_000) == []


async def test_the_holds_overdue_of_all_events_count(
    database: asyncpg.Connection, database_url: str, pool: asyncpg.Pool
) -> None:
    await database.execute(
        "INSERT INTO events (name, max_tickets, num_shards, time_zone) VALUES ('Other', 1, 1, 'UTC');"
        "INSERT INTO event_date SELECT 2, date, start_time, 1, starts_at FROM event_date;"
        "INSERT INTO reservation SELECT 2, gen_random_uuid(), '2030-05-01', '20:00', NULL, now() - interval '1 day',"
        " now() FROM generate_series(1, 36000)"
    )
    await database.execute(OVERDUE_BY, 3)
    assert await database.fetchval(BACKLOG) == 36_001
    report = await audit(database_url, 1)
    assert found_in(report) == set()
    await database.execute("DELETE FROM reservation WHERE event_id = 2")
    assert {check for check, _ in found_in(await audit(database_url, 1))} == {5}


async def test_without_a_process_it_says_that_no_sweeper_is_alive(
    database: asyncpg.Connection, database_url: str
) -> None:
    await database.execute(OVERDUE_BY, 600)

    async def no_process() -> bool:
        return not await database.fetchval(PROCESSES)

    await until(no_process)  # a connection that was closed goes on for a moment
    report = await audit(database_url)
    assert report.clean
    assert [note.partition(":")[0] for note in report.notes] == ["no sweeper alive"]


async def test_one_event_alone(database: asyncpg.Connection, database_url: str, engine: AsyncEngine) -> None:
    types = (NewType(ticket_type_id=1),)
    second = await create_event(engine, NewEvent(name="Ballet", max_tickets=5, num_shards=1, ticket_types=types))
    await database.execute("UPDATE consumption SET shard_current = 1 WHERE shard_current = 3")
    assert (await audit(database_url, second.id)).clean
    assert not (await audit(database_url, 1)).clean
    assert (await audit(database_url)).events == 2
    with pytest.raises(CannotStart, match="there is no event 77"):
        await audit(database_url, 77)


async def test_an_unreachable_database_is_one_clear_line() -> None:
    with pytest.raises(CannotStart, match="cannot be reached"):
        await audit("postgresql://nobody@127.0.0.1:9/nothing")


@dataclass(frozen=True, slots=True)
class SellingBetween:
    """The audit's connection; before each of its statements somebody else sells and commits."""

    connection: asyncpg.Connection
    seller: asyncpg.Connection
    isolations: list[tuple[str, str]] = field(default_factory=list)

    async def execute(self, statement: str) -> str:
        return await self.connection.execute(statement)

    async def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        await self._sell()
        return await self.connection.fetch(statement, *arguments)

    async def fetchrow(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        await self._sell()
        return await self.connection.fetchrow(statement, *arguments)

    async def _sell(self) -> None:
        async with self.seller.transaction():
            await self.seller.execute(
                "INSERT INTO tickets SELECT 1, gen_random_uuid(), date, start_time, 2, id, 2, 0 FROM reservation"
                " LIMIT 1;"
                "UPDATE consumption SET shard_current = shard_current + 1, shard_max = shard_max + 1"
                " WHERE date = '2030-05-01' AND shard_id = 2;"
                "UPDATE events SET max_tickets = max_tickets + 1;"
                "UPDATE consumption SET shard_max = shard_max + 1 WHERE date = '2030-05-02' AND shard_id = 2;"
                "UPDATE consumption_tt SET shard_current = shard_current + 1"
                " WHERE date = '2030-05-01' AND ticket_type = 2"
            )
        self.isolations.append(
            (
                await self.connection.fetchval("SHOW transaction_isolation"),
                await self.connection.fetchval("SHOW transaction_read_only"),
            )
        )


async def test_it_is_right_while_selling(database: asyncpg.Connection, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        selling = SellingBetween(connection, database)
        found = await audit_event(selling, 1)  # type: ignore[arg-type] # it does what the audit asks of a connection
    finally:
        await connection.close()
    assert found is not None
    assert list(found.differences) == []
    assert set(selling.isolations) == {("repeatable read", "on")}
    sold_meanwhile = await database.fetchval("SELECT count(*) FROM tickets") - 4
    assert sold_meanwhile == len(selling.isolations) > len(COMPARISONS)
    assert (await audit(database_url)).clean


async def test_a_table_for_people_and_json_for_programs(database: asyncpg.Connection, database_url: str) -> None:
    assert "Clean." in _rendered(await audit(database_url))
    await database.execute("UPDATE consumption SET shard_current = 1 WHERE shard_current = 3")
    report = await audit(database_url)
    shown = _rendered(report)
    assert "Not clean." in shown
    assert "2030-05-01" in shown
    for what in CHECKS.values():
        assert what in shown
    told = json.loads(render_json(report))
    assert told["clean"] is False
    assert [(one["check"], one["what"], one["date"]) for one in told["differences"]] == [(1, DIFFERS, "2030-05-01")]


async def test_progress_is_told_event_by_event(database: asyncpg.Connection, database_url: str) -> None:
    steps: list[tuple[int, int]] = []
    await audit(database_url, on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 1)]
    screen = StringIO()
    with showing_progress(Console(file=screen, force_terminal=True, width=80)) as on_progress:
        await audit(database_url, on_progress=on_progress)
    assert "auditing" in screen.getvalue()


def _rendered(report: AuditReport) -> str:
    screen = StringIO()
    Console(file=screen, width=200).print(render(report))
    return screen.getvalue()
