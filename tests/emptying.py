"""Emptying the database between tests: by TRUNCATE, or by what costs a fiftieth of it while there is little in it."""

import asyncpg

from boxoffice.tables import Base

LITTLE_BYTES = 1_000_000
TABLES = Base.metadata.sorted_tables
NAMES = [table.name for table in TABLES]
IDENTITIES = [(table.name, column.name) for table in TABLES for column in table.columns if column.identity]

EMPTY_ALL = f"TRUNCATE {', '.join(NAMES)} RESTART IDENTITY CASCADE"
"""After this the tables are as they were made, with no trace of what was in them."""


def _emptying(truncate: str, *besides: str) -> str:
    """Return the statement that does so when no transaction works with the tables any more, and something besides."""
    deletes = "; ".join(f"DELETE FROM {name}" for name in reversed(NAMES))  # noqa: S608 - the names are ours
    sizes = " + ".join(f"pg_relation_size('{name}')" for name in NAMES)
    return f"""
        DO $$ BEGIN
            LOCK TABLE {", ".join(NAMES)} IN ACCESS EXCLUSIVE MODE;
            IF {sizes} < {LITTLE_BYTES} THEN {deletes}; ELSE {truncate}; END IF;
            {"".join(f"PERFORM {each}; " for each in besides)}
        END $$
    """


def restarted(table: str, column: str, at: int) -> str:
    """Return the expression that has a column's next number be this one."""
    return f"setval(pg_get_serial_sequence('{table}', '{column}'), {at}, false)"


EMPTY = _emptying(EMPTY_ALL, *(restarted(table, column, 1) for table, column in IDENTITIES))
"""All tables are empty, and all numbers start again at 1. Dead rows may be left in the tables."""
EMPTY_KEEPING_IDS = _emptying(f"TRUNCATE {', '.join(NAMES)} CONTINUE IDENTITY CASCADE")
"""The same, but numbers go on."""


async def empty(database_url: str, statement: str = EMPTY) -> None:
    """Empty all tables, by one of the statements above."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
