"""Migrations without downtime: this program on a schema that is ahead of it by migrations which only add.

They happen while it sells, and another process of this program starts on the newer schema afterwards.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest
from sqlalchemy import make_url

from boxoffice.errors import CannotStart
from boxoffice.schema import check_schema, migrate
from boxoffice.settings import Settings
from tests.concurrency.buyers import pay, rush
from tests.concurrency.rush_ledger import Ledger
from tests.concurrency.rush_line import Line, closing
from tests.concurrency.rush_sale import LIMITS, TICKETS, assert_sold_exactly, put_rush
from tests.conftest import StartServices

AT_TICKETS_HELD = 200
ADDED_TO = ("reservation", "tickets", "consumption", "consumption_tt", "event_date", "events")
FIRST, SECOND = "9001", "9002"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
ADDS = """
'''Adds columns, with and without a default, to one table: no two that are in use are locked at once.'''

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = depends_on = None
{oldest}


def upgrade():
    op.execute("ALTER TABLE {table} ADD COLUMN noted text, ADD COLUMN counted bigint NOT NULL DEFAULT 7")
"""


def write_migration(folder: Path, *, revision: str, before: str, oldest: str, table: str = "tickets") -> str:
    """Put a migration into a folder, and return its revision; `oldest` is what it says of older programs."""
    folder.mkdir(exist_ok=True)
    (folder / f"{revision}.py").write_text(ADDS.format(revision=revision, before=before, oldest=oldest, table=table))
    return revision


@pytest.fixture
async def own(settings: Settings) -> AsyncIterator[Settings]:
    """Settings of a database of its own, migrated to what this program needs."""
    assert settings.database_url is not None
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("DROP DATABASE IF EXISTS ahead WITH (FORCE)")
    await connection.execute("CREATE DATABASE ahead")
    url = make_url(settings.database_url).set(database="ahead").render_as_string(hide_password=False)
    made = Settings(database_url=url)
    await migrate(made)
    yield made
    await connection.execute("DROP DATABASE ahead WITH (FORCE)")
    await connection.close()


async def newest_of(own: Settings) -> str:
    """Return the revision of this program."""
    assert own.database_url is not None
    connection = await asyncpg.connect(own.database_url)
    revision = str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    await connection.close()
    return revision


async def test_a_migration_that_only_adds_happens_while_tickets_are_sold(
    services: StartServices, own: Settings, tmp_path: Path
) -> None:
    newest = last = await newest_of(own)
    for number, table in enumerate(ADDED_TO, start=int(FIRST)):
        oldest = f'oldest_program = "{newest}"'
        last = write_migration(tmp_path / "more", revision=str(number), before=last, oldest=oldest, table=table)
    (before,) = await services(database_url=own.database_url)
    async with asyncpg.create_pool(own.database_url, min_size=1, max_size=2) as pool:
        migrations: list[asyncio.Task[None]] = []

        def migrate_now() -> None:
            migrations.append(asyncio.create_task(migrate(own, [tmp_path / "more"])))

        date_key = await put_rush(pool)
        ledger = Ledger(TICKETS, LIMITS, [(AT_TICKETS_HELD, migrate_now)])
        await rush([before], date_key, ledger, seed=0, on_held=pay)
        await migrations[0]
        assert await newest_of(own) == last
        assert await pool.fetchval(DEADLOCKS) == 0
        await assert_sold_exactly(pool, own.database_url or "", date_key, ledger)
        (after,) = await services(database_url=own.database_url)
        await everything_else_works(after.url)
        await everything_else_works(before.url)


async def everything_else_works(url: str) -> None:
    """Make an event, look at it, change it, hold of it and let go."""
    line = Line(url)
    async with closing([line]):
        dates = [{"date": "2090-05-01", "startTime": "20:00"}]
        new = {"name": "Later", "timeZone": "UTC", "maxTickets": 9, "numShards": 2, "dates": dates}
        new["ticketTypes"] = [{"tickettypeId": 1}]
        made = await line.admin("POST", "/events", new)
        assert made.status == 201, made
        place = f"/events/{msgspec.json.decode(made.body)['id']}"
        assert (await line.ask("GET", place)).status == 200
        assert (await line.ask("GET", "/events")).status == 200
        changed = await line.admin("PATCH", place, {"maxTickets": 11, "numShards": 3})
        assert changed.status == 200, changed
        held = await line.ask("POST", f"{place}/2090-05-01/20:00", [{"tickettypeId": 1, "quantity": 11}])
        assert held.status == 201, held
        assert (await line.ask("GET", held.headers["location"])).status == 200
        assert (await line.ask("DELETE", held.headers["location"])).status == 204


@pytest.mark.parametrize("oldest", ["", 'oldest_program = "9002"'], ids=["says nothing", "says the newest"])
async def test_control_a_migration_that_does_not_only_add_lets_no_older_program_start(
    own: Settings, tmp_path: Path, oldest: str
) -> None:
    newest = await newest_of(own)
    write_migration(tmp_path / "more", revision=FIRST, before=newest, oldest=f'oldest_program = "{newest}"')
    await migrate(own, [tmp_path / "more"])
    await check_schema(own)
    write_migration(tmp_path / "more", revision=SECOND, before=FIRST, oldest=oldest, table="events")
    await migrate(own, [tmp_path / "more"])
    with pytest.raises(CannotStart, match="the database has schema 9002"):
        await check_schema(own)


async def test_a_migration_gives_up_rather_than_keep_everybody_waiting(own: Settings, tmp_path: Path) -> None:
    newest = await newest_of(own)
    write_migration(tmp_path / "more", revision=SECOND, before=newest, oldest="")
    assert own.database_url is not None
    reader = await asyncpg.connect(own.database_url)
    async with reader.transaction():
        await reader.execute("LOCK TABLE tickets IN ACCESS SHARE MODE")  # as a long reading of it does
        with pytest.raises(CannotStart, match="lock timeout"):
            await migrate(own, [tmp_path / "more"])
    await reader.close()
    assert await newest_of(own) == newest
    await migrate(own, [tmp_path / "more"])
    assert await newest_of(own) == SECOND
