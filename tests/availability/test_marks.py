"""Exhausted marks in one process and between processes: what they refuse, and when they stop."""

import asyncio
import datetime as dt
from collections.abc import Callable

import msgspec
import redis.asyncio

from boxoffice.availability import keys
from boxoffice.availability.values import DateRoom
from boxoffice.values import DateKey, GivenBack, Left
from tests.availability.processes import LIFE_MS, SETTINGS, Process, lines_of, process, told
from tests.availability.sets import all_names
from tests.waiting import until

DATE = DateKey(7, dt.date(2030, 12, 1), dt.time(20, 0))
OTHER = DateKey(7, dt.date(2030, 12, 2), dt.time(20, 0))
ROOM = DateRoom(total=[1, 2], types={1: [0, 1], 2: [None]})
LEFT = Left(available=3, types={1: 1, 2: 3})
TOO_MANY = lines_of((2, 4))
GIVEN = GivenBack(date_key=DATE, total={0: 2}, types={(1, 1): 2})


async def learn(one: Process, date_key: DateKey = DATE, room: DateRoom = ROOM) -> None:
    """Do what selling does: begin a pass, read the date, learn."""
    epoch = await one.marks.epoch(date_key)
    one.marks.learn(date_key, epoch, one.clock(), room)
    await told(one)


async def test_a_pass_refuses_what_did_not_fit_and_nothing_else() -> None:
    async with process(None) as one:
        assert one.marks.refuses(DATE, *TOO_MANY) is None
        await learn(one)
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
        assert one.marks.refuses(DATE, *lines_of((1, 2))) == LEFT
        assert one.marks.refuses(DATE, *lines_of((1, 2), (2, 1))) == LEFT
        assert one.marks.refuses(DATE, *lines_of((2, 3))) is None
        assert one.marks.refuses(DATE, *lines_of((1, 1), (2, 2))) is None
        assert one.marks.refuses(DATE, *lines_of((9, 3))) is None
        assert one.marks.refuses(OTHER, *TOO_MANY) is None
        assert one.counters.marks_local_hits == 3


async def test_a_mark_ends_at_the_bound() -> None:
    async with process(None) as one:
        passed_at = one.clock()
        one.clock.advance(LIFE_MS / 2)
        one.marks.learn(DATE, await one.marks.epoch(DATE), passed_at, ROOM)
        one.clock.advance(LIFE_MS / 2 - 1)
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
        one.clock.advance(1)
        assert one.marks.refuses(DATE, *TOO_MANY) is None


async def test_a_pass_that_took_too_long_marks_nothing() -> None:
    async with process(None) as one:
        passed_at = one.clock()
        one.clock.advance(LIFE_MS)
        one.marks.learn(DATE, await one.marks.epoch(DATE), passed_at, ROOM)
        assert one.marks.refuses(DATE, *TOO_MANY) is None
        assert len(one.marks) == 0


async def test_an_older_pass_does_not_replace_a_newer_one() -> None:
    async with process(None) as one:
        epoch = await one.marks.epoch(DATE)
        older, newer = one.clock(), one.clock()
        one.marks.learn(DATE, epoch, newer, ROOM)
        one.marks.learn(DATE, epoch, older, DateRoom(total=[0, 0], types={1: [0, 0], 2: [None]}))
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT


async def test_an_older_pass_replaces_no_newer_one_in_redis(url: str, raw: "redis.asyncio.Redis") -> None:
    async with process(url) as one, process(url) as two, process(url) as asker:
        older, older_at = await one.marks.epoch(DATE), one.clock()
        (name,) = await all_names(raw, "*:since:*")
        await until(lambda: shorter_than(raw, name, LIFE_MS - 20))
        await learn(two)
        one.marks.learn(DATE, older, older_at, DateRoom(total=[0, 0], types={1: [0, 0], 2: [None]}))
        await told(one)
        assert await asker.marks.ask(DATE, *TOO_MANY) == LEFT


async def shorter_than(raw: "redis.asyncio.Redis", name: bytes | str, life_ms: int) -> bool:
    """Tell whether a key has less life left."""
    return int(await raw.pttl(name)) < life_ms


async def test_a_pass_begun_before_a_gap_in_the_messages_marks_nothing() -> None:
    async with process(None) as one:
        epoch, passed_at = await one.marks.epoch(DATE), one.clock()
        one.marks.missed()
        one.marks.learn(DATE, epoch, passed_at, ROOM)
        assert one.marks.refuses(DATE, *TOO_MANY) is None


async def test_openings_in_this_process_count_at_once() -> None:
    async with process(None) as one:
        openings: list[Callable[[], None]] = [
            lambda: one.marks.opened(GIVEN),
            lambda: one.marks.opened_date(DATE),
            lambda: one.marks.opened_event(7),
        ]
        for opening in openings:
            await learn(one)
            await learn(one, DateKey(8, *OTHER[1:]))
            assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
            opening()
            assert one.marks.refuses(DATE, *TOO_MANY) is None
            assert one.marks.refuses(DateKey(8, *OTHER[1:]), *TOO_MANY) == LEFT


async def test_what_one_process_saw_refuses_in_another(url: str) -> None:
    async with process(url) as one, process(url) as other:
        assert await other.marks.ask(DATE, *TOO_MANY) is None
        await learn(one)
        assert other.marks.refuses(DATE, *TOO_MANY) is None
        assert await other.marks.ask(DATE, *lines_of((2, 3))) is None
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
        assert other.marks.refuses(DATE, *TOO_MANY) == LEFT
        assert await other.marks.ask(OTHER, *TOO_MANY) is None


