"""Each guard of the memory, and the harm that is done without it: every test runs the same story both ways."""

import asyncio

import msgspec
import pytest
import redis.asyncio

from boxoffice.availability import keys
from boxoffice.availability.scripts import MEMORY_SCRIPTS, MemoryScripts, Script
from boxoffice.availability.trust import TRUST, Trust
from tests.availability.catalogue import Catalogue
from tests.availability.processes import (
    LIFE_MS,
    SETTINGS,
    HandClock,
    NewLifeRule,
    NoNewerRule,
    process,
    told,
    without,
)
from tests.availability.servers import Server
from tests.availability.sets import all_names
from tests.availability.test_marks_guards import learned, more_learned, slow
from tests.availability.test_memory import dates_of
from tests.waiting import until

KEEPS_WITH_A_NEW_LIFE = MEMORY_SCRIPTS._replace(
    keep=Script.of(
        without(MEMORY_SCRIPTS.keep.text, "local life = redis.call('PTTL', KEYS[2])", f"local life = {LIFE_MS}")
    )
)


@pytest.mark.parametrize(("trust", "shown"), [(TRUST, 9), (NoNewerRule(), 10)], ids=["guard", "control"])
async def test_redis_never_shows_a_process_the_time_before_its_own_change(url: str, trust: Trust, shown: int) -> None:
    catalogue, unchanged = Catalogue(7), Catalogue(7)
    async with process(url, catalogue=unchanged) as one, process(url, catalogue=catalogue, trust=trust) as other:
        await dates_of(one)
        await told(one)
        catalogue.available = 9
        other.memory.figures_changed(7)
        assert await dates_of(other) == shown


@pytest.mark.parametrize(("trust", "readings"), [(TRUST, 1), (NewLifeRule(), 0)], ids=["guard", "control"])
async def test_here_an_answer_keeps_the_life_that_was_left_there(
    url: str, raw: "redis.asyncio.Redis", trust: Trust, readings: int
) -> None:
    unread = Catalogue(7)
    async with process(url, catalogue=Catalogue(7)) as one, process(url, catalogue=unread, trust=trust) as other:
        await dates_of(one)
        await told(one)
        (name,) = await all_names(raw, "{boxoffice:7}:dates:*")
        life_ms = LIFE_MS // 2
        await raw.pexpire(name, life_ms)  # as time would
        await dates_of(other)
        assert unread.readings == 0
        await raw.delete(name)  # as time would
        other.clock.advance(life_ms)
        await dates_of(other)
        assert unread.readings == readings


async def test_the_way_of_the_answer_is_no_extra_life(url: str) -> None:
    """The answer takes long on the asker's clock, while the server's has hardly moved."""
    clock, unread = HandClock(), Catalogue(7)
    async with (
        process(url, catalogue=Catalogue(7)) as one,
        process(url, catalogue=unread, shared_type=slow(clock, 0.5), clock=clock) as other,
    ):
        await dates_of(one)
        await told(one)
        page = await other.memory.dates_page(7, None, None, 20, None)
        assert unread.readings == 0
        assert LIFE_MS // 2 < other.memory.age_ms(page) < LIFE_MS


@pytest.mark.parametrize(
    ("scripts", "kept"), [(MEMORY_SCRIPTS, 0), (KEEPS_WITH_A_NEW_LIFE, 1)], ids=["guard", "control"]
)
async def test_a_reading_slower_than_its_life_is_not_kept(
    url: str, raw: "redis.asyncio.Redis", scripts: MemoryScripts, kept: int
) -> None:
    settings = msgspec.structs.replace(SETTINGS, availability_ms_max=20)
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue, settings=settings, memory_scripts=scripts) as one:
        catalogue.open.clear()
        reading = asyncio.create_task(dates_of(one))
        await until(lambda: nothing_in(raw, after=catalogue))
        catalogue.open.set()
        await reading
        await told(one)
        assert len(await all_names(raw, "{boxoffice:7}:dates:*")) == kept


async def nothing_in(raw: "redis.asyncio.Redis", *, after: Catalogue) -> bool:
    """Tell whether the reading under way is older than its key in Redis."""
    return after.readings == 1 and not await all_names(raw, "{boxoffice:7}:*")


@pytest.mark.parametrize(
    ("scripts", "kept"), [(MEMORY_SCRIPTS, 0), (KEEPS_WITH_A_NEW_LIFE, 1)], ids=["guard", "control"]
)
async def test_a_server_that_obeys_too_late_keeps_nothing(mortal: Server, scripts: MemoryScripts, kept: int) -> None:
    """The server is stopped before the page is written, and obeys when the figures are older than the bound."""
    settings = msgspec.structs.replace(SETTINGS, availability_ms_max=100, redis_ms_max=1_000)
    catalogue = Catalogue(7)
    async with process(mortal.url, catalogue=catalogue, settings=settings, memory_scripts=scripts) as one:
        await dates_of(one)  # the server knows the scripts from now on
        await told(one)
        async with redis.asyncio.Redis.from_url(mortal.url) as client:
            one.memory.figures_changed(7)
            catalogue.open.clear()
            reading = asyncio.create_task(dates_of(one))
            await until(lambda: catalogue.readings == 2)
            await client.delete(*await client.keys("{boxoffice:7}:dates:*"))
            obeyed = await learned(client)
            mortal.freeze()
            catalogue.open.set()
            await reading
            await told(one)
            assert not one.shared.present
            mortal.thaw()
            await until(lambda: more_learned(client, obeyed))
            assert len(await client.keys("{boxoffice:7}:dates:*")) == kept


def test_keys_are_as_documented() -> None:
    assert keys.remembered(7, "description:x", 500) == "{boxoffice:7}:description:x:500"
    assert keys.remembered(keys.ALL_EVENTS, "events:x", 500) == "{boxoffice:events}:events:x:500"
