"""Citus: where the database has the extension, the tables are distributed over its nodes by event. docs/citus.md.

All that belongs to one event lies on one node, so that a booking is one transaction of that node. Types of tickets are
the same for all events: every node has a copy. Without the extension nothing here does anything.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice import schema
from boxoffice.booking import hold_in_steps
from boxoffice.data_nodes import DataNodes
from boxoffice.database import CHANGE_MS_MAX, first_line, one_connection, reachable_engine
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings
from boxoffice.tables import Base

REFERENCE_TABLES = ("ticket_type",)
"""On every node whole: small, shared by all events, hardly ever written."""
ANCHOR = "events"
"""The first of the tables that are distributed; the parts of the others lie where its parts do."""
DISTRIBUTED_TABLES = {
    ANCHOR: "id",
    "event_date": "event_id",
    "event_ticket_type": "event_id",
    "event_import": "event_id",
    "reservation": "event_id",
    "tickets": "event_id",
    "consumption": "event_id",
    "consumption_tt": "event_id",
}
"""The column by which each is distributed; those that others refer to come first."""

# A node that has lost the one that it works for must not keep locks, or wait for them, for ever. Settings of a session
# do not reach the other nodes; those of the role do, because the nodes connect to each other as the same role.
ROLE_SETTINGS = {
    # Otherwise every look into the catalogue is rewritten: the driver's first one takes half a second a connection.
    "citus.override_table_visibility": "off",
    # One connection to each node for a transaction. What has looked at many events over several connections may no
    # longer add a ticket type, which is the same on all nodes: an import does both.
    "citus.multi_shard_modify_mode": "sequential",
    "lock_timeout": f"{CHANGE_MS_MAX}ms",
    "idle_in_transaction_session_timeout": f"{CHANGE_MS_MAX}ms",
}

# Where the distributed tables lie while those on one node are made and filled.
ASIDE = "boxoffice_aside"
# What is there already goes over the network to its node, within one statement for each table.
DISTRIBUTING_MS_MAX = 6 * 3_600_000

HAS_CITUS = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
IS_DISTRIBUTED = text("SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass('reservation'))")
DISTRIBUTED = text("SELECT logicalrelid::regclass::text FROM pg_dist_partition")
FOREIGN_KEYS = text("""
    SELECT conrelid::regclass::text AS of_table, conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY (CAST(CAST(:tables AS text[]) AS regclass[]))
    ORDER BY conrelid, conname
