"""What is remembered of the catalogue: in two layers, never too old, never read twice at once."""

import asyncio
import datetime as dt

import redis.asyncio

from boxoffice.availability.counters import Answers
from boxoffice.availability.layered import Key, Layered, Layers
from boxoffice.catalog.values import DateAndTime, EventCursor
from boxoffice.errors import Overloaded
from tests.availability.catalogue import FIRST, START, Catalogue
from tests.availability.processes import LIFE_MS, Process, process, told
from tests.availability.sets import all_names
from tests.waiting import until


async def dates_of(one: Process, event_id: int = 7) -> int:
    """Read the first page of an event's dates; return what is left of the first."""
    return (await one.memory.dates_page(event_id, None, None, 20, None)).value.dates[0].available


async def age_of(one: Process) -> int:
    """Read the same page; return how old its figures are."""
    return one.memory.age_ms(await one.memory.dates_page(7, None, None, 20, None))


async def name_of(one: Process, event_id: int = 7) -> str | None:
    event = await one.memory.event_description(event_id)
    return event.name if event else None


async def names_of(one: Process) -> list[str]:
    return [listed.event.name for listed in (await one.memory.events_page(20, None, None)).events]


async def test_without_redis_everything_is_remembered_here() -> None:
    catalogue = Catalogue(7, 8)
    async with process(None, catalogue=catalogue) as one:
        for _ in range(3):
            assert await name_of(one) == "Event 7"
            assert await dates_of(one) == 10
            assert await names_of(one) == ["Event 7", "Event 8"]
        assert catalogue.readings == 3
        assert one.counters.memories == dict.fromkeys(("description", "dates", "events"), Answers(local=2, loaded=1))


async def test_nothing_is_remembered_beyond_its_life() -> None:
    catalogue = Catalogue(7)
    async with process(None, catalogue=catalogue) as one:
        for reading in range(1, 4):
            await name_of(one)
            assert catalogue.readings == reading
            one.clock.advance(LIFE_MS)


async def test_lives_end_apart() -> None:
    events = range(1, 101)
    catalogue = Catalogue(*events)
    async with process(None, catalogue=catalogue) as one:
        for event_id in events:
            await name_of(one, event_id)
        one.clock.advance(0.9 * LIFE_MS)
        for event_id in events:
            await name_of(one, event_id)
        assert 110 < catalogue.readings < 190


async def test_a_hundred_callers_cost_one_reading(url: str) -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as one:
        for read in (name_of, dates_of):
            catalogue.readings = 0
            assert len(set(await asyncio.gather(*(read(one) for _ in range(100))))) == 1
            assert catalogue.readings == 1


async def test_a_caller_that_leaves_takes_nobody_with_it() -> None:
    catalogue = Catalogue(7)
    async with process(None, catalogue=catalogue) as one:
        catalogue.open.clear()
        first, second = asyncio.create_task(name_of(one)), asyncio.create_task(name_of(one))
        await until(lambda: catalogue.readings == 1)
        first.cancel()
        catalogue.open.set()
        assert await second == "Event 7"
        assert catalogue.readings == 1


async def test_what_one_process_read_another_need_not(url: str) -> None:
    catalogue, unread = Catalogue(7, 8), Catalogue(7, 8)
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=unread) as other:
        described = await one.memory.event_description(7)
        dates = await one.memory.dates_page(7, FIRST, FIRST, 2, DateAndTime(FIRST, START))
        events = await one.memory.events_page(1, EventCursor(FIRST, 7), "8")
        await told(one)
        assert await other.memory.event_description(7) == described
        assert (await other.memory.dates_page(7, FIRST, FIRST, 2, DateAndTime(FIRST, START))).value == dates.value
        assert await other.memory.events_page(1, EventCursor(FIRST, 7), "8") == events
        assert unread.readings == 0
        assert other.counters.memories == dict.fromkeys(("description", "dates", "events"), Answers(shared=1))
        await dates_of(other)
        assert unread.readings == 1


