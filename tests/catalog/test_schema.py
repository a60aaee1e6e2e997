"""Migrations and models make the same tables, down to what Alembic does not compare; every key begins with event_id."""

from collections.abc import AsyncIterator, Mapping, Sequence

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.database import open_engine
from boxoffice.settings import Settings
from boxoffice.tables import Base

CONSTRAINTS = """
    SELECT c.conrelid::regclass::text AS relation, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
    WHERE r.relnamespace = 'public'::regnamespace AND r.relname <> 'alembic_version'
"""
INDEXES = """
    SELECT tablename AS relation, indexname AS name, indexdef AS definition
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
COLUMNS = """
    SELECT a.attrelid::regclass::text AS relation, a.attname AS name,
        concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid)) AS definition
    FROM pg_attribute a
    JOIN pg_class r ON r.oid = a.attrelid AND r.relkind = 'r'
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE r.relnamespace = 'public'::regnamespace AND r.relname <> 'alembic_version' AND a.attnum > 0
"""
STORAGE = """
    SELECT relname AS relation, 'storage' AS name, coalesce(array_to_string(reloptions, ','), '') AS definition
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""
ALL_OF_IT = " UNION ALL ".join((CONSTRAINTS, INDEXES, COLUMNS, STORAGE))

# Unique constraints and primary keys are unique indexes too; foreign keys are named by the columns that refer.
KEYS = """
    SELECT i.indrelid::regclass::text AS relation, i.indexrelid::regclass::text AS name, a.attname AS first_column
    FROM pg_index i
    JOIN pg_class r ON r.oid = i.indrelid AND r.relnamespace = 'public'::regnamespace
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indisunique AND r.relname <> 'alembic_version'
    UNION ALL
    SELECT c.conrelid::regclass::text, c.conname, a.attname
    FROM pg_constraint c
    JOIN pg_class r ON r.oid = c.conrelid AND r.relnamespace = 'public'::regnamespace
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f'
"""
BEGIN_OTHERWISE = {
    ("events", "events_pkey", "id"),
    ("ticket_type", "ticket_type_pkey", "id"),
    ("event_ticket_type", "event_ticket_type_ticket_type_id_fkey", "ticket_type_id"),
}
"""An event's id is the event_id of the others; ticket types are a reference table, the same on every node."""

SEES_PARTS = pytest.mark.one_node
"""On a cluster the parts of tables that a node keeps can be seen beside the tables."""


@pytest.fixture
async def empty_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of its own without any table."""
    assert settings.database_url is not None
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("DROP DATABASE IF EXISTS other_schema")
    await connection.execute("CREATE DATABASE other_schema")
    url = make_url(settings.database_url).set(database="other_schema").render_as_string(hide_password=False)
    opened = open_engine(Settings(database_url=url))
    yield opened
    await opened.dispose()
    await connection.execute("DROP DATABASE other_schema")
    await connection.close()


async def read_schema(engine: AsyncEngine) -> Mapping[tuple[str, str], str]:
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(ALL_OF_IT)
        return {(row.relation, row.name): row.definition for row in rows}


@SEES_PARTS
async def test_autogenerate_finds_nothing_to_do(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> Sequence[object]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@SEES_PARTS
async def test_models_and_migrations_make_the_same_schema(engine: AsyncEngine, empty_engine: AsyncEngine) -> None:
    async with empty_engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    migrated = await read_schema(engine)
    assert migrated == await read_schema(empty_engine)
    checks = {name for (_, name), definition in migrated.items() if definition.startswith("CHECK")}
    assert {"consumption_within_limit", "consumption_tt_within_limit", "reservation_paid_in_time"} < checks
    assert migrated["consumption", "storage"] == migrated["consumption_tt", "storage"] == "fillfactor=50"
    assert migrated["reservation", "reservation_unpaid"].endswith("WHERE (paid_at IS NULL)")


async def test_every_migration_goes_up_and_down(empty_engine: AsyncEngine) -> None:
    def up_and_down(connection: Connection) -> None:
        scripts = list(ScriptDirectory("src/boxoffice/migrations").walk_revisions())
        with Operations.context(MigrationContext.configure(connection)):
            for script in reversed(scripts):
                script.module.upgrade()
            for script in scripts:
                script.module.downgrade()

    async with empty_engine.begin() as connection:
        await connection.run_sync(up_and_down)
    assert await read_schema(empty_engine) == {}


@SEES_PARTS
async def test_every_key_begins_with_event_id(pool: asyncpg.Pool) -> None:
    keys = {(row["relation"], row["name"], row["first_column"]) for row in await pool.fetch(KEYS)}
    assert {key for key in keys if key[2] != "event_id"} == BEGIN_OTHERWISE
    assert {relation for relation, _, _ in keys} == set(Base.metadata.tables)
