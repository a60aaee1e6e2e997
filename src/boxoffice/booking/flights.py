"""Combining: requests for the same key that arrive while a flight is in the air leave together in the next one.

A key's queue is empty, waiting for a connection, or in the air. It leaves as soon as a connection is free:
back-pressure combines, never a timer, so an idle system adds no wait. Keys take turns: a key with more to carry goes to
the end of the line. Queues are bounded in number and in waiting time; beyond either bound a request is answered
Overloaded, not booked: at once when the flights ahead of it would take longer than the bound, going by the latest ones.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from boxoffice.errors import Overloaded

Key = TypeVar("Key", bound=Hashable)
Request = TypeVar("Request")
Answer = TypeVar("Answer")

WATCHES_PER_WAIT = 10
LATEST_TURN_WEIGHT = 0.2


class Passenger(Generic[Request, Answer]):
    """A request on its way: settled once, by an answer or an error."""

    __slots__ = ("_future", "arrived_at", "gone", "request")

    def __init__(self, request: Request, gone: Callable[[], bool] | None) -> None:
        self.request = request
        self.gone = gone
        self.arrived_at = time.monotonic()
        self._future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    @property
    def settled(self) -> bool:
        """Whether it has its answer, or nobody waits for one any more."""
        return self._future.done()

    def settle(self, answer: Answer) -> None:
        """Answer it, if it still waits."""
        if not self._future.done():
            self._future.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Fail it alone, if it still waits."""
        if not self._future.done():
            self._future.set_exception(error)

    async def answer(self) -> Answer:
        """Wait for the answer. Raises the error that it was refused with."""
        return await self._future


class Flights(Generic[Key, Request, Answer]):
    """Carries requests to `fly`, which settles each passenger of one key; it runs once at a time for each key.

    `runways` bounds the flights in the air; several Flights may share it, as they share the connections.
    """

    def __init__(
        self,
        fly: Callable[[Key, Sequence[Passenger[Request, Answer]]], Awaitable[None]],
        *,
        runways: asyncio.Semaphore,
        requests_max: int,
        queue_max: int,
        wait_ms_max: int,
    ) -> None:
        self._fly = fly
        self._runways = runways
        self._requests_max = requests_max
        self._queue_max = queue_max
        self._wait_seconds_max = wait_ms_max / 1000
        self._queues: dict[Key, deque[Passenger[Request, Answer]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._turn_seconds: dict[Key, float] = {}
        self.waiting = 0

    async def join(self, key: Key, request: Request, gone: Callable[[], bool] | None = None) -> Answer:
        """Send a request with the key's next flight; return its answer or raise what it was refused with."""
        if self._closed:
            raise Overloaded("The service is stopping; nothing is booked.")
        if self.waiting >= self._queue_max:
            raise Overloaded("Too many requests are waiting; nothing is booked.")
        passenger: Passenger[Request, Answer] = Passenger(request, gone)
        queue = self._queues.get(key)
        if queue is not None and self._expected_wait(key, len(queue)) > self._wait_seconds_max:
            raise Overloaded("Too many requests are ahead of this one; nothing is booked.")
        if queue is None:
            queue = self._queues[key] = deque()
            task = asyncio.create_task(self._serve(key, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        queue.append(passenger)
        self.waiting += 1
        return await passenger.answer()

    async def _serve(self, key: Key, queue: deque[Passenger[Request, Answer]]) -> None:
        """Fly until nobody waits for this key; the semaphore's line is what makes keys take turns."""
        while queue:
            ready_at = time.monotonic()
            async with self._runways:
                boarded = self._board(queue)
                if boarded:
                    await self._take_off(key, boarded)
                    self._learn_turn(key, time.monotonic() - ready_at)
        del self._queues[key]
        self._turn_seconds.pop(key, None)

    def _learn_turn(self, key: Key, seconds: float) -> None:
        """Follow how long a turn of this key takes, its wait for a runway and its flight, while its queue lasts."""
        known = self._turn_seconds.get(key, seconds)
        self._turn_seconds[key] = known + LATEST_TURN_WEIGHT * (seconds - known)

    def _expected_wait(self, key: Key, ahead: int) -> float:
        return ahead // self._requests_max * self._turn_seconds.get(key, 0.0)

    def _board(self, queue: deque[Passenger[Request, Answer]]) -> list[Passenger[Request, Answer]]:
        boarded: list[Passenger[Request, Answer]] = []
        while queue and len(boarded) < self._requests_max:
            passenger = queue.popleft()
            self.waiting -= 1
            if passenger.settled:
                continue
            if passenger.gone is not None and passenger.gone():
                passenger.refuse(Overloaded("The client left before its request was booked; nothing is booked."))
                continue
            boarded.append(passenger)
        return boarded

    async def _take_off(self, key: Key, boarded: Sequence[Passenger[Request, Answer]]) -> None:
        try:
            await self._fly(key, boarded)
        except asyncio.CancelledError:
            for passenger in boarded:
                passenger.refuse(Overloaded("The service stopped before an answer came; the outcome is unknown."))
            raise
        except Exception as error:
            # Whatever grounded the flight, each passenger hears of it.
            for passenger in boarded:
                passenger.refuse(error)
        for passenger in boarded:
            passenger.refuse(AssertionError("a flight landed without an answer for this request"))

    async def watch_forever(self) -> None:
        """Answer requests that wait too long, also while every connection hangs. Runs until cancelled."""
        while True:
            await asyncio.sleep(self._wait_seconds_max / WATCHES_PER_WAIT)
            self.watch_once(time.monotonic())

    def watch_once(self, now: float) -> int:
        """Refuse what has waited too long by `now` (monotonic seconds); return how many."""
        refused = 0
        for queue in self._queues.values():
            while queue and queue[0].arrived_at <= now - self._wait_seconds_max:
                passenger = queue.popleft()
                self.waiting -= 1
                passenger.refuse(Overloaded("The request waited too long; nothing is booked."))
                refused += 1
        return refused

    async def drain(self, seconds_max: float) -> None:
        """Take no more requests; let those that wait or fly be answered, for a bounded time, then refuse the rest."""
        self._closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds_max)
        for task in tuple(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for queue in self._queues.values():
            for passenger in queue:
                passenger.refuse(Overloaded("The service is stopping; nothing is booked."))
