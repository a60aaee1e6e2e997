"""The proxy counts every round trip, and each fault is what it says: seen through the driver, and past it."""

import asyncpg
import pytest

from boxoffice.catalog.describe import describe_event
from boxoffice.database import UNREACHABLE, open_engine, unreachable_as_overloaded
from boxoffice.errors import Overloaded
from boxoffice.settings import Settings
from tests.faults import wire
from tests.faults.proxy import Fault, PostgresProxy, proxy_to

ADD = "INSERT INTO ticket_type (name) VALUES ($1)"


async def connected(proxy: PostgresProxy) -> asyncpg.Connection:
    return await asyncpg.connect(proxy.url, timeout=30)


async def types(pool: asyncpg.Pool) -> list[str]:
    return [row["name"] for row in await pool.fetch("SELECT name FROM ticket_type ORDER BY id")]


async def test_every_round_trip_is_counted_by_what_it_asks(database_url: str) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        assert proxy.requests == ["connect"]
        statement = await connection.prepare("-- Adds.\nSELECT $1::integer\n  + 1")
        assert [await statement.fetchval(number) for number in (1, 2)] == [2, 3]
        async with connection.transaction():
            await connection.execute("SELECT 2")
        asked = "SELECT $1::integer + 1"
        assert proxy.requests[1:] == [f"prepare {asked}", asked, asked, "BEGIN", "SELECT 2", "COMMIT"]
        await connection.close()


@pytest.mark.parametrize(("fault", "stays"), [(Fault.NOT_SENT, False), (Fault.NOT_HEARD, True)])
async def test_a_connection_is_cut_before_or_after(
    fault: Fault, stays: bool, pool: asyncpg.Pool, database_url: str
) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        await connection.execute(ADD, "first")
        proxy.arm(1, fault)
        with pytest.raises(UNREACHABLE):
            await connection.execute(ADD, "second")
        assert connection.is_closed()
        assert proxy.broken == ADD
        assert await types(pool) == ["first", "second"][: 1 + stays]
        await (await connected(proxy)).close()


async def test_who_is_away_is_away_until_healed(database_url: str) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        proxy.arm(2, Fault.AWAY)
        await connection.execute("SELECT 1")
        for attempt in (connection.execute("SELECT 2"), connected(proxy), connected(proxy)):
            with pytest.raises(UNREACHABLE):
                await attempt
        assert proxy.requests == ["SELECT 1", "SELECT 2"]
        proxy.heal()
        await (await connected(proxy)).close()


async def test_a_session_that_is_terminated_is_told_so(pool: asyncpg.Pool, database_url: str) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        proxy.arm(3, Fault.TERMINATED)
        with pytest.raises(UNREACHABLE, match="terminating connection"):
            async with connection.transaction():
                await connection.execute("INSERT INTO ticket_type (name) VALUES ('first')")
        assert connection.is_closed()
        assert proxy.broken == "COMMIT"
        assert await types(pool) == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.CANCELLED, asyncpg.QueryCanceledError),
        (Fault.DEADLOCK, asyncpg.DeadlockDetectedError),
        (Fault.DISK_FULL, asyncpg.DiskFullError),
    ],
)
@pytest.mark.parametrize("step", [1, 2, 3, 4])
async def test_the_server_refuses_a_step_and_stays(
    fault: Fault, error: type[asyncpg.PostgresError], step: int, pool: asyncpg.Pool, database_url: str
) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        proxy.arm(step, fault)
        transaction = connection.transaction()
        with pytest.raises(error):
            await transaction.start()
            await (await connection.prepare(ADD)).fetch("first")
            await transaction.commit()
        assert proxy.requests[:step] == ["BEGIN", f"prepare {ADD}", ADD, "COMMIT"][:step]
        assert connection.is_in_transaction() == (step in {2, 3})  # a COMMIT that fails has rolled back
        await connection.reset()
        assert await connection.fetchval("SELECT count(*) FROM ticket_type") == 0
        await connection.close()


async def test_what_was_prepared_unheard_is_cut(database_url: str) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        proxy.arm(1, Fault.NOT_HEARD)
        with pytest.raises(UNREACHABLE):
            await connection.prepare(ADD)
        assert connection.is_closed()
        assert proxy.broken == f"prepare {ADD}"


async def test_a_roll_back_is_not_refused(database_url: str) -> None:
    async with proxy_to(database_url) as proxy:
        connection = await connected(proxy)
        proxy.arm(2, Fault.CANCELLED)
        transaction = connection.transaction()
        await transaction.start()
        await transaction.rollback()
        assert proxy.requests == ["BEGIN", "ROLLBACK"]
        assert proxy.broken is None
        await connection.close()


def test_messages_are_the_same_however_they_arrive() -> None:
    whole = wire.query("SELECT 1") + wire.query("SELECT 'two'")
    for cut in range(len(whole) + 1):
        messages = wire.Messages(started=True)
        found = [message.raw for part in (whole[:cut], whole[cut:]) for message in messages.of(part)]
        assert found == [wire.query("SELECT 1"), wire.query("SELECT 'two'")]


async def test_a_connection_whose_begin_came_to_nothing_is_of_use_again(settings: Settings, database_url: str) -> None:
    async with proxy_to(database_url) as proxy:
        engine = open_engine(at(proxy.url, settings), connections_max=1)
        assert await describe_event(engine, 1) is None
        proxy.arm(1, Fault.CANCELLED)
        with pytest.raises(Overloaded), unreachable_as_overloaded():
            await describe_event(engine, 1)
        assert proxy.broken == "BEGIN"
        assert await describe_event(engine, 1) is None
        await engine.dispose()


def at(url: str, settings: Settings) -> Settings:
    return Settings(database_url=url, redis_url=settings.redis_url, flight_wait_ms_max=settings.flight_wait_ms_max)
