"""The stand-in for a distributed database: the same tables, partitioned by hash of event_id.

Where each statement touches one partition of each table, a distributed database sends it to one node. Two witnesses:
Postgres's own counts of what a transaction read and wrote, foreign-key checks included, and the plan.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence, Set

import asyncpg
import pytest

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.tables import Base
from tests.booking.query_plan import explain
from tests.booking.stock import OVER_ALL_EVENTS, STATEMENTS, arguments_of, fill
from tests.concurrency.weakened import replaced

pytestmark = pytest.mark.pristine

SCHEMA = "partitioned"
PARTITIONS = 8
REFERENCE_TABLES = {"ticket_type"}
"""Shared by all events, never touched by a booking: every node has a copy."""

FOREIGN_KEYS = """
    SELECT conrelid::regclass::text AS of_table, conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0
"""
TOUCHED = """
    SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del AS count
    FROM pg_stat_xact_user_tables WHERE schemaname = $1
"""
COUNTERS = {"event_date", "consumption", "consumption_tt"}
TOUCHES: Mapping[str, Set[str]] = {
    "hold": COUNTERS | {"reservation", "tickets"},
    "hold_claim": {"event_date", "reservation"},
    "hold_move": COUNTERS,
    "hold_sell": {"event_date", "reservation", "tickets"},
    "full_pass": COUNTERS | {"reservation"},
    "find_by_id": {"reservation", "tickets"},
    "find_by_key": {"reservation", "tickets"},
    "pay": {"reservation", "tickets"},
    "give_back": {"consumption", "consumption_tt", "reservation", "tickets"},
    "lock_overdue": {"reservation"},
    "overdue_of_date": {"reservation"},
    "overdue_of_event": {"reservation"},
    "audit_counters": {"consumption", "tickets"},
    "audit_counters_of_types": {"consumption_tt", "tickets"},
    "audit_limits": {"events", "event_ticket_type", "tickets"},
    "audit_overdue": {"reservation"},
    "audit_reservations": {"reservation", "tickets"},
    "audit_shards": {"events", "event_date", "consumption"},
    "audit_shards_of_types": {"event_ticket_type", "event_date", "consumption_tt"},
    "audit_size": {"events", "event_date", "reservation", "tickets"},
}
"""The tables that each statement touches; of each, one partition."""


@pytest.fixture(scope="module")
def partitioned_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database with the stock in partitioned tables, in a schema of their own."""
    asyncio.run(_partition(postgres_server.url))
    yield postgres_server.url
    asyncio.run(_drop(postgres_server.url))


async def _partition(url: str) -> None:
    connection = await asyncpg.connect(url)
    foreign_keys = await connection.fetch(FOREIGN_KEYS)
    await connection.execute(f"CREATE SCHEMA {SCHEMA}; SET search_path = {SCHEMA}")
    for table in Base.metadata.tables:
        await connection.execute(_create(table))
    for key in foreign_keys:
        await connection.execute(f"ALTER TABLE {key['of_table']} ADD CONSTRAINT {key['name']} {key['definition']}")
    await connection.execute(fill(dates=10, reservations=4_000))
    await connection.close()


def _create(table: str) -> str:
    """Return what makes a table like the migrated one, with its keys, indexes and CHECKs, in partitions."""
    like = f"CREATE TABLE {table} (LIKE public.{table} INCLUDING ALL)"
    if table in REFERENCE_TABLES:
        return like
    by = "id" if table == "events" else "event_id"
    parts = (
        f"CREATE TABLE {table}_{number} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
        for number in range(PARTITIONS)
    )
    return "; ".join([f"{like} PARTITION BY HASH ({by})", *parts])


async def _drop(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"SET client_min_messages = warning; DROP SCHEMA {SCHEMA} CASCADE")
    await connection.close()


