"""A refusal never rests on a look at the date that is older than the bound, whatever the processes know of each other.

Two processes sell one date that fills and empties at random. With Redis they tell each other what comes free; without
it they cannot; and where a third process, without Redis, lets go, two that share one see only what ends by itself.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import asyncpg
import pytest

from tests.concurrency.refusal_judge import Judge
from tests.concurrency.rush_sale import assert_clean
from tests.concurrency.tides import Records, Sea, tides
from tests.conftest import Service, StartServices
from tests.world import Type, put_event, sums_of

Told: TypeAlias = Literal["by Redis", "not at all", "not of what a third lets go"]

CAPACITY = 40
SHARDS = 5
LIMITS = {1: 25, 2: 30}
HOLD_SECONDS = 3_600
LONGEST_MS = 1_000
SEEDS_MAX = 10
MEASURING_SECONDS = 0.002
"""Redis counts a key's life in whole ms, and so does whoever asks for it."""


async def start(services: StartServices, told: Told, bound_ms: int) -> tuple[Sequence[Service], Sequence[Service]]:
    """Start the processes that sell, and those that let go."""
    changes = {"exhausted_ms_max": bound_ms, "hold_seconds": HOLD_SECONDS}
    match told:
        case "by Redis":
            sellers = leavers = await services(count=2, **changes)
        case "not at all":
            sellers = leavers = await services(count=2, redis_url="", **changes)
        case "not of what a third lets go":
            sellers = await services(count=2, **changes)
            leavers = await services(redis_url="", **changes)
    return sellers, leavers


async def come_and_go(
    pool: asyncpg.Pool,
    database_url: str,
    processes: tuple[Sequence[Service], Sequence[Service]],
    *,
    bound_ms: int,
    seed: int,
) -> tuple[Records, list[float]]:
    """Let the tides come and go; return the records and the least age of what each refusal rests on, oldest first."""
    date_key = await put_event(
        pool, max_tickets=CAPACITY, shards=SHARDS, types=[Type(limit=limit, shards=3) for limit in LIMITS.values()]
    )
    sellers, leavers = processes
    sea = Sea(sellers=sellers, leavers=leavers, date_key=date_key, bound_seconds=bound_ms / 1000)
    records = await tides(sea, seed=seed)
    judge = Judge(CAPACITY, LIMITS, records.stays)
    assert [stay for stay in records.stays if judge.is_too_much(stay)] == [], f"oversold, seed {seed}"
    sums = await sums_of(pool, date_key.event_id)
    assert (sums.tickets, sums.reservations, sum(sums.total.values())) == (0, 0, 0), f"seed {seed}"
    await assert_clean(database_url, date_key.event_id)
    return records, sorted(map(judge.age_at_least, records.refusals), reverse=True)


async def ages_up_to(
    old: float,
    pool: asyncpg.Pool,
    database_url: str,
    processes: tuple[Sequence[Service], Sequence[Service]],
    *,
    bound_ms: int,
    seed: int,
) -> list[float]:
    """Let tides of one seed after the other come and go, until a refusal rests on something older than `old` seconds.

    Return all ages, oldest first. On a busy machine all refusals of a tide may happen to rest on what is new.
    """
    ages: list[float] = []
    for each in range(seed, seed + SEEDS_MAX):
        _, found = await come_and_go(pool, database_url, processes, bound_ms=bound_ms, seed=each)
        ages = sorted([*ages, *found], reverse=True)
        if ages and ages[0] > old:
            break
    return ages


@pytest.mark.parametrize("told", ["by Redis", "not at all", "not of what a third lets go"])
@pytest.mark.parametrize(("bound_ms", "seed"), [(50, 0), (250, 1)])
async def test_no_refusal_is_older_than_the_bound(
    services: StartServices, pool: asyncpg.Pool, database_url: str, told: Told, bound_ms: int, seed: int
) -> None:
    processes = await start(services, told, bound_ms)
    old = -1.0 if told == "by Redis" else bound_ms / 4000
    ages = await ages_up_to(old, pool, database_url, processes, bound_ms=bound_ms, seed=seed)
    too_old = [age for age in ages if age > bound_ms / 1000 + MEASURING_SECONDS]
    assert too_old == [], f"seed {seed}: {len(too_old)} of {len(ages)} refusals rest on what was older than the bound"
    assert ages[0] > old, f"seed {seed}: no refusal rests on anything old, so none was put to the test"


async def test_the_process_that_gives_back_knows_at_once(
    services: StartServices, pool: asyncpg.Pool, database_url: str
) -> None:
    seed = 2
    processes = await start(services, "by Redis", LONGEST_MS)
    alone = (processes[0][:1], processes[0][:1])
    records, ages = await come_and_go(pool, database_url, alone, bound_ms=0, seed=seed)
    assert ages[0] == 0, f"seed {seed}: refused {ages[0]} s after there was room"
    assert len(records.refusals) > 100


@pytest.mark.parametrize("told", ["not at all", "not of what a third lets go"])
async def test_control_refusals_from_longer_memory_are_found(
    services: StartServices, pool: asyncpg.Pool, database_url: str, told: Told
) -> None:
    """The processes believe a look for a second, the judge allows 50 ms."""
    bound_ms, seed = 50, 0
    processes = await start(services, told, LONGEST_MS)
    too_old = bound_ms / 1000 + MEASURING_SECONDS
    ages = await ages_up_to(too_old, pool, database_url, processes, bound_ms=bound_ms, seed=seed)
    assert ages[0] > too_old, f"seed {seed}: the oldest is {ages[0]} s old"
