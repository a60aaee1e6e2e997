"""What is made to fail: verbs that can be done to a world of their own, and done again. Here, those of booking."""

import asyncio
import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from typing import ClassVar

import asyncpg
import httpx

from boxoffice.booking.sweeper import Sweeper
from boxoffice.database import UNREACHABLE
from boxoffice.values import DateKey
from tests.api.shop import assert_problem
from tests.faults.stage import Stage
from tests.faults.world import World
from tests.world import make_overdue

KEY = "the-key-of-the-test"


def done(answer: httpx.Response, *granted: int) -> bool:
    """Return whether a request was granted; all else that it may be answered is an honest 503."""
    if answer.status_code not in granted:
        assert_problem(answer, 503, "overloaded")
    return answer.status_code in granted


class Verb(ABC):
    """One thing that a box office does to the database."""

    round_trips: ClassVar[int]
    """How many it is known to take, on connections that are open and know its statements."""
    repeatable: ClassVar[bool] = True
    """Whether doing it again changes nothing more."""
    date_key: DateKey
    granted: tuple[int, ...]
    """The statuses by which it is done."""

    @abstractmethod
    async def prepare(self, stage: Stage) -> None:
        """Make the world that it is done to."""

    @abstractmethod
    async def act(self, stage: Stage) -> bool:
        """Do it; return whether it was done, as far as the box office says. It may have been done all the same."""

    def allows(self, before: World, found: World, after: World) -> bool:
        """Tell whether it may have left this behind where it failed."""
        return found in (before, after)


class Hold(Verb):
    """A hold with an Idempotency-Key, of two types, over several shards."""

    round_trips = 4

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event()

    async def act(self, stage: Stage) -> bool:
        return done(await stage.hold(self.date_key, {1: 5, 2: 3}, Idempotency_Key=KEY), 201)


class HoldWithoutKey(Hold):
    """A hold that nobody can ask about: its buyer asks again and may hold twice."""

    repeatable = False

    async def act(self, stage: Stage) -> bool:
        return done(await stage.hold(self.date_key, {1: 3, 2: 2}), 201)


class HoldOnOverdue(Hold):
    """A hold of units that overdue holds still keep: they are expired first."""

    round_trips = 9

    async def prepare(self, stage: Stage) -> None:
        await super().prepare(stage)
        for quantity in (3, 4, 5):
            assert (await stage.hold(self.date_key, {2: quantity})).status_code == 201
        await make_overdue(stage.pool, self.date_key.event_id)


class HoldWithOldKey(Hold):
    """A hold whose Idempotency-Key belongs to a hold that is overdue."""

    round_trips = 5

    async def prepare(self, stage: Stage) -> None:
        await super().prepare(stage)
        assert (await stage.hold(self.date_key, {2: 2}, Idempotency_Key=KEY)).status_code == 201
        await make_overdue(stage.pool, self.date_key.event_id)


class HoldAgain(Hold):
    """A hold that its Idempotency-Key made before."""

    round_trips = 2

    async def prepare(self, stage: Stage) -> None:
        await super().prepare(stage)
        assert await self.act(stage)


class HoldTooMany(Hold):
    """A hold that is refused: more than is left."""

    round_trips = 4

    async def act(self, stage: Stage) -> bool:
        return done(await stage.hold(self.date_key, {1: 10}), 409)


class HoldsOfTwoDates(Verb):
    """Holds that travel together: the first flight keeps the connection, the next one carries both dates."""

    round_trips = 4

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event(dates=2)

    async def act(self, stage: Stage) -> bool:
        event_id, date, start_time = self.date_key
        other = DateKey(event_id, date + dt.timedelta(days=1), start_time)
        answers = await asyncio.gather(
            stage.hold(self.date_key, {1: 2}, Idempotency_Key="first"),
            stage.hold(self.date_key, {1: 4, 2: 2}, Idempotency_Key="second"),
            stage.hold(other, {1: 4, 2: 3}, Idempotency_Key="third"),
        )
        outcomes = [done(answer, 201) for answer in answers]
        return all(outcomes)

    def allows(self, before: World, found: World, after: World) -> bool:
        """Each of the holds may be there, whole."""
        return not Counter(before) - Counter(found) and not Counter(found) - Counter(after)


class Pay(Verb):
    """The payment of a hold."""

    round_trips = 1

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event()
        held = await stage.hold(self.date_key, {1: 5, 2: 3})
        self.path = held.headers["location"]

    async def act(self, stage: Stage) -> bool:
        return done(await stage.shop.post(self.path, {"paymentReference": "paid"}), 200)


class Release(Pay):
    """A hold that its buyer lets go; when nobody heard of it, doing it again finds nothing."""

    async def prepare(self, stage: Stage) -> None:
        await super().prepare(stage)
        self.granted = (204,)

    async def act(self, stage: Stage) -> bool:
        released = done(await stage.shop.client.delete(self.path), *self.granted)
        self.granted = (204, 410)
        return released


class Sweep(Verb):
    """The sweeper's work: three overdue holds in batches of two."""

    round_trips = 9

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event()
        for quantity in (1, 2, 3):
            assert (await stage.hold(self.date_key, {1: quantity, 2: 1})).status_code == 201
        await make_overdue(stage.pool, self.date_key.event_id)

    async def act(self, stage: Stage) -> bool:
        sweeper = Sweeper(stage.booking, interval_ms=1_000, batch_rows_max=2, on_given_back=lambda _: None)
        try:
            return not (await sweeper.run_once()).failed
        except (*UNREACHABLE, asyncpg.PostgresError):
            return False
