"""Each guard of the marks, and the harm that is done without it: every test runs the same story both ways."""

import msgspec
import pytest
import redis.asyncio

from boxoffice.availability import keys
from boxoffice.availability.scripts import MARK_SCRIPTS, MarkScripts, Script
from boxoffice.availability.shared import Shared
from boxoffice.availability.trust import TRUST, Trust
from boxoffice.values import Left
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
from tests.availability.test_marks import DATE, GIVEN, LEFT, ROOM, TOO_MANY, learn
from tests.waiting import until

TAG = keys.date_tag(DATE)
EPOCH = keys.epoch_of(TAG)
MARK = keys.mark_of(TAG, LIFE_MS)

LEARNS_IN_ANY_EPOCH = MARK_SCRIPTS._replace(
    learn=Script.of(without(MARK_SCRIPTS.learn.text, "if epoch ~= ARGV[1] then return {} end"))
)
ANSWERS_IN_ANY_EPOCH = MARK_SCRIPTS._replace(
    ask=Script.of(
        without(
            MARK_SCRIPTS.ask.text,
            "if string.match(mark, '^%d+') ~= (redis.call('GET', KEYS[1]) or '0') then return {} end",
        )
    )
)
LEARNS_WITH_A_NEW_LIFE = MARK_SCRIPTS._replace(
    learn=Script.of(
        without(MARK_SCRIPTS.learn.text, "local life = redis.call('PTTL', KEYS[4])", f"local life = {LIFE_MS}")
    )
)


@pytest.mark.parametrize(
    ("scripts", "answer"), [(MARK_SCRIPTS, None), (LEARNS_IN_ANY_EPOCH, LEFT)], ids=["guard", "control"]
)
async def test_a_pass_overtaken_by_an_opening_is_not_shared(
    url: str, raw: "redis.asyncio.Redis", scripts: MarkScripts, answer: Left | None
) -> None:
    async with process(url, mark_scripts=scripts) as one, process(url) as other:
        epoch, passed_at = await one.marks.epoch(DATE), one.clock()
        await raw.incr(EPOCH)  # an opening elsewhere, of which this process has not heard
        one.marks.learn(DATE, epoch, passed_at, ROOM)
        await told(one)
        assert await other.marks.ask(DATE, *TOO_MANY) == answer


@pytest.mark.parametrize(
    ("scripts", "answer"), [(MARK_SCRIPTS, None), (ANSWERS_IN_ANY_EPOCH, LEFT)], ids=["guard", "control"]
)
async def test_a_mark_of_an_older_epoch_is_ignored(
    url: str, raw: "redis.asyncio.Redis", scripts: MarkScripts, answer: Left | None
) -> None:
    async with process(url) as one, process(url, mark_scripts=scripts) as other:
        await learn(one)
        await raw.incr(EPOCH)  # an opening whose message was lost
        assert await other.marks.ask(DATE, *TOO_MANY) == answer


@pytest.mark.parametrize(("trust", "answer"), [(TRUST, None), (NoNewerRule(), LEFT)], ids=["guard", "control"])
async def test_a_process_never_believes_what_is_older_than_its_own_opening(
    url: str, raw: "redis.asyncio.Redis", trust: Trust, answer: Left | None
) -> None:
    async with process(url) as one, process(url, trust=trust) as other, process(url) as third:
        await learn(one)
        other.marks.opened(GIVEN)
        await told(other)
        await raw.delete(EPOCH)  # the epoch is lost, so that the mark would count again
        assert await other.marks.ask(DATE, *TOO_MANY) == answer
        await until(lambda: bool(third.notes.given_back))
        third.clock.advance(100)
        assert await third.marks.ask(DATE, *TOO_MANY) == LEFT


@pytest.mark.parametrize(("trust", "answer"), [(TRUST, None), (NoNewerRule(), LEFT)], ids=["guard", "control"])
async def test_a_pass_begun_before_the_own_opening_marks_nothing(trust: Trust, answer: Left | None) -> None:
    async with process(None, trust=trust) as one:
        epoch, passed_at = await one.marks.epoch(DATE), one.clock()
        one.marks.opened(GIVEN)
        one.marks.learn(DATE, epoch, passed_at, ROOM)
        assert one.marks.refuses(DATE, *TOO_MANY) == answer


