"""Each statement of the booking side is prepared against the migrated schema, and reads no more than it must.

On tables of a realistic size, by the generic plan: the indexes that it should use, no table from end to end, and a
number of rows looked at that grows with the tickets, not with their square.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import asyncpg
import pytest

from boxoffice.booking.hold import PlannedHold, book, columns_of
from boxoffice.booking.statements import LOCK_OVERDUE
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.values import DateKey
from tests.booking.query_plan import explain
from tests.booking.stock import BATCH, EVENT, STATEMENTS, arguments_of, fill
from tests.concurrency.weakened import replaced
from tests.emptying import EMPTY_ALL
from tests.world import Type, plan_of, put_event

pytestmark = pytest.mark.pristine

HOT_TABLES = {"reservation", "tickets", "consumption", "consumption_tt", "event_date"}
HOT: Mapping[str, tuple[Set[str], int]] = {
    "hold": ({"event_date_pkey", "consumption_pkey", "consumption_tt_pkey"}, 2_400),
    "hold_claim": ({"event_date_pkey"}, 400),
    "hold_move": ({"event_date_pkey", "consumption_pkey", "consumption_tt_pkey"}, 1_900),
    "hold_sell": ({"event_date_pkey"}, 5_200),
    "full_pass": ({"event_date_pkey", "consumption_pkey", "consumption_tt_pkey", "reservation_unpaid"}, 90),
    "find_by_id": ({"reservation_pkey", "tickets_pkey"}, 240),
    "find_by_key": ({"reservation_idempotency_key", "tickets_pkey"}, 240),
    "pay": ({"reservation_pkey", "tickets_pkey"}, 600),
    "give_back": ({"reservation_pkey", "tickets_pkey", "consumption_pkey", "consumption_tt_pkey"}, 4_200),
    "lock_overdue": ({"reservation_unpaid"}, 120),
    "overdue_of_date": ({"reservation_unpaid"}, 40),
    "overdue_of_event": ({"reservation_unpaid"}, 80),
    "overdue_events": ({"reservation_unpaid"}, 6_000),
}
"""Of each hot statement the indexes, no more and no fewer, and the rows that it may look at for the call of stock.py,
counted in every step of its plan: about twice what it needs. The audit reads an event whole and may choose."""

RESERVATIONS = 20_000
LARGE_FLIGHT = 256
LARGE_SHARDS = 128
ROWS_PER_TICKET_MAX = 60


@pytest.fixture(scope="module")
def stocked_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database with the stock in it; each test of this file leaves it as it was."""
    asyncio.run(_run(postgres_server.url, f"{EMPTY_ALL}; {fill(dates=50, reservations=RESERVATIONS)}"))
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
    assert HOT.keys() == {name for name in STATEMENTS if not name.startswith("audit_")}


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_uses_its_indexes_and_reads_little(stocked: asyncpg.Connection, name: str) -> None:
    plan = await explain(stocked, STATEMENTS[name], await arguments_of(stocked, name))
    assert plan.rows > 0
    indexes, rows_max = HOT[name]
    assert {step.index for step in plan.all() if step.index} == indexes
    assert plan.read_from_end_to_end() == set()
    assert plan.visited() <= rows_max


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - HOT.keys()))
async def test_the_audit_reads_one_event_by_its_indexes(stocked: asyncpg.Connection, name: str) -> None:
    plan = await explain(stocked, STATEMENTS[name], await arguments_of(stocked, name))
    assert plan.read_from_end_to_end() & HOT_TABLES == set()


async def test_control_a_table_read_from_end_to_end_is_found(stocked: asyncpg.Connection) -> None:
    plan = await explain(stocked, "SELECT count(*) FROM tickets", ())
    assert (plan.read_from_end_to_end(), plan.visited() > RESERVATIONS) == ({"tickets"}, True)


