"""The service on a distributed database, under load: nothing that was answered is lost, whatever becomes of the nodes.

By `make test-citus` on a cluster; `make test` runs on plain PostgreSQL what can be run there.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from boxoffice import distribution
from boxoffice.booking.hold import book
from boxoffice.booking.hold_in_steps import HOLD_IN_STEPS, book_in_steps
from boxoffice.data_nodes import DataNodes
from boxoffice.database import open_pool
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.hold_flight import Book
from boxoffice.schema import migrate
from boxoffice.settings import Settings
from boxoffice.tables import Base
from boxoffice.values import DateKey
from tests.booking.stock import OVER_ALL_EVENTS, STATEMENTS, arguments_of, fill
from tests.citus import cluster, load
from tests.citus.cluster import adds_a_worker, loses_a_worker, nodes_of_events, only_citus, tasks_of
from tests.citus.test_lint import NOT_FOLLOWED
from tests.concurrency.rush_ledger import now
from tests.concurrency.rush_line import Line, closing
from tests.conftest import CITUS_DSN, MEASURED, Service, StartServices
from tests.waiting import pass_time, until
from tests.world import Type, plan_of, put_event, sums_of
from tests.world import book as sell

FLIGHTS = (1, 32)
MOVE_SECONDS_MAX = 300.0
PLACES = "SELECT count(DISTINCT colocation_id) FROM citus_tables WHERE citus_table_type = 'distributed'"
# Of the tables, not of their parts, which can be seen beside them where the coordinator keeps some.
KEYS = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (CAST($1::text[] AS regclass[]))"
OF_NODE = "SELECT count(*) FROM citus_shards WHERE (nodename, nodeport) = ($1, $2)"
ROLE = """
    SELECT result FROM run_command_on_all_nodes($$
        SELECT s.setconfig::text FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE s.setrole = current_user::regrole AND d.datname = current_database()
    $$)