""")
ON_ALL_NODES = text("SELECT nodeid, success, result FROM run_command_on_all_nodes(:command)")
SEQUENCE_OF = text("SELECT pg_get_serial_sequence(:table, :column)")
ROLE_AND_DATABASE = text("SELECT quote_ident(current_user) AS role, quote_ident(current_database()) AS database")


async def migrate(settings: Settings) -> bool:
    """Bring the database to the newest schema, and distribute its tables where it has the citus extension.

    Returns whether it is distributed. Repeatable; what is sold already is kept. Raises CannotStart.
    """
    await schema.migrate(settings)
    async with _working(settings, "distributed") as engine:
        async with engine.begin() as connection:
            if not await _has_citus(connection):
                return False
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": schema.MIGRATION_LOCK})
            await _distribute(connection)
        await _tell_role(engine, [f"SET {name} = '{value}'" for name, value in ROLE_SETTINGS.items()])
    return True


async def undistribute(settings: Settings) -> bool:
    """Bring all tables back to the node of DATABASE_URL, with what is sold; return whether there was anything to do.

    Repeatable. Raises CannotStart.
    """
    async with _working(settings, "undistributed") as engine:
        async with engine.begin() as connection:
            if not await _is_distributed(connection):
                return False
            await _bring_back(connection)
        await _tell_role(engine, [f"RESET {name}" for name in ROLE_SETTINGS])
    return True


async def is_distributed(nodes: DataNodes) -> bool:
    """Tell whether the tables are distributed, asking one of the nodes. Raises CannotStart."""
    async with one_connection(nodes) as connection:
        return bool(await connection.fetchval(HAS_CITUS.text)) and bool(await connection.fetchval(IS_DISTRIBUTED.text))


async def _distribute(connection: AsyncConnection) -> None:
    """Distribute what is not yet, all of it or nothing; the foreign keys between the tables are kept."""
    there = set((await connection.execute(DISTRIBUTED)).scalars())
    missing = [name for name in (*REFERENCE_TABLES, *DISTRIBUTED_TABLES) if name not in there]
    # Several tables that refer to each other cannot be changed in parallel within one transaction.
    await connection.execute(text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"))
    if missing:
        keys = (await connection.execute(FOREIGN_KEYS, {"tables": [*DISTRIBUTED_TABLES]})).all()
        for key in keys:
            await connection.execute(text(f"ALTER TABLE {key.of_table} DROP CONSTRAINT {key.name}"))
        for name in missing:
            await _distribute_table(connection, name)
        for key in keys:
            await connection.execute(text(f"ALTER TABLE {key.of_table} ADD CONSTRAINT {key.name} {key.definition}"))
    await connection.exec_driver_sql(hold_in_steps.create_function())
    await connection.execute(
        text("SELECT create_distributed_function(CAST(:name AS regprocedure), :argument, colocate_with => :anchor)"),
        {"name": hold_in_steps.SIGNATURE, "argument": hold_in_steps.EVENT, "anchor": ANCHOR},
    )


async def _bring_back(connection: AsyncConnection) -> None:
    """Make the tables anew on this node and fill them, all of it or nothing.

    Citus would bring back a table itself, but none that has an identity column.
    """
    await connection.execute(text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"))
    await connection.execute(text(f"DROP FUNCTION IF EXISTS {hold_in_steps.SIGNATURE}"))
    await connection.execute(text(f"CREATE SCHEMA {ASIDE}"))
    for table in reversed(Base.metadata.sorted_tables):
        await connection.execute(text(f"ALTER TABLE {table.name} SET SCHEMA {ASIDE}"))
    await connection.run_sync(Base.metadata.create_all)
    for table in Base.metadata.sorted_tables:
        columns = ", ".join(column.name for column in table.columns)
        copy = f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {ASIDE}.{table.name}"  # noqa: S608 - our own names
        await connection.execute(text(copy))
        for column in table.columns:
            if column.identity:
                await _go_on_counting(connection, table.name, column.name)
    await connection.execute(text(f"DROP SCHEMA {ASIDE} CASCADE"))


async def _go_on_counting(connection: AsyncConnection, table: str, column: str) -> None:
    """Have a new identity go on where the one before stands, so that no id is given twice."""
    before = (await connection.execute(SEQUENCE_OF, {"table": f"{ASIDE}.{table}", "column": column})).scalar_one()
    now = (await connection.execute(SEQUENCE_OF, {"table": table, "column": column})).scalar_one()
    go_on = f"SELECT setval(CAST(:now AS regclass), last_value, is_called) FROM {before}"  # noqa: S608 - the database's own name
    await connection.execute(text(go_on), {"now": now})


async def _distribute_table(connection: AsyncConnection, name: str) -> None:
    if name in REFERENCE_TABLES:
        await connection.execute(text("SELECT create_reference_table(CAST(:name AS regclass))"), {"name": name})
        return
    await connection.execute(
        text("SELECT create_distributed_table(CAST(:name AS regclass), :column, colocate_with => :beside)"),
        {"name": name, "column": DISTRIBUTED_TABLES[name], "beside": "none" if name == ANCHOR else ANCHOR},
    )


async def _has_citus(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(HAS_CITUS)).scalar_one())


async def _is_distributed(connection: AsyncConnection) -> bool:
    return await _has_citus(connection) and bool((await connection.execute(IS_DISTRIBUTED)).scalar_one())


async def _tell_role(engine: AsyncEngine, changes: Sequence[str]) -> None:
    """Change settings of the role, for this database, on every node. Not part of any transaction, but repeatable."""
    async with engine.begin() as connection:
        of = (await connection.execute(ROLE_AND_DATABASE)).one()
        for change in changes:
            # Each node is told, and none passes it on: they would wait for each other.
            command = (
                "SET citus.enable_alter_role_set_propagation = off;"
                f" ALTER ROLE {of.role} IN DATABASE {of.database} {change}"
            )
            answers = (await connection.execute(ON_ALL_NODES, {"command": command})).all()
            refused = [f"node {answer.nodeid}: {answer.result}" for answer in answers if not answer.success]
            if refused:
                raise CannotStart(f"the role cannot be told {change}: {'; '.join(refused)}")


@asynccontextmanager
async def _working(settings: Settings, done: str) -> AsyncIterator[AsyncEngine]:
    async with reachable_engine(settings, DISTRIBUTING_MS_MAX) as engine:
        try:
            yield engine
        except DBAPIError as error:
            raise CannotStart(f"the tables cannot be {done}: {first_line(error)}") from error
