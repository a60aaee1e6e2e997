"""Changes: what a process changed or heard of is never shown from before, and old readings replace no newer ones."""

import asyncio
from functools import partial

import msgspec
import pytest
import redis.asyncio

from boxoffice.availability.memory import EventPage
from tests.availability.catalogue import Catalogue
from tests.availability.processes import LIFE_MS, SETTINGS, process, told
from tests.availability.sets import all_names
from tests.availability.test_marks import shorter_than
from tests.availability.test_memory import dates_of, name_of, names_of
from tests.waiting import until


async def test_what_a_process_changed_it_shows_at_once(url: str) -> None:
    catalogue = Catalogue(7, 8)
    async with process(url, catalogue=catalogue) as one:
        assert (await dates_of(one), await dates_of(one, 8), await name_of(one)) == (10, 10, "Event 7")
        await told(one)
        catalogue.available = 9
        catalogue.names[7] = "Renamed"
        one.memory.figures_changed(7)
        assert (await dates_of(one), await dates_of(one, 8), await name_of(one)) == (9, 10, "Event 7")
        one.memory.catalog_changed(7)
        assert await name_of(one) == "Renamed"
        assert await names_of(one) == ["Renamed", "Event 8"]


@pytest.mark.parametrize("short_life", ["availability_ms_max", "catalog_ms_max"])
async def test_a_page_is_given_again_while_no_part_of_it_is_too_old_or_changed(short_life: str) -> None:
    settings = msgspec.structs.replace(SETTINGS, **{short_life: LIFE_MS // 10})
    async with process(None, catalogue=Catalogue(7, 8), settings=settings) as one:

        async def page() -> EventPage:
            found = await one.memory.event_page(7, None, None, 20, None)
            assert found is not None
            assert one.memory.still_shows(found)
            return found

        first = await page()
        one.memory.figures_changed(8)
        one.memory.catalog_changed(8)
        assert one.memory.still_shows(first)
        one.clock.advance(LIFE_MS // 10)
        assert not one.memory.still_shows(first)
        for change in (
            partial(one.memory.figures_changed, 7),
            partial(one.memory.catalog_changed, 7),
            one.memory.missed,
        ):
            before = await page()
            change()
            assert not one.memory.still_shows(before)
        assert await one.memory.event_page(9, None, None, 20, None) is None


async def test_changes_of_the_catalogue_reach_the_others_by_message(url: str) -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=catalogue) as other:
        assert (await name_of(other), await names_of(other), await dates_of(other)) == ("Event 7", ["Event 7"], 10)
        await told(other)
        catalogue.names[7] = "Renamed"
        catalogue.available = 9
        heard = other.counters.messages_heard
        one.memory.catalog_changed(7)
        await until(lambda: other.counters.messages_heard > heard)
        async with process(url, catalogue=catalogue) as newcomer:
            assert await name_of(newcomer) == "Renamed"
        assert (await name_of(other), await names_of(other), await dates_of(other)) == ("Renamed", ["Renamed"], 9)


async def test_a_lost_message_costs_at_most_a_life(url: str, raw: "redis.asyncio.Redis") -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as other:
        assert await name_of(other) == "Event 7"
        await told(other)
        catalogue.names[7] = "Renamed"
        await raw.flushall()  # as time would
        other.clock.advance(LIFE_MS)
        assert await name_of(other) == "Renamed"


async def test_after_a_gap_in_the_messages_nothing_is_shown_from_before(url: str) -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as one:
        await name_of(one)
        await told(one)
        catalogue.names[7] = "Renamed"
        one.memory.missed()
        assert await name_of(one) == "Renamed"


async def test_a_new_event_is_found_at_once_in_every_process(url: str) -> None:
    catalogue = Catalogue()
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=catalogue) as other:
        assert await name_of(one) is None
        assert await name_of(other) is None
        catalogue.names[7] = "New"
        one.memory.catalog_changed(7)
        assert await name_of(one) == "New"
        assert await name_of(other) == "New"


async def test_whoever_joins_a_reading_that_finds_nothing_looks_again() -> None:
    catalogue = Catalogue()
    async with process(None, catalogue=catalogue) as one:
        catalogue.open.clear()
        early = asyncio.create_task(name_of(one))
        await until(lambda: catalogue.readings == 1)
        catalogue.names[7] = "New"
        late = [asyncio.create_task(name_of(one)) for _ in range(10)]
        catalogue.open.set()
        assert await early is None
        assert await asyncio.gather(*late) == ["New"] * 10
        assert catalogue.readings == 2


@pytest.mark.parametrize("late_ends_first", [True, False])
async def test_an_old_reading_is_neither_kept_nor_joined_after_a_change(url: str, late_ends_first: bool) -> None:
    catalogue = Catalogue(7)
    gates = [asyncio.Event(), asyncio.Event()]
    async with process(url, catalogue=catalogue) as one:
        catalogue.open = gates[0]
        early = asyncio.create_task(name_of(one))
        await until(lambda: catalogue.readings == 1)
        catalogue.names[7] = "Renamed"
        one.memory.catalog_changed(7)
        catalogue.open = gates[1]
        late = asyncio.create_task(name_of(one))
        await until(lambda: catalogue.readings == 2)
        readers = [(gates[0], early, "Event 7"), (gates[1], late, "Renamed")]
        for gate, reader, name in reversed(readers) if late_ends_first else readers:
            gate.set()
            assert await reader == name
            await told(one)
        assert await name_of(one) == "Renamed"
        assert catalogue.readings == 2


async def test_what_a_process_read_after_its_change_others_need_not(url: str) -> None:
    catalogue, unread = Catalogue(7), Catalogue(7)
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=unread) as other:
        await dates_of(one)
        await told(one)
        catalogue.available = 9
        one.memory.figures_changed(7)
        await dates_of(one)
        await told(one)
        assert await dates_of(other) == 9
        assert unread.readings == 0


async def test_an_older_reading_replaces_no_newer_one_in_redis(url: str, raw: "redis.asyncio.Redis") -> None:
    old, new, unread = Catalogue(7), Catalogue(7), Catalogue(7)
    new.names[7] = "Renamed"
    async with (
        process(url, catalogue=old) as one,
        process(url, catalogue=new) as two,
        process(url, catalogue=unread) as asker,
    ):
        old.open.clear()
        early = asyncio.create_task(name_of(one))
        await until(lambda: old.readings == 1)
        (name,) = await all_names(raw, "*:since:*")
        await until(lambda: shorter_than(raw, name, LIFE_MS - 20))
        assert await name_of(two) == "Renamed"
        await told(two)
        old.open.set()
        assert await early == "Event 7"
        await told(one)
        assert await name_of(asker) == "Renamed"
        assert unread.readings == 0


async def test_a_reading_anew_begins_after_its_call(url: str) -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=Catalogue()) as other:
        assert await name_of(one) == "Event 7"
        catalogue.names[7] = "Renamed"
        catalogue.open.clear()
        early = asyncio.create_task(one.memory.event_description_anew(7))
        await until(lambda: catalogue.readings == 2)
        catalogue.names[7] = "Renamed again"
        late = [asyncio.create_task(one.memory.event_description_anew(7)) for _ in range(10)]
        catalogue.open.set()
        assert [event and event.name for event in await asyncio.gather(early, *late)] == [
            "Renamed",
            *["Renamed again"] * 10,
        ]
        assert catalogue.readings == 3
        await told(one)
        assert (await name_of(one), await name_of(other)) == ("Renamed again", "Renamed again")
