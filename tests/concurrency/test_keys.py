"""One Idempotency-Key, 50 times at once over eight services: one reservation, one answer, counters moved once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest

from boxoffice.values import DateKey
from tests.concurrency.buyers import body_of, path_of
from tests.concurrency.conftest import Eight
from tests.concurrency.rush_ledger import Lines
from tests.concurrency.rush_line import Answer, Line, closing
from tests.concurrency.rush_sale import assert_clean, identifier_of, put_rush
from tests.waiting import until
from tests.world import sums_of

REPEATS = 50
ANSWERS_SECONDS_MAX = 60.0
KEY = "one-and-the-same"


class Repeats:
    """50 connections over all services, each with the same request for the same tickets of one date."""

    def __init__(self, eight: Eight, date_key: DateKey, lines: Lines) -> None:
        self._lines = [Line(eight.services[number % len(eight.services)].url) for number in range(REPEATS + 1)]
        self._path = path_of(date_key)
        self._body = body_of(lines)

    async def all_at_once(self) -> Sequence[Answer]:
        """Send the request 50 times and return the answers; who is told to come again does."""
        async with asyncio.timeout(ANSWERS_SECONDS_MAX):
            return await asyncio.gather(*(self._ask(line) for line in self._lines[1:]))

    async def sent_by_another(self) -> Line:
        """Send the request once more, on a connection of its own, and leave the answer unread."""
        await self._lines[0].send("POST", self._path, self._body, idempotency_key=KEY)
        return self._lines[0]

    async def refused_without_key(self) -> None:
        """See the same request refused on every connection, so that all services know that nothing is left."""
        for line in self._lines:
            assert (await line.ask("POST", self._path, self._body)).status == 409

    async def _ask(self, line: Line) -> Answer:
        while (answer := await line.ask("POST", self._path, self._body, idempotency_key=KEY)).status == 503:
            assert int(answer.headers["retry-after"]) >= 1
        return answer

    @staticmethod
    @asynccontextmanager
    async def of(eight: Eight, date_key: DateKey, lines: Lines) -> AsyncIterator["Repeats"]:
        """Make them, and close all connections at the end."""
        repeats = Repeats(eight, date_key, lines)
        async with closing(repeats._lines):
            yield repeats


def assert_one_answer(answers: Sequence[Answer], *, replayed: int) -> str:
    """Assert that all answers are the same but for `Idempotent-Replayed`; return the reservation's name."""
    assert {answer.status for answer in answers} == {201}, answers
    assert len({answer.body for answer in answers}) == 1
    (location,) = {answer.headers["location"] for answer in answers}
    told = [answer.headers.get("idempotent-replayed") for answer in answers]
    assert (told.count("true"), told.count(None)) == (replayed, REPEATS - replayed)
    return location.removeprefix("/reservation/")


async def assert_moved_once(pool: asyncpg.Pool, eight: Eight, date_key: DateKey, name: str, lines: Lines) -> None:
    """Assert that this reservation is the only one, and the counters tell of its tickets and of no others."""
    sums = await sums_of(pool, date_key.event_id)
    assert (sums.reservations, sums.tickets) == (1, sum(lines.values()))
    for kind in (1, 2):
        assert sum(units for (of, _), units in sums.types.items() if of == kind) == lines.get(kind, 0)
    found = await pool.fetchval("SELECT id FROM reservation WHERE event_id = $1", date_key.event_id)
    assert found == identifier_of(name)
    await assert_clean(eight.database_url, date_key.event_id)


@pytest.mark.parametrize(
    ("tickets", "lines"),
    [
        pytest.param(997, {1: 3, 2: 4}, id="plenty"),
        pytest.param(7, {1: 3, 2: 4}, id="the last seven"),
        pytest.param(1, {2: 1}, id="the last one"),
    ],
)
async def test_one_key_at_once(eight: Eight, truth: asyncpg.Pool, tickets: int, lines: Lines) -> None:
    date_key = await put_rush(truth, tickets)
    async with Repeats.of(eight, date_key, lines) as repeats:
        name = assert_one_answer(await repeats.all_at_once(), replayed=REPEATS - 1)
        if tickets == sum(lines.values()):
            await repeats.refused_without_key()
        assert assert_one_answer(await repeats.all_at_once(), replayed=REPEATS) == name
    await assert_moved_once(truth, eight, date_key, name, lines)


@pytest.mark.parametrize("tickets", [997, 2])
async def test_the_answer_was_cut_off(eight: Eight, truth: asyncpg.Pool, tickets: int) -> None:
    date_key = await put_rush(truth, tickets)
    async with Repeats.of(eight, date_key, {1: 2}) as repeats:
        line = await repeats.sent_by_another()
        await until(lambda: is_held(truth, date_key))
        line.cut()
        name = assert_one_answer(await repeats.all_at_once(), replayed=REPEATS)
    await assert_moved_once(truth, eight, date_key, name, {1: 2})


@pytest.mark.parametrize("tickets", [997, 2])
async def test_cut_off_and_repeated_while_the_first_is_in_flight(
    eight: Eight, truth: asyncpg.Pool, tickets: int
) -> None:
    date_key = await put_rush(truth, tickets)
    async with Repeats.of(eight, date_key, {1: 2}) as repeats, truth.acquire() as other:
        async with other.transaction():
            await other.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", date_key.event_id)
            line = await repeats.sent_by_another()
            await until(lambda: waiting(truth, 1))
            line.cut()
            repeating = asyncio.create_task(repeats.all_at_once())
            await until(lambda: waiting(truth, len(eight.services)))
        name = assert_one_answer(await repeating, replayed=REPEATS)
    await assert_moved_once(truth, eight, date_key, name, {1: 2})


async def is_held(pool: asyncpg.Pool, date_key: DateKey) -> bool:
    found: bool = await pool.fetchval("SELECT count(*) = 1 FROM reservation WHERE event_id = $1", date_key.event_id)
    return found


async def waiting(pool: asyncpg.Pool, statements: int) -> bool:
    """Tell whether so many statements wait for a lock: of a row, or of a key that another one is about to store."""
    found: int = await pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return found >= statements