async def test_everyone_who_asks_about_a_date_shares_one_question(url: str) -> None:
    async with process(url) as one, process(url) as other:
        await learn(one)
        before = other.counters.redis_questions
        answers = await asyncio.gather(*(other.marks.ask(DATE, *TOO_MANY) for _ in range(100)))
        assert answers == [LEFT] * 100
        assert other.counters.redis_questions == before + 1


async def test_openings_reach_the_others_by_message(url: str) -> None:
    async with process(url) as one, process(url) as other:

        async def other_refuses_until(opening: Callable[[], None]) -> None:
            await learn(one)
            other.clock.advance(100)
            assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
            opening()
            await until(lambda: other.marks.refuses(DATE, *TOO_MANY) is None)
            assert await other.marks.ask(DATE, *TOO_MANY) is None

        await other_refuses_until(lambda: one.marks.opened(GIVEN))
        assert other.notes.given_back == [GIVEN]
        assert await a_newcomer_asks(url) is None
        await other_refuses_until(lambda: one.marks.opened_date(DATE))
        assert other.notes.forgotten == [DATE]
        assert await a_newcomer_asks(url) is None
        await other_refuses_until(lambda: one.marks.opened_event(7))
        assert other.notes.forgotten_events == [7]
        assert one.notes.given_back == []


async def a_newcomer_asks(url: str) -> Left | None:
    """Ask as a process does that has heard no message yet."""
    async with process(url) as newcomer:
        return await newcomer.marks.ask(DATE, *TOO_MANY)


async def test_a_newcomer_learns_by_asking(url: str) -> None:
    async with process(url) as one:
        await learn(one)
        assert await a_newcomer_asks(url) == LEFT


async def test_exhausted_shards_are_known_to_every_process(url: str) -> None:
    room = DateRoom(total=[1, 100], types={1: [0, 70], 2: [None]})
    async with process(url) as one, process(url) as other:
        await learn(one, room=room)
        await until(lambda: bool(other.notes.exhausted))
        assert other.notes.exhausted == [(DATE, {0: 2}, {(1, 0): 1})]
        assert one.notes.exhausted == []
        assert await other.marks.exhausted_shards(DATE) == ({0: 2}, {(1, 0): 1})
        one.marks.opened(GivenBack(date_key=DATE, total={0: 1}, types={(1, 1): 1}))
        await told(one)
        assert await other.marks.exhausted_shards(DATE) == ({}, {(1, 0): 1})
        await learn(one, room=ROOM)
        assert await other.marks.exhausted_shards(DATE) == ({0: 2, 1: 3}, {(1, 0): 1, (1, 1): 2})
        await learn(one, room=DateRoom(total=[100, 2], types={1: [0, 70]}))
        assert await other.marks.exhausted_shards(DATE) == ({1: 3}, {(1, 0): 1})
        one.marks.opened_date(DATE)
        await told(one)
        assert await other.marks.exhausted_shards(DATE) == ({}, {})


async def test_everything_in_redis_has_an_end(url: str, raw: "redis.asyncio.Redis") -> None:
    async with process(url) as one:
        await learn(one)
        one.marks.opened(GIVEN)
        await learn(one)
        await one.marks.epoch(DATE)
        names = [str(name, "ascii") for name in await all_names(raw) if isinstance(name, bytes)]
        tag = keys.date_tag(DATE)
        assert {keys.epoch_of(tag), keys.mark_of(tag, LIFE_MS), keys.shards_of(tag)} < set(names)
        assert all(name.startswith("{boxoffice:7:2030-12-01:20:00:00}:") for name in names)
        assert all([await raw.pttl(name) > 0 for name in names])


async def test_memory_is_bounded() -> None:
    settings = msgspec.structs.replace(SETTINGS, dates_remembered_max=10)
    async with process(None, settings=settings) as one:
        dates = [DateKey(7, dt.date(2030, 1, 1) + dt.timedelta(days=day), dt.time(20)) for day in range(100)]
        for date_key in dates:
            await learn(one, date_key)
        assert len(one.marks) == 10
        assert one.marks.refuses(dates[-1], *TOO_MANY) == LEFT
        assert one.marks.refuses(dates[0], *TOO_MANY) is None


async def test_forgotten_openings_still_count() -> None:
    settings = msgspec.structs.replace(SETTINGS, dates_remembered_max=10)
    async with process(None, settings=settings) as one:
        dates = [DateKey(7, dt.date(2030, 1, 1) + dt.timedelta(days=day), dt.time(20)) for day in range(100)]
        epoch, passed_at = await one.marks.epoch(dates[0]), one.clock()
        for date_key in dates:
            one.marks.opened_date(date_key)
        one.marks.learn(dates[0], epoch, passed_at, ROOM)
        assert one.marks.refuses(dates[0], *TOO_MANY) is None


async def test_what_somebody_else_wrote_is_unknown_and_no_fault(url: str, raw: "redis.asyncio.Redis") -> None:
    tag = keys.date_tag(DATE)
    async with process(url) as one, process(url) as other:
        await raw.set(keys.epoch_of(tag), "")
        await raw.hset(keys.shards_of(tag), mapping={"total:none": "many"})
        await learn(one)
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
        assert await other.marks.ask(DATE, *TOO_MANY) is None
        assert await other.marks.exhausted_shards(DATE) == ({}, {})