async def test_control_a_whole_event_read_is_found(stocked: asyncpg.Connection) -> None:
    whole_event = replaced(
        STATEMENTS["find_by_id"], "AND r.id = ANY ($2::uuid[])", "AND (r.id = ANY ($2::uuid[])) IS TRUE"
    )
    plan = await explain(stocked, whole_event, await arguments_of(stocked, "find_by_id"))
    assert plan.visited() > HOT["find_by_id"][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A flight as large as they come: its plan, and its holds as arguments of the other statements."""

    date_key: DateKey
    plans: Sequence[PlannedHold]

    def arguments_of(self, name: str) -> Sequence[object]:
        ids = [plan.reservation_id for plan in self.plans]
        match name:
            case "hold":
                return (self.date_key.event_id, 60, *columns_of(self.plans))
            case "pay":
                return self.date_key.event_id, ids, ["paid"] * len(ids)
        return self.date_key.event_id, ids, "held"


@pytest.fixture
async def large(stocked: asyncpg.Connection, stocked_url: str) -> Large:
    """A flight over many shards of an event that sells nothing else."""
    types = [Type(limit=10**6, shards=LARGE_SHARDS), Type(limit=None, shards=LARGE_SHARDS)]
    async with asyncpg.create_pool(stocked_url, min_size=1, max_size=1) as pool:
        date_key = await put_event(pool, max_tickets=10**6, shards=LARGE_SHARDS, types=types)
    shards = [[(5 * place + ticket) % LARGE_SHARDS for ticket in range(4)] for place in range(LARGE_FLIGHT)]
    plans = [plan_of(date_key, [(1, 2), (2, 2)], total_shards=of_one, type_shards=of_one) for of_one in shards]
    return Large(date_key=date_key, plans=plans)


@pytest.mark.parametrize("name", ["hold", "pay", "give_back"])
async def test_a_large_flight_costs_as_its_tickets_do(stocked: asyncpg.Connection, large: Large, name: str) -> None:
    assert await rows_per_ticket(stocked, large, name, STATEMENTS[name]) <= ROWS_PER_TICKET_MAX


JOINED = {
    "hold": (
        """
    WHERE ((p.date, p.start_time, p.shard_id) IN (SELECT date, start_time, shard_id FROM moved_total)) IS TRUE
        AND (
            (p.date, p.start_time, p.ticket_type, p.tt_shard_id)
            IN (SELECT date, start_time, ticket_type, shard_id FROM moved_tt)
        ) IS TRUE
""",
        """
    JOIN moved_total t ON t.date = p.date AND t.start_time = p.start_time AND t.shard_id = p.shard_id
    JOIN moved_tt tt ON tt.date = p.date AND tt.start_time = p.start_time
        AND tt.ticket_type = p.ticket_type AND tt.shard_id = p.tt_shard_id
""",
    ),
    "give_back": (" IS TRUE", ""),
    "pay": ("FROM judged j\nCROSS", "FROM judged j LEFT JOIN paid p ON p.id = j.id\nCROSS"),
}


@pytest.mark.parametrize("name", JOINED)
async def test_control_joined_it_costs_as_their_square(stocked: asyncpg.Connection, large: Large, name: str) -> None:
    part, instead = JOINED[name]
    assert part in STATEMENTS[name]
    joined = STATEMENTS[name].replace(part, instead)
    assert await rows_per_ticket(stocked, large, name, joined) > ROWS_PER_TICKET_MAX


async def rows_per_ticket(connection: asyncpg.Connection, large: Large, name: str, statement: str) -> float:
    """Return how many rows a statement looks at for each ticket of the large flight; nothing is kept."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        if name != "hold":
            await book(connection, large.date_key.event_id, large.plans, 60)
        plan = await explain(connection, statement, large.arguments_of(name))
    finally:
        await transaction.rollback()
    return plan.visited() / sum(hold.wanted.total for hold in large.plans)


PLANNERS = {
    "by index": "SET LOCAL enable_seqscan = off",
    "from end to end, sorted": "SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off",
    "by bitmap, sorted": "SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = off",
}


@pytest.mark.parametrize("planner", PLANNERS.values(), ids=PLANNERS)
async def test_a_sweeper_locks_its_batch_and_no_more(
    stocked: asyncpg.Connection, stocked_url: str, planner: str
) -> None:
    other = await asyncpg.connect(stocked_url)
    try:
        async with stocked.transaction():
            free = await lockable(other)
            await stocked.execute(planner)
            assert len(await stocked.fetch(LOCK_OVERDUE, EVENT, BATCH, None)) == BATCH
            assert await lockable(other) == free - BATCH
            assert len(await other.fetch(LOCK_OVERDUE, EVENT, free, None)) == free - BATCH
    finally:
        await other.close()


async def test_control_a_limit_after_the_locks_locks_too_many(stocked: asyncpg.Connection, stocked_url: str) -> None:
    locked_first = """
        WITH locked AS MATERIALIZED (
            SELECT r.id, r.expires_at FROM reservation r
            WHERE r.event_id = $1 AND r.paid_at IS NULL AND r.expires_at <= now()
            FOR NO KEY UPDATE SKIP LOCKED
        )
        SELECT id FROM locked ORDER BY expires_at LIMIT $2
    """
    other = await asyncpg.connect(stocked_url)
    try:
        async with stocked.transaction():
            free = await lockable(other)
            assert len(await stocked.fetch(locked_first, EVENT, BATCH)) == BATCH
            assert await lockable(other) < free - BATCH
    finally:
        await other.close()


async def lockable(connection: asyncpg.Connection) -> int:
    """Count the overdue holds of the event that nobody has locked."""
    rows = await connection.fetch(
        "SELECT FROM reservation WHERE event_id = $1 AND paid_at IS NULL AND expires_at <= now()"
        " FOR NO KEY UPDATE SKIP LOCKED",
        EVENT,
    )
    return len(rows)
