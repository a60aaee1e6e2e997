"""Control of the tests' own: what one of them leaves in the tables, much or little, no other one meets."""

import asyncpg
import pytest

from tests.emptying import EMPTY, EMPTY_KEEPING_IDS, LITTLE_BYTES, NAMES
from tests.world import put_event

pytestmark = pytest.mark.one_node  # a cluster's tables are always emptied by TRUNCATE

SIZES = " + ".join(f"pg_relation_size('{name}')" for name in NAMES)
ROWS = " + ".join(f"(SELECT count(*) FROM {name})" for name in NAMES)  # noqa: S608 - the names are ours
MUCH = "INSERT INTO ticket_type (id, name) SELECT id, repeat('x', 200) FROM generate_series(100, 6000) id"


async def rows_of(pool: asyncpg.Pool) -> int:
    found: int = await pool.fetchval(f"SELECT {ROWS}")
    return found


@pytest.mark.parametrize(("statement", "goes_on"), [(EMPTY, False), (EMPTY_KEEPING_IDS, True)])
@pytest.mark.parametrize("much", [False, True])
async def test_all_tables_are_empty(pool: asyncpg.Pool, statement: str, goes_on: bool, much: bool) -> None:
    first = (await put_event(pool, max_tickets=10)).event_id
    if much:
        await pool.execute(MUCH)
    assert await rows_of(pool) > 3
    assert (await pool.fetchval(f"SELECT {SIZES}") > LITTLE_BYTES) == much
    await pool.execute(statement)
    assert await rows_of(pool) == 0
    assert (await put_event(pool, max_tickets=10)).event_id == first + goes_on


async def test_what_was_not_committed_is_waited_for(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as other:
        late = other.transaction()
        await late.start()
        await other.execute("INSERT INTO ticket_type (name) VALUES ('late')")
        async with pool.acquire() as emptying:
            await emptying.execute("SET lock_timeout = 100")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await emptying.execute(EMPTY)
            await emptying.execute("RESET lock_timeout")
        await late.commit()
    await pool.execute(EMPTY)
    assert await rows_of(pool) == 0
