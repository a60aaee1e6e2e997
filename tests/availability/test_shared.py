"""Redis away, stopped, restarted, full of something else: the process goes on, and notices when it is back."""

import asyncio

import msgspec
import pytest
import redis.asyncio

from boxoffice.availability import keys
from boxoffice.availability.counters import Counters
from boxoffice.availability.messages import CatalogChanged, DateOpened, encode
from boxoffice.availability.scripts import Script
from boxoffice.availability.shared import QUESTIONS_MAX, TELLINGS_MAX, Shared
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings
from tests.availability.processes import LIFE_MS, SETTINGS, Process, process, told
from tests.availability.servers import Server
from tests.availability.test_marks import DATE, GIVEN, LEFT, TOO_MANY, learn
from tests.waiting import until

ECHO = Script.of("return {ARGV[1]}")
WRONG = Script.of("return redis.call('HGET', KEYS[1], 'field')")
IMPATIENT = msgspec.structs.replace(SETTINGS, redis_ms_max=50)


async def kill_listeners(raw: "redis.asyncio.Redis | redis.asyncio.RedisCluster") -> None:
    """Cut all connections that listen, wherever they do."""
    if isinstance(raw, redis.asyncio.RedisCluster):
        for node in raw.get_nodes():
            await node.execute_command("CLIENT KILL", "TYPE", "pubsub")
    else:
        await raw.client_kill_filter(_type="pubsub")


async def test_a_script_is_sent_once_and_then_called_by_name(url: str, raw: "redis.asyncio.Redis") -> None:
    async with process(url) as one:
        await raw.script_flush()
        assert await one.shared.ask(ECHO, ["{a}"], ["hello"]) == [b"hello"]
        assert await one.shared.ask(ECHO, ["{a}"], [b"again"]) == [b"again"]
        assert await raw.evalsha(ECHO.name, 1, "{a}", "known") == [b"known"]


async def test_without_a_url_nothing_is_shared_and_nothing_fails() -> None:
    async with process(None) as one:
        assert await one.shared.ask(ECHO, ["{a}"], ["hello"]) is None
        one.shared.tell(ECHO, ["{a}"], ["hello"])
        await told(one)
        assert not one.shared.present
        assert one.counters.redis_unsaid == 1


async def test_a_url_that_is_none_of_redis_is_named() -> None:
    with pytest.raises(CannotStart, match="REDIS_URL"):
        Shared(Settings(redis_url="http://127.0.0.1"), Counters())


async def test_a_refusal_of_redis_is_unknown_and_does_not_drive_it_away(url: str, raw: "redis.asyncio.Redis") -> None:
    await raw.set("{a}", "no hash")
    async with process(url) as one:
        assert await one.shared.ask(WRONG, ["{a}"], []) is None
        assert one.shared.present
        assert one.counters.redis_losses == 0


async def test_redis_that_is_not_there_at_the_start_is_found_later(mortal: Server) -> None:
    mortal.kill()
    shared = Shared(msgspec.structs.replace(SETTINGS, redis_url=mortal.url), Counters())
    await shared.start()
    assert await shared.ask(ECHO, ["{a}"], ["hello"]) is None
    mortal.start()
    await until(lambda: shared.present)
    assert await shared.ask(ECHO, ["{a}"], ["hello"]) == [b"hello"]
    await shared.close()


async def test_killed_and_restarted(mortal: Server) -> None:
    async with process(mortal.url) as one, process(mortal.url) as other:
        await learn(one)
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
        mortal.kill()
        await until(lambda: not one.listening and not other.listening)
        assert await one.marks.epoch(DATE) == (0, None)
        assert not one.shared.present
        one.marks.opened(GIVEN)
        assert one.marks.refuses(DATE, *TOO_MANY) is None
        await learn(one)
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
        mortal.start()
        await until(lambda: one.listening and other.listening and one.shared.present)
        assert one.marks.refuses(DATE, *TOO_MANY) is None  # openings may have been missed
        assert other.marks.refuses(DATE, *TOO_MANY) is None
        one.clock.advance(100)
        await learn(one)
        await until(lambda: came_back(other))
        other.clock.advance(100)
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT


async def came_back(one: Process) -> bool:
    """Ask, so that a loss is noticed, and tell whether Redis answers again."""
    return await one.shared.ask(ECHO, ["{a}"], ["hello"]) == [b"hello"]


async def test_a_server_that_hangs_costs_one_wait_and_not_one_each(mortal: Server) -> None:
    async with process(mortal.url, settings=IMPATIENT) as one:
        mortal.freeze()
        answers = await asyncio.gather(*(one.shared.ask(ECHO, ["{a}"], ["hello"]) for _ in range(500)))
        assert answers == [None] * 500
        assert one.counters.redis_losses == 1
        assert one.counters.redis_questions <= QUESTIONS_MAX
        for _ in range(1_000):
            assert await one.shared.ask(ECHO, ["{a}"], ["hello"]) is None
        assert one.counters.redis_questions <= QUESTIONS_MAX
        await until(lambda: not one.listening)
        mortal.thaw()
        await until(lambda: one.shared.present and one.listening)
        await until(lambda: came_back(one))


async def test_what_waits_to_be_told_is_bounded(mortal: Server) -> None:
    async with process(mortal.url, settings=IMPATIENT) as one:
        mortal.freeze()
        for _ in range(TELLINGS_MAX + 5):
            one.shared.tell(ECHO, ["{a}"], ["hello"])
        assert one.counters.redis_unsaid == 5
        await told(one)
        assert one.counters.redis_unsaid == TELLINGS_MAX + 5


async def test_a_connection_of_the_listener_that_is_cut_is_noticed(url: str, raw: "redis.asyncio.Redis") -> None:
    async with process(url) as one, process(url) as other:
        await learn(one)
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
        gaps = other.counters.messages_gaps
        await kill_listeners(raw)
        await until(lambda: other.counters.messages_gaps > gaps and one.listening)
        assert other.marks.refuses(DATE, *TOO_MANY) is None
        heard = other.counters.messages_heard
        other.clock.advance(100)
        one.marks.opened(GIVEN)
        await until(lambda: other.counters.messages_heard > heard)


async def test_lost_messages_cost_at_most_the_bound(url: str, raw: "redis.asyncio.Redis") -> None:
    async with process(url) as one, process(url) as other:
        await learn(one)
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
        await raw.incr(keys.epoch_of(keys.date_tag(DATE)))  # an opening that nobody tells of
        assert other.marks.refuses(DATE, *TOO_MANY) == LEFT
        other.clock.advance(LIFE_MS)
        assert other.marks.refuses(DATE, *TOO_MANY) is None
        assert await other.marks.ask(DATE, *TOO_MANY) is None


async def test_what_nobody_of_ours_says_is_not_heard(url: str, raw: "redis.asyncio.Redis") -> None:
    async with process(url) as one:
        await learn(one)
        for said in (b"", b"\xc1", b"\x93\xa1x", encode(DateOpened(one.shared.origin, *DATE, None))):
            await raw.publish(keys.CHANNEL, said)
        await raw.publish(keys.CHANNEL, encode(CatalogChanged("somebody", 7)))
        await until(lambda: one.counters.messages_heard == 1)
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
