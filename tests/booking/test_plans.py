"""Each statement of the booking side is prepared against the migrated schema, and reads no more than it must.

On tables of a realistic size, by the generic plan: the indexes that it should use, no table from end to end, and a
number of rows looked at that grows with the tickets, not with their square.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Set

import asyncpg
import pytest

from boxoffice.booking.hold import book, columns_of
from boxoffice.booking.statements import GIVE_BACK, HOLD, LOCK_OVERDUE, PAY
from boxoffice.embedded.postgres import EmbeddedPostgres
from tests.booking.query_plan import Step, explain
from tests.booking.stock import BATCH, EVENT, FILL, OVER_ALL_EVENTS, STATEMENTS, arguments_of
from tests.concurrency.weakened import replaced
from tests.conftest import EMPTY_ALL
from tests.world import Type, plan_of, put_event

HOT_TABLES = {"reservation", "tickets", "consumption", "consumption_tt", "event_date"}
INDEXES: Mapping[str, Set[str]] = {
    "hold": {"event_date_pkey", "consumption_pkey", "consumption_tt_pkey"},
    "full_pass": {"event_date_pkey", "consumption_pkey", "consumption_tt_pkey", "reservation_unpaid"},
    "find_by_id": {"reservation_pkey", "tickets_pkey"},
    "find_by_key": {"reservation_idempotency_key", "tickets_pkey"},
    "pay": {"reservation_pkey", "tickets_pkey"},
    "give_back": {"reservation_pkey", "tickets_pkey", "consumption_pkey", "consumption_tt_pkey"},
    "lock_overdue": {"reservation_unpaid"},
    "overdue_of_date": {"reservation_unpaid"},
    "overdue_of_event": {"reservation_unpaid"},
    "overdue_events": {"reservation_unpaid"},
}
"""The indexes of each hot statement, no more and no fewer. The audit reads an event whole and may choose."""

ROWS_MAX = {"full_pass": 100, "overdue_events": 10_000}
ROWS_PER_HOLD_MAX = 150
"""Rows that a statement may look at: of a batch, for each hold of three tickets, counted in every step of its plan."""

LARGE_FLIGHT = 256
LARGE_SHARDS = 128
ROWS_PER_TICKET_MAX = 60


@pytest.fixture(scope="module")
def stocked_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database with the stock in it; each test of this file leaves it as it was."""
    asyncio.run(_run(postgres_server.url, f"{EMPTY_ALL}; {FILL}"))
    yield postgres_server.url
    asyncio.run(_run(postgres_server.url, EMPTY_ALL))


async def _run(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()


@pytest.fixture
async def stocked(stocked_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the stock, as the booking side opens it."""
    connection = await asyncpg.connect(stocked_url, server_settings={"jit": "off"})
    yield connection
    await connection.close()


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_fits_the_migrated_schema(stocked: asyncpg.Connection, name: str) -> None:
    prepared = await stocked.prepare(STATEMENTS[name])
    assert len(prepared.get_parameters()) == len(await arguments_of(stocked, name))
    assert prepared.get_attributes()


def test_every_hot_statement_has_its_indexes_named() -> None:
    assert INDEXES.keys() == {name for name in STATEMENTS if not name.startswith("audit_")}


@pytest.mark.parametrize("name", INDEXES)
async def test_a_hot_statement_uses_its_indexes_and_reads_little(stocked: asyncpg.Connection, name: str) -> None:
    plan = await explain(stocked, STATEMENTS[name], await arguments_of(stocked, name))
    assert plan.rows > 0
    assert {step.index for step in plan.all() if step.index} == INDEXES[name]
    assert read_from_end_to_end(plan) == set()
    assert visited(plan) <= ROWS_MAX.get(name, BATCH * ROWS_PER_HOLD_MAX)


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - INDEXES.keys()))
async def test_the_audit_reads_one_event_by_its_indexes(stocked: asyncpg.Connection, name: str) -> None:
    plan = await explain(stocked, STATEMENTS[name], await arguments_of(stocked, name))
    assert read_from_end_to_end(plan) & HOT_TABLES == set()


async def test_control_a_table_read_from_end_to_end_is_found(stocked: asyncpg.Connection) -> None:
    by_reference = "SELECT r.id FROM reservation r WHERE r.event_id = $1 AND r.payment_ref = 'x' || $2::text"
    assert read_from_end_to_end(await explain(stocked, "SELECT count(*) FROM tickets", ())) == {"tickets"}
    by_half_a_key = replaced(STATEMENTS["find_by_id"], "k.event_id = $1 AND ")
    plan = await explain(stocked, by_half_a_key, await arguments_of(stocked, "find_by_id"))
    assert visited(plan) > BATCH * ROWS_PER_HOLD_MAX
    plan = await explain(stocked, by_reference, (EVENT, "y"))
    assert visited(plan) > BATCH * ROWS_PER_HOLD_MAX