@pytest.mark.parametrize(("trust", "answer"), [(TRUST, None), (NewLifeRule(), LEFT)], ids=["guard", "control"])
async def test_here_a_mark_keeps_the_life_that_was_left_there(
    url: str, raw: "redis.asyncio.Redis", trust: Trust, answer: Left | None
) -> None:
    async with process(url) as one, process(url, trust=trust) as other:
        await learn(one)
        life_ms = LIFE_MS // 2
        await raw.pexpire(MARK, life_ms)  # as time would
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
        other.clock.advance(life_ms)
        assert other.marks.refuses(DATE, *TOO_MANY) == answer


async def test_the_way_of_the_answer_is_no_extra_life(url: str) -> None:
    """The answer takes long on the asker's clock, while the server's has hardly moved."""
    clock = HandClock()
    async with process(url) as one, process(url, shared_type=slow(clock, 0.9), clock=clock) as other:
        await learn(one)
        assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
        clock.advance(0.1 * LIFE_MS)
        assert other.marks.refuses(DATE, *TOO_MANY) is None


def slow(clock: HandClock, part: float) -> type[Shared]:
    """A way to Redis on which this part of a life passes for the asker while the answer travels."""

    class Slow(Shared):
        async def ask(self, *question: object) -> list[bytes | int] | None:
            reply = await super().ask(*question)  # type: ignore[arg-type]  # handed on as it came
            clock.advance(part * LIFE_MS)
            return reply

    return Slow


@pytest.mark.parametrize(
    ("scripts", "answer"), [(MARK_SCRIPTS, None), (LEARNS_WITH_A_NEW_LIFE, LEFT)], ids=["guard", "control"]
)
async def test_an_epoch_lost_and_begun_again_revives_nothing(
    url: str, raw: "redis.asyncio.Redis", scripts: MarkScripts, answer: Left | None
) -> None:
    async with process(url, mark_scripts=scripts) as one, process(url) as other:
        epoch, passed_at = await one.marks.epoch(DATE), one.clock()
        await raw.incr(EPOCH)
        await raw.flushall()  # the epoch is 0 again, as it was when the pass began
        one.marks.learn(DATE, epoch, passed_at, ROOM)
        await told(one)
        assert await other.marks.ask(DATE, *TOO_MANY) == answer


async def test_a_flush_in_mid_life_ends_the_shared_mark_and_lengthens_no_other(
    url: str, raw: "redis.asyncio.Redis"
) -> None:
    async with process(url) as one, process(url) as other:
        await learn(one)
        await raw.flushall()
        assert await other.marks.ask(DATE, *TOO_MANY) is None
        assert one.marks.refuses(DATE, *TOO_MANY) == LEFT
        one.clock.advance(LIFE_MS)
        assert one.marks.refuses(DATE, *TOO_MANY) is None
        assert await one.marks.ask(DATE, *TOO_MANY) is None


@pytest.mark.parametrize(
    ("scripts", "marks"), [(MARK_SCRIPTS, 0), (LEARNS_WITH_A_NEW_LIFE, 1)], ids=["guard", "control"]
)
async def test_a_server_that_obeys_too_late_keeps_nothing(mortal: Server, scripts: MarkScripts, marks: int) -> None:
    """The server is stopped before the mark is written, and obeys when the pass is older than the bound."""
    settings = msgspec.structs.replace(SETTINGS, exhausted_ms_max=100, redis_ms_max=1_000)
    async with process(mortal.url, settings=settings, mark_scripts=scripts) as one:
        await learn(one)  # the server knows the script from now on
        epoch, passed_at = await one.marks.epoch(DATE), one.clock()
        async with redis.asyncio.Redis.from_url(mortal.url) as client:
            await client.delete(keys.mark_of(TAG, 100))
            obeyed = await learned(client)
            mortal.freeze()
            one.marks.learn(DATE, epoch, passed_at, ROOM)
            await told(one)
            assert not one.shared.present
            mortal.thaw()
            await until(lambda: more_learned(client, obeyed))
            assert await client.exists(keys.mark_of(TAG, 100)) == marks


async def learned(client: "redis.asyncio.Redis") -> int:
    """Return how many scripts the server has run by name."""
    return int((await client.info("commandstats"))["cmdstat_evalsha"]["calls"])


async def more_learned(client: "redis.asyncio.Redis", before: int) -> bool:
    return await learned(client) > before