"""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def service(services: StartServices, database_url: str) -> Service:
    """A service of two processes, on all nodes that are known."""
    (started,) = await services(workers=2, hold_seconds=load.HOLD_SECONDS, data_urls=cluster.NODES or database_url)
    return started


@only_citus
async def test_each_statement_of_one_event_is_one_task_of_one_node(connection: asyncpg.Connection) -> None:
    await connection.execute(fill(dates=10, reservations=4_000))
    found = {
        name: await tasks_of(connection, text, await arguments_of(connection, name))
        for name, text in STATEMENTS.items()
        if name not in OVER_ALL_EVENTS | NOT_FOLLOWED
    }
    found["the call of the function"] = await tasks_of(
        connection, HOLD_IN_STEPS, await arguments_of(connection, "hold")
    )
    assert found == {name: [1] for name in found}


@only_citus
async def test_control_what_is_not_followed_is_many_tasks(connection: asyncpg.Connection) -> None:
    await connection.execute(fill(dates=10, reservations=4_000))
    for name in NOT_FOLLOWED:
        assert len(await tasks_of(connection, STATEMENTS[name], await arguments_of(connection, name))) > 1


async def test_migrating_again_and_undoing_keep_what_is_sold(settings: Settings, pool: asyncpg.Pool) -> None:
    """A populated database: undone where it is distributed, and distributed again with all that is in it."""
    keys = [await put_event(pool, max_tickets=10, types=[Type(limit=5)]) for _ in range(load.EVENTS)]
    for key in keys:
        await sell(pool, key.event_id, [plan_of(key, [(1, 3)])], 60)
    assert await distribution.undistribute(settings) is bool(CITUS_DSN)
    assert await distribution.undistribute(settings) is False
    assert await distribution.is_distributed(DataNodes([settings.nodes[0]])) is False
    await pool.expire_connections()
    for key in keys:
        await book(pool, key.event_id, [plan_of(key, [(1, 1)])], 60)
    for _ in range(2):
        assert await distribution.migrate(settings) is bool(CITUS_DSN)
    assert await distribution.is_distributed(DataNodes([settings.nodes[0]])) is bool(CITUS_DSN)
    await pool.expire_connections()
    for key in keys:
        await sell(pool, key.event_id, [plan_of(key, [(1, 1)])], 60)
        assert (await sums_of(pool, key.event_id)).tickets == 5


@only_citus
async def test_tables_keys_and_role_are_as_they_should_be(connection: asyncpg.Connection) -> None:
    kinds = dict(map(tuple, await connection.fetch("SELECT table_name::text, citus_table_type FROM citus_tables")))
    assert kinds == {
        **dict.fromkeys(distribution.DISTRIBUTED_TABLES, "distributed"),
        **dict.fromkeys(distribution.REFERENCE_TABLES, "reference"),
    }
    assert await connection.fetchval(PLACES) == 1
    keys = {key for table in Base.metadata.tables.values() for key in table.foreign_key_constraints}
    assert await connection.fetchval(KEYS, list(Base.metadata.tables)) == len(keys)
    for told in (row["result"] for row in await connection.fetch(ROLE)):
        assert all(name in told for name in distribution.ROLE_SETTINGS)


async def test_resharding_while_it_sells_loses_nothing(service: Service, database_url: str) -> None:
    async def reshard(event_ids: Sequence[int]) -> None:
        line = Line(service.url)
        async with closing([line]):
            for num_shards in (7, 2):
                for event_id in event_ids:
                    answer = await line.admin("PATCH", f"/events/{event_id}", {"numShards": num_shards})
                    assert answer.status == 200, answer.body

    sold = await load.sell_meanwhile(service, database_url, reshard, cluster.SECONDS)
    assert sold.untrue == []


@loses_a_worker
async def test_a_worker_lost_under_load_stops_its_events_only(
    service: Service, database_url: str, connection: asyncpg.Connection
) -> None:
    lost_at = back_at = 0.0

    async def lose(event_ids: Sequence[int]) -> None:
        nonlocal lost_at, back_at
        assert len(set((await nodes_of_events(connection, event_ids)).values())) > 1
        await cluster.run(cluster.LOSE or "")
        lost_at = now()
        await pass_time(max(5.0, cluster.SECONDS))
        back_at = now()
        await cluster.run(cluster.RETURN or "")

    sold = await load.sell_meanwhile(service, database_url, lose, max(5.0, cluster.SECONDS))
    during = sold.held_between(lost_at + 2.0, back_at)
    assert during
    assert during < set(sold.event_ids)
    assert sold.held_between(back_at, now()) == set(sold.event_ids)
    assert sold.untrue == []


@adds_a_worker
async def test_a_worker_added_under_load_takes_events_over(
    service: Service, database_url: str, connection: asyncpg.Connection
) -> None:
    host, _, port = (cluster.ADD or "").partition(":")

    async def add(event_ids: Sequence[int]) -> None:
        await connection.execute("SELECT citus_add_node($1, $2)", host, int(port))
        await _moved(connection, "SELECT rebalance_table_shards(shard_transfer_mode => 'block_writes')")

    try:
        sold = await load.sell_meanwhile(service, database_url, add, max(5.0, cluster.SECONDS))
        shards = await connection.fetchval(OF_NODE, host, int(port))
    finally:
        drain = "SELECT citus_drain_node($1, $2, shard_transfer_mode => 'block_writes')"
        await _moved(connection, drain, host, int(port))
        await connection.execute("SELECT citus_remove_node($1, $2)", host, int(port))
    assert shards > 0
    assert sold.untrue == []


async def _moved(connection: asyncpg.Connection, move: str, *arguments: object) -> None:
    """Have parts of tables moved; Citus refuses while it still cleans up after the move before."""

    async def moved() -> bool:
        try:
            await connection.execute(move, *arguments)
        except asyncpg.InternalServerError as error:
            if "leftover from the previous move" not in str(error):
                raise
            return False
        return True

    await until(moved, seconds_max=MOVE_SECONDS_MAX)


async def test_the_rate_beside_plain_postgres(
    settings: Settings, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Holds a second, of flights of one and of many, by the booking statements alone; nobody judges the figures."""
    with plain_beside(settings, tmp_path) as plain:
        await migrate(plain)
        for flight in FLIGHTS:
            beside = await _rate(plain, book, flight)
            here = await _rate(settings, book_in_steps, flight, distributed=True) if CITUS_DSN else beside
            of = f"{here:,.0f} holds/s on Citus" if CITUS_DSN else "no Citus"
            record_property(MEASURED, f"flights of {flight}: {of}, {beside:,.0f} holds/s on plain PostgreSQL")
            assert min(here, beside) > 0


@contextmanager
def plain_beside(settings: Settings, folder: Path) -> Iterator[Settings]:
    """A plain PostgreSQL: the one of the tests, or where that is a cluster one of our own on this machine."""
    if not CITUS_DSN:
        yield settings
        return
    server = EmbeddedPostgres(folder / "plain")
    server.start()
    try:
        yield Settings(database_url=server.url)
    finally:
        server.stop()


async def _rate(settings: Settings, book: Book, flight: int, *, distributed: bool = False) -> float:
    """Book flights of several events side by side, on as many connections as a process has."""
    async with await open_pool(settings, DataNodes(settings.nodes), distributed=distributed) as pool:
        keys = [await put_event(pool, max_tickets=10**6, shards=1) for _ in range(settings.database_connections_max)]
        ends_at, held = time.monotonic() + cluster.SECONDS, 0

        async def sell(key: DateKey) -> None:
            nonlocal held
            while time.monotonic() < ends_at:
                claim, _ = await book(pool, key.event_id, [plan_of(key, [(1, 1)]) for _ in range(flight)], 3_600)
                held += len(claim.ids)

        began = time.monotonic()
        await asyncio.gather(*map(sell, keys))
        return held / (time.monotonic() - began)
