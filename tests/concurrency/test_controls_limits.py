"""A limit is kept twice: by the hold's own condition and by the CHECK. Each alone is enough; without both, oversell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from boxoffice.booking.audit import audit
from boxoffice.booking.hold import PlanDoesNotHold, book
from boxoffice.booking.statements import HOLD
from tests.concurrency.weakened import (
    HOLD_WITHOUT_CONDITION_OF_TOTAL,
    HOLD_WITHOUT_CONDITION_OF_TYPE,
    without_check,
)
from tests.world import Type, plan_of, put_event

LIMIT = 7
BUYERS = 30
OF_TOTAL = ("consumption", HOLD_WITHOUT_CONDITION_OF_TOTAL)
OF_TYPE = ("consumption_tt", HOLD_WITHOUT_CONDITION_OF_TYPE)
BOTH = pytest.mark.parametrize(("table", "weak_hold"), [OF_TOTAL, OF_TYPE], ids=["of the total", "of a type"])


@pytest.fixture
async def at_end() -> AsyncIterator[AsyncExitStack]:
    """What must be put back when a test ends."""
    async with AsyncExitStack() as stack:
        yield stack


async def rush(pool: asyncpg.Pool, table: str, statement: str) -> tuple[int, list[str]]:
    """Let everyone ask at once for 2 of LIMIT tickets; return the tickets sold, and why others were refused."""
    of_total = table == "consumption"
    date_key = await put_event(
        pool, max_tickets=LIMIT if of_total else 10 * BUYERS, types=[Type(limit=None if of_total else LIMIT)]
    )
    refusals: list[str] = []

    async def buy() -> int:
        try:
            claim, _ = await book(pool, date_key.event_id, [plan_of(date_key, [(1, 2)])], 60, statement)
        except PlanDoesNotHold:
            refusals.append("condition")
            return 0
        except asyncpg.CheckViolationError as error:
            assert error.sqlstate == "23514"
            refusals.append("check")
            return 0
        return 2 * len(claim.ids)

    return sum(await asyncio.gather(*(buy() for _ in range(BUYERS)))), refusals


@BOTH
async def test_with_both_nothing_is_oversold(pool: asyncpg.Pool, database_url: str, table: str, weak_hold: str) -> None:
    assert await rush(pool, table, HOLD) == (6, ["condition"] * (BUYERS - 3))
    assert (await audit(database_url)).clean


@BOTH
async def test_control_without_its_condition_the_check_refuses(
    pool: asyncpg.Pool, database_url: str, table: str, weak_hold: str
) -> None:
    assert await rush(pool, table, weak_hold) == (6, ["check"] * (BUYERS - 3))
    assert (await audit(database_url)).clean


@BOTH
async def test_control_without_the_check_the_condition_refuses(
    pool: asyncpg.Pool, database_url: str, at_end: AsyncExitStack, table: str, weak_hold: str
) -> None:
    await at_end.enter_async_context(without_check(database_url, table, f"{table}_within_limit"))
    assert await rush(pool, table, HOLD) == (6, ["condition"] * (BUYERS - 3))
    assert (await audit(database_url)).clean


@BOTH
async def test_control_without_both_oversell_appears_and_the_audit_names_it(
    pool: asyncpg.Pool, database_url: str, at_end: AsyncExitStack, table: str, weak_hold: str
) -> None:
    await at_end.enter_async_context(without_check(database_url, table, f"{table}_within_limit"))
    assert await rush(pool, table, weak_hold) == (2 * BUYERS, [])
    report = await audit(database_url)
    assert {(one.what, one.expected, one.found) for one in report.differences} == {
        ("the counter is above its maximum", LIMIT, 2 * BUYERS),
        (f"more tickets than the {'event' if table == 'consumption' else 'type'} may sell", LIMIT, 2 * BUYERS),
    }
