"""One order of locks for all: with it no deadlock under load; with every second session against it, deadlocks."""

from collections.abc import Sequence

import asyncpg
import pytest

from boxoffice.booking.audit import audit
from boxoffice.booking.statements import GIVE_BACK, HOLD, PAY
from tests.concurrency import turns, weakened
from tests.concurrency.turns import TURNS, DeedOf, deadlocks_of

TURNS_TO_A_DEADLOCK_MAX = 100

LOADS = {
    "hold, keys": (turns.hold_with_keys, HOLD, weakened.HOLD_AGAINST_ORDER_OF_KEYS),
    "hold, consumption": (turns.hold_over_shards, HOLD, weakened.HOLD_AGAINST_ORDER_OF_TOTAL),
    "hold, consumption_tt": (turns.hold_over_shards_of_type, HOLD, weakened.HOLD_AGAINST_ORDER_OF_TYPES),
    "pay, reservation": (turns.pay_all, PAY, weakened.PAY_AGAINST_ORDER),
    "give back, reservation": (turns.release_all, GIVE_BACK, weakened.GIVE_BACK_AGAINST_ORDER_OF_RESERVATIONS),
    "give back, consumption": (turns.release_over_shards, GIVE_BACK, weakened.GIVE_BACK_AGAINST_ORDER_OF_TOTAL),
    "give back, consumption_tt": (
        turns.release_over_shards_of_type,
        GIVE_BACK,
        weakened.GIVE_BACK_AGAINST_ORDER_OF_TYPES,
    ),
}
EVERY_LOAD = pytest.mark.parametrize(("deed_of", "strong", "weak"), LOADS.values(), ids=LOADS)
MEETINGS = {
    "hold and give back, consumption": ((turns.hold_over_shards, HOLD), (turns.release_over_shards, GIVE_BACK)),
    "hold and give back, consumption_tt": (
        (turns.hold_over_shards_of_type, HOLD),
        (turns.release_over_shards_of_type, GIVE_BACK),
    ),
    "hold and give back, one table after the other": ((turns.hold_meeting, HOLD), (turns.release_meeting, GIVE_BACK)),
    "pay and give back, reservation": ((turns.pay_all, PAY), (turns.release_all, GIVE_BACK)),
}


@EVERY_LOAD
async def test_in_one_order_nobody_waits_in_a_circle(
    pool: asyncpg.Pool, database_url: str, deed_of: DeedOf, strong: str, weak: str
) -> None:
    assert await deadlocks_of(pool, database_url, [(deed_of, strong)], TURNS) == 0
    assert (await audit(database_url)).clean


@EVERY_LOAD
async def test_control_against_the_order_deadlocks_appear(
    pool: asyncpg.Pool, database_url: str, deed_of: DeedOf, strong: str, weak: str
) -> None:
    deeds = [(deed_of, strong), (deed_of, weak)]
    assert await deadlocks_of(pool, database_url, deeds, TURNS_TO_A_DEADLOCK_MAX) > 0
    assert (await audit(database_url)).clean


@pytest.mark.parametrize("deeds", MEETINGS.values(), ids=MEETINGS)
async def test_different_verbs_keep_one_order_too(
    pool: asyncpg.Pool, database_url: str, deeds: Sequence[tuple[DeedOf, str]]
) -> None:
    assert await deadlocks_of(pool, database_url, deeds, TURNS) == 0
    assert (await audit(database_url)).clean