async def test_the_age_counts_through_both_layers(url: str, raw: "redis.asyncio.Redis") -> None:
    catalogue, unread = Catalogue(7), Catalogue(7)
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=unread) as other:
        first = await one.memory.dates_page(7, None, None, 20, None)
        assert one.memory.age_ms(first) == 1
        one.clock.advance(300)
        assert await age_of(one) == 301
        await told(one)
        (name,) = await all_names(raw, "{boxoffice:7}:dates:*")
        await raw.pexpire(name, LIFE_MS // 2)  # as time would
        age_ms = await age_of(other)
        assert LIFE_MS // 2 < age_ms <= LIFE_MS - await raw.pttl(name) + 2
        assert unread.readings == 0
        other.clock.advance(100)
        assert await age_of(other) in (age_ms + 100, age_ms + 101)
        await raw.delete(name)  # as time would
        other.clock.advance(LIFE_MS - age_ms - 99)
        assert await age_of(other) == 1
        assert unread.readings == 1


async def test_pages_follow_one_another() -> None:
    async with process(None, catalogue=Catalogue(7, 8, 9)) as one:
        first = await one.memory.dates_page(7, None, None, 2, None)
        second = await one.memory.dates_page(7, None, None, 2, first.value.next)
        days = [figures.date for figures in (*first.value.dates, *second.value.dates)]
        assert days == [FIRST, FIRST + dt.timedelta(days=1), FIRST + dt.timedelta(days=2)]
        assert second.value.next is None
        events = await one.memory.events_page(2, None, None)
        assert events.next == EventCursor(FIRST, 8)
        rest = await one.memory.events_page(2, events.next, None)
        assert [listed.event.id for listed in (*events.events, *rest.events)] == [7, 8, 9]
        assert rest.next is None


async def test_sold_out_events_say_so() -> None:
    catalogue = Catalogue(7)
    async with process(None, catalogue=catalogue) as one:
        assert [listed.sold_out for listed in (await one.memory.events_page(20, None, None)).events] == [False]
        catalogue.available = 0
        one.clock.advance(LIFE_MS)
        assert [listed.sold_out for listed in (await one.memory.events_page(20, None, None)).events] == [True]
        catalogue.names.clear()
        one.clock.advance(LIFE_MS)
        assert (await one.memory.events_page(20, None, None)).events == ()


async def test_postgres_away_is_overloaded_and_not_remembered(url: str) -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as one:
        catalogue.failure = ConnectionRefusedError()
        for read in (name_of, dates_of):
            answers = await asyncio.gather(*(read(one) for _ in range(10)), return_exceptions=True)
            assert {type(answer) for answer in answers} == {Overloaded}
        catalogue.failure = None
        assert (await name_of(one), await dates_of(one)) == ("Event 7", 10)


async def test_what_cannot_be_read_in_redis_is_read_from_postgres(url: str, raw: "redis.asyncio.Redis") -> None:
    catalogue = Catalogue(7)
    async with process(url, catalogue=catalogue) as one, process(url, catalogue=catalogue) as other:
        await name_of(one)
        await told(one)
        for name in await all_names(raw):
            await raw.set(name, b"\xc1", px=LIFE_MS)
        assert await name_of(other) == "Event 7"
        assert catalogue.readings == 2


async def test_what_is_remembered_is_bounded() -> None:
    async with process(None) as one:
        layers = Layers(shared=one.shared, counters=one.counters, clock=one.clock)
        numbers = Layered(layers, name="numbers", kind=int, life_ms=LIFE_MS, entries_max=10)

        async def load() -> int:
            return 1

        for number in range(100):
            await numbers.read(Key(7, str(number).encode()), load)
        assert len(numbers) == 10
        await numbers.read(Key(7, b"99"), load)
        assert one.counters.memories["numbers"] == Answers(local=1, loaded=100)
