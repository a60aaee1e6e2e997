"""What a flight does when the database refuses it: neighbours are booked, outcomes are told truthfully."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from boxoffice.booking.values import Held
from boxoffice.errors import Overloaded
from tests.booking.conftest import OpenOffice, wanted
from tests.waiting import until
from tests.world import put_event, sums_of


@pytest.fixture
async def poison(pool: asyncpg.Pool) -> AsyncIterator[str]:
    """An Idempotency-Key that the database refuses to store."""
    await pool.execute("ALTER TABLE reservation ADD CONSTRAINT no_poison CHECK (idempotency_key <> 'poison')")
    yield "poison"
    await pool.execute("ALTER TABLE reservation DROP CONSTRAINT no_poison")


async def test_a_bad_request_fails_alone(office: OpenOffice, pool: asyncpg.Pool, poison: str) -> None:
    shop = await office()
    date_key = await put_event(pool, max_tickets=100)
    async with pool.acquire() as blocker:
        await blocker.execute("BEGIN")
        await blocker.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", date_key.event_id)
        first = asyncio.create_task(shop.selling.hold(wanted(date_key, (1, 1))))
        await until(lambda: shop.flights.counts.flights == 1)
        keys = ["a", poison, "b", None]
        rest = [asyncio.create_task(shop.selling.hold(wanted(date_key, (1, 1), key=key))) for key in keys]
        await until(lambda: shop.selling.holds.waiting == len(rest))
        await blocker.execute("ROLLBACK")
        results = await asyncio.gather(first, *rest, return_exceptions=True)
    assert [type(result) for result in results] == [Held, Held, asyncpg.CheckViolationError, Held, Held]
    assert shop.flights.counts.flights == 2
    assert (await sums_of(pool, date_key.event_id)).tickets == 4


async def test_a_connection_that_is_cut_is_an_honest_503(office: OpenOffice, pool: asyncpg.Pool) -> None:
    shop = await office()
    date_key = await put_event(pool, max_tickets=100)
    async with pool.acquire() as blocker, blocker.transaction():
        await blocker.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", date_key.event_id)
        held = asyncio.create_task(shop.selling.hold(wanted(date_key, (1, 1))))
        await until(lambda: waits(pool))
        await pool.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        with pytest.raises(Overloaded, match="unknown") as cut:
            await held
    assert cut.value.outcome_unknown
    assert (await shop.selling.hold(wanted(date_key, (1, 2)))).reservation
    assert (await sums_of(pool, date_key.event_id)).tickets == 2


NODE_LOST = (
    "could not commit transaction for shard 102008 on at least one active node",
    "postmaster was shut down, exiting",
    "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
    "could not receive data from server: Connection reset by peer",
)


@pytest.fixture
async def says_at_commit(pool: asyncpg.Pool) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Have Postgres answer the commit of every new reservation with a fault of its own (XX000) that says so."""

    async def say(words: str) -> None:
        await pool.execute(
            "CREATE OR REPLACE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = '{words}'; END $$;"
            " CREATE CONSTRAINT TRIGGER fail_at_commit AFTER INSERT OR UPDATE ON reservation"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_at_commit()"
        )

    yield say
    await pool.execute("DROP FUNCTION IF EXISTS fail_at_commit() CASCADE")


@pytest.mark.parametrize("words", NODE_LOST)
async def test_a_node_that_was_lost_at_the_commit_leaves_the_outcome_unknown(
    office: OpenOffice, pool: asyncpg.Pool, says_at_commit: Callable[[str], Awaitable[None]], words: str
) -> None:
    """A distributed database cannot always say whether the node of an event has committed."""
    shop = await office()
    date_key = await put_event(pool, max_tickets=100)
    first = await shop.selling.hold(wanted(date_key, (1, 1), key="first"))
    await says_at_commit(words)
    with pytest.raises(Overloaded, match="unknown"):
        await shop.selling.hold(wanted(date_key, (1, 1), key="second"))
    with pytest.raises(Overloaded, match="unknown"):
        await shop.selling.pay(date_key.event_id, first.reservation.id, "reference")
    await pool.execute("DROP TRIGGER fail_at_commit ON reservation")
    settled = [await shop.selling.hold(wanted(date_key, (1, 1), key=key)) for key in ("first", "second")]
    assert [held.replayed for held in settled] == [True, False]
    assert (await sums_of(pool, date_key.event_id)).tickets == 2


async def test_control_another_fault_of_the_database_is_no_lost_node(
    office: OpenOffice, pool: asyncpg.Pool, says_at_commit: Callable[[str], Awaitable[None]]
) -> None:
    shop = await office()
    date_key = await put_event(pool, max_tickets=100)
    await says_at_commit("cache lookup failed for type 0")
    with pytest.raises(asyncpg.InternalServerError):
        await shop.selling.hold(wanted(date_key, (1, 1)))


async def waits(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))


async def test_connections_that_end_while_idle_are_an_honest_503_at_worst(
    office: OpenOffice, pool: asyncpg.Pool
) -> None:
    shop = await office()
    date_key = await put_event(pool, max_tickets=100_000)
    outcomes: list[object] = []
    for _ in range(60):
        holds = [asyncio.create_task(shop.selling.hold(wanted(date_key, (1, 1)))) for _ in range(3)]
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'boxoffice' AND pid <> pg_backend_pid()"
        )
        holds.append(asyncio.create_task(shop.selling.hold(wanted(date_key, (1, 1)))))
        outcomes += await asyncio.gather(*holds, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Held, Overloaded}
    held = sum(isinstance(outcome, Held) for outcome in outcomes)
    assert (await sums_of(pool, date_key.event_id)).tickets >= held


async def test_a_transaction_that_was_left_open_is_rolled_back(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("BEGIN")
        await connection.execute("INSERT INTO ticket_type (name) VALUES ('Left open')")
        session = connection.get_server_pid()
    async with pool.acquire() as connection:
        assert connection.get_server_pid() == session
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SELECT count(*) FROM ticket_type") == 0