@pytest.fixture
async def partitioned(partitioned_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that finds the partitioned tables; each test leaves them as they were."""
    connection = await asyncpg.connect(partitioned_url, server_settings={"jit": "off", "search_path": SCHEMA})
    yield connection
    await connection.close()


async def test_every_table_is_spread_and_every_foreign_key_is_there(partitioned: asyncpg.Connection) -> None:
    spread = await partitioned.fetch(
        "SELECT relname, (SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid) FROM pg_class c"
        " WHERE relkind = 'p' AND relnamespace = current_schema()::regnamespace"
    )
    assert dict(map(tuple, spread)) == dict.fromkeys(Base.metadata.tables.keys() - REFERENCE_TABLES, PARTITIONS)
    used = "SELECT count(DISTINCT tableoid) FROM reservation"
    assert await partitioned.fetchval(used) > 1
    of_partitioned = {row["name"] for row in await partitioned.fetch(FOREIGN_KEYS)}
    await partitioned.execute("SET search_path = public")
    assert of_partitioned == {row["name"] for row in await partitioned.fetch(FOREIGN_KEYS)}


def test_every_statement_says_what_it_touches() -> None:
    assert TOUCHES.keys() == STATEMENTS.keys() - OVER_ALL_EVENTS


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("name", TOUCHES)
async def test_a_statement_touches_one_partition_of_each_table(
    partitioned: asyncpg.Connection, name: str, mode: str
) -> None:
    await partitioned.execute(f"SET plan_cache_mode = {mode}")
    parts = await touched(partitioned, STATEMENTS[name], await arguments_of(partitioned, name))
    assert {table: len(of_table) for table, of_table in parts.items()} == dict.fromkeys(TOUCHES[name], 1)


@pytest.mark.parametrize("name", TOUCHES)
async def test_a_generic_plan_executes_scans_of_one_partition_of_each_table(
    partitioned: asyncpg.Connection, name: str
) -> None:
    parts = await executed(partitioned, STATEMENTS[name], await arguments_of(partitioned, name))
    assert parts
    assert parts.keys() <= TOUCHES[name]
    assert all(len(of_table) == 1 for of_table in parts.values())


@pytest.mark.parametrize(
    ("name", "part", "instead", "table"),
    [
        ("hold", "consumption c ON c.event_id = $1\n        AND ", "consumption c ON ", "consumption"),
        ("find_by_id", "k.event_id = $1 AND ", "", "tickets"),
        ("give_back", "tickets t ON t.event_id = $1 AND ", "tickets t ON ", "tickets"),
        ("pay", "WHERE r.event_id = $1 AND r.id = ANY", "WHERE r.id = ANY", "reservation"),
        ("overdue_of_event", "r.event_id = $1 AND ", "r.event_id + 0 = $1 AND ", "reservation"),
    ],
)
async def test_control_without_event_id_it_touches_them_all(
    partitioned: asyncpg.Connection, name: str, part: str, instead: str, table: str
) -> None:
    unrouted = replaced(STATEMENTS[name], part, instead)
    arguments = await arguments_of(partitioned, name)
    assert len((await touched(partitioned, unrouted, arguments))[table]) == PARTITIONS
    assert len((await executed(partitioned, unrouted, arguments))[table]) == PARTITIONS


async def test_the_looks_over_all_events_touch_all_and_lock_nothing(partitioned: asyncpg.Connection) -> None:
    for name in OVER_ALL_EVENTS - {"audit_has_citus", "audit_processes"}:
        (of_table,) = (await touched(partitioned, STATEMENTS[name], await arguments_of(partitioned, name))).values()
        assert len(of_table) == PARTITIONS


async def touched(
    connection: asyncpg.Connection, statement: str, arguments: Sequence[object]
) -> Mapping[str, Set[str]]:
    """Run a statement, undo it, and return the partitions that Postgres counted a read or a write in, by table."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        before = dict(map(tuple, await connection.fetch(TOUCHED, SCHEMA)))
        await connection.fetch(statement, *arguments)
        after = dict(map(tuple, await connection.fetch(TOUCHED, SCHEMA)))
    finally:
        await transaction.rollback()
    return by_table(name for name, count in after.items() if count > before.get(name, 0))


async def executed(
    connection: asyncpg.Connection, statement: str, arguments: Sequence[object]
) -> Mapping[str, Set[str]]:
    """Return the partitions whose scans the generic plan of a statement really executed, by table."""
    plan = await explain(connection, statement, arguments)
    return by_table(step.relation for step in plan.all() if step.relation and "Scan" in step.kind and step.loops)


def by_table(partitions: Iterable[str]) -> Mapping[str, Set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for partition in partitions:
        found[partition.rpartition("_")[0]].add(partition)
    return found
