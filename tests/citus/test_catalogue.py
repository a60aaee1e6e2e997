"""By what PostgreSQL says of them the tables can be distributed by Citus; each rule finds a table that breaks it."""

from collections.abc import AsyncIterator, Mapping

import asyncpg
import pytest

from boxoffice.distribution import DISTRIBUTED_TABLES, REFERENCE_TABLES
from boxoffice.tables import Base

# Each rule is a query that names what breaks it, among the tables that are given with the columns of their events.
GIVEN = """
    WITH given AS (
        SELECT to_regclass(g.name)::oid AS id, g.name, a.attnum AS place, a.atttypid AS kind, g.event
        FROM unnest($1::text[], $2::text[]) AS g (name, event)
        JOIN pg_attribute a ON a.attrelid = to_regclass(g.name) AND a.attname = g.event
    )
"""
RULES: Mapping[str, str] = {
    "a unique index without the event": """
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN given g ON g.id = i.indrelid
        WHERE (i.indisunique OR i.indisexclusion) AND NOT g.place = ANY (i.indkey::int2[])
    """,
    "a table without a primary key": """
        SELECT g.name FROM given g WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = g.id AND i.indisprimary)
    """,
    "a foreign key to another distributed table in which event does not stand for event": """
        SELECT c.conname FROM pg_constraint c JOIN given g ON g.id = c.conrelid JOIN given r ON r.id = c.confrelid
        WHERE c.contype = 'f' AND array_position(c.conkey, g.place) IS DISTINCT FROM array_position(c.confkey, r.place)
            OR c.contype = 'f' AND NOT g.place = ANY (c.conkey)
    """,
    "a foreign key to a table that is neither distributed nor on all nodes": """
        SELECT c.conname FROM pg_constraint c JOIN given g ON g.id = c.conrelid
        WHERE c.contype = 'f' AND c.confrelid NOT IN (SELECT id FROM given)
            AND c.confrelid <> ALL (CAST($3::text[] AS regclass[])::oid[])
    """,
    "a foreign key from a table that is not distributed": """
        SELECT c.conname FROM pg_constraint c JOIN given g ON g.id = c.confrelid
        WHERE c.contype = 'f' AND c.conrelid NOT IN (SELECT id FROM given)
    """,
    "a foreign key that sets columns when what it names is deleted or changed": """
        SELECT c.conname FROM pg_constraint c JOIN given g ON g.id = c.conrelid
        WHERE c.contype = 'f' AND (c.confdeltype IN ('n', 'd') OR c.confupdtype IN ('n', 'd', 'c'))
    """,
    "events of different types": """
        SELECT g.name FROM given g WHERE g.kind <> 'bigint'::regtype
    """,
    "an identity or a sequence that is no bigint: each node has a range of its own": """
        SELECT a.attname::text FROM pg_attribute a JOIN given g ON g.id = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.atttypid <> 'bigint'::regtype
            AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')
    """,
    "a trigger": """
        SELECT t.tgname::text FROM pg_trigger t JOIN given g ON g.id = t.tgrelid WHERE NOT t.tgisinternal
    """,
    "a rule or a policy": """
        SELECT r.rulename::text FROM pg_rewrite r JOIN given g ON g.id = r.ev_class
        UNION ALL
        SELECT p.polname::text FROM pg_policy p JOIN given g ON g.id = p.polrelid
    """,
    "a table that inherits or is partitioned": """
        SELECT g.name FROM given g JOIN pg_class c ON c.oid = g.id
        WHERE c.relkind <> 'r' OR EXISTS (SELECT FROM pg_inherits h WHERE g.id IN (h.inhrelid, h.inhparent))
    """,
}
BREAKS: Mapping[str, str] = {
    "a unique index without the event": "CREATE UNIQUE INDEX broken ON tickets (id)",
    "a table without a primary key": "ALTER TABLE consumption DROP CONSTRAINT consumption_pkey",
    "a foreign key to another distributed table in which event does not stand for event": (
        "ALTER TABLE tickets ADD COLUMN of_event bigint;"
        "ALTER TABLE tickets ADD CONSTRAINT broken FOREIGN KEY (of_event) REFERENCES events (id)"
    ),
    "a foreign key to a table that is neither distributed nor on all nodes": (
        "CREATE TABLE seat (id bigint PRIMARY KEY);"
        "ALTER TABLE tickets ADD CONSTRAINT broken FOREIGN KEY (event_id) REFERENCES seat (id)"
    ),
    "a foreign key from a table that is not distributed": "CREATE TABLE seat (event_id bigint REFERENCES events (id))",
    "a foreign key that sets columns when what it names is deleted or changed": (
        "ALTER TABLE event_import"
        " ADD CONSTRAINT broken FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE SET NULL"
    ),
    "events of different types": (
        "ALTER TABLE event_import DROP CONSTRAINT event_import_event_id_fkey;"
        "ALTER TABLE event_import ALTER COLUMN event_id TYPE integer"
    ),
    "an identity or a sequence that is no bigint: each node has a range of its own": (
        "ALTER TABLE consumption ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY"
    ),
    "a trigger": (
        "CREATE TRIGGER broken BEFORE UPDATE ON consumption"
        " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "a rule or a policy": "CREATE POLICY broken ON tickets",
    "a table that inherits or is partitioned": "CREATE TABLE tickets_of_old () INHERITS (tickets)",
}


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the migrated schema; what a test does to it is undone."""
    opened = await asyncpg.connect(database_url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


async def broken(connection: asyncpg.Connection, rule: str) -> list[str]:
    """Return what breaks a rule."""
    names, columns = list(DISTRIBUTED_TABLES), list(DISTRIBUTED_TABLES.values())
    # A parameter needs a type also where a rule does not ask for it.
    query = f"{GIVEN} SELECT * FROM ({RULES[rule]}) AS of_rule (broken) WHERE cardinality($3::text[]) > 0"  # noqa: S608 - of this file
    return [row["broken"] for row in await connection.fetch(query, names, columns, list(REFERENCE_TABLES))]


def test_every_table_is_distributed_or_on_all_nodes() -> None:
    assert {*DISTRIBUTED_TABLES, *REFERENCE_TABLES} == set(Base.metadata.tables)


@pytest.mark.parametrize("rule", RULES)
async def test_the_tables_can_be_distributed(connection: asyncpg.Connection, rule: str) -> None:
    assert await broken(connection, rule) == []


@pytest.mark.one_node  # a cluster refuses to make most of what breaks a rule
@pytest.mark.parametrize("rule", RULES)
async def test_control_a_table_that_breaks_a_rule_is_found(connection: asyncpg.Connection, rule: str) -> None:
    await connection.execute(BREAKS[rule])
    assert await broken(connection, rule) != []
