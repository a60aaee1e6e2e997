"""Combining: requests that arrive while a flight is in the air leave together in the next one.

Requests wait by key, keys by group: a flight carries as many keys of one group as wait and have room in it. A key's
queue is in line for a flight or in the air; never in two flights at once, unless requests fly alone (`requests_max` of
1: nothing is combined). A flight leaves as soon as a connection is free: back-pressure combines, never a timer, so an
idle system adds no wait. Groups take turns for the connections, and keys for their group's flights: a key with more to
carry goes to the end of the line.

Queues are bounded in number and in waiting time; beyond either bound a request is answered Overloaded, not booked: at
once when the flights ahead of it would take longer than half of the bound, going by the latest ones.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from boxoffice.booking.passengers import Boarded, Gate, Passenger
from boxoffice.counting import Traffic
from boxoffice.errors import Overloaded

Key = TypeVar("Key", bound=Hashable)
Request = TypeVar("Request")
Answer = TypeVar("Answer")

WATCHES_PER_WAIT = 10
LATEST_TURN_WEIGHT = 0.2
CANCEL_SECONDS_MAX = 0.2
# What is let in should leave in time even when turns become twice as long: a late 503 is worse than an early one.
WAIT_SHARE_LET_IN = 0.5


class _Queue(Generic[Request, Answer]):
    """The requests of one key that wait, since when it is in line, and how long its latest turns took."""

    __slots__ = ("flights", "in_line", "lined_up_at", "passengers", "turn_seconds")

    def __init__(self) -> None:
        self.passengers: deque[Passenger[Request, Answer]] = deque()
        self.flights = 0
        self.in_line = False
        self.lined_up_at = 0.0
        self.turn_seconds: float | None = None

    def learn_turn(self, seconds: float) -> None:
        """Follow how long a turn takes, the wait in line and the flight, while the queue lasts."""
        known = seconds if self.turn_seconds is None else self.turn_seconds
        self.turn_seconds = known + LATEST_TURN_WEIGHT * (seconds - known)


class Flights(Generic[Key, Request, Answer]):
    """Carries requests to `fly`, which settles each passenger of the keys aboard, all of one group.

    `runways` bounds the flights in the air; several Flights may share it, as they share the connections.
    """

    def __init__(
        self,
        fly: Callable[[Boarded[Key, Request, Answer]], Awaitable[None]],
        *,
        group_of: Callable[[Key], Hashable],
        runways: asyncio.Semaphore,
        requests_max: int,
        queue_max: int,
        wait_ms_max: int,
    ) -> None:
        self._fly = fly
        self._group_of = group_of
        self._runways = runways
        self._requests_max = requests_max
        self._alone = requests_max == 1
        self._queue_max = queue_max
        self._wait_seconds_max = wait_ms_max / 1000
        self._queues: dict[Key, _Queue[Request, Answer]] = {}
        self._lines: dict[Hashable, deque[Key]] = {}
        self._called: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._gate = Gate()
        self.traffic = Traffic()
        self.waiting = 0

    async def join(self, key: Key, request: Request, gone: Callable[[], bool] | None = None) -> Answer:
        """Send a request with the key's next flight; return its answer or raise what it was refused with."""
        if self._closed:
            raise Overloaded("The service is stopping; nothing is booked.", reason="stopping")
        if self.waiting >= self._queue_max:
            raise Overloaded("Too many requests are waiting; nothing is booked.", reason="queue_full")
        queue = self._queues.get(key) or self._queues.setdefault(key, _Queue())
        if not queue.in_line and (not queue.flights or self._alone):
            self._line_up(key, queue)
            self._call(self._group_of(key))
        elif self._expected_wait(queue) > self._wait_seconds_max * WAIT_SHARE_LET_IN:
            raise Overloaded("Too many requests are ahead of this one; nothing is booked.", reason="expected_wait")
        passenger: Passenger[Request, Answer] = Passenger(request, gone, self._gate)
        queue.passengers.append(passenger)
        self.waiting += 1
        return await passenger.answer()

    def _expected_wait(self, queue: _Queue[Request, Answer]) -> float:
        """Return for how many seconds the next one in a queue will wait, by the latest turns."""
        return len(queue.passengers) // self._requests_max * (queue.turn_seconds or 0.0)

    def _line_up(self, key: Key, queue: _Queue[Request, Answer]) -> None:
        """Put a key at the end of its group's line."""
        queue.in_line = True
        queue.lined_up_at = time.monotonic()
        self._lines.setdefault(self._group_of(key), deque()).append(key)

    def _call(self, group: Hashable) -> None:
        """Have a flight wait for a runway for a group's line, unless one does already."""
        if group in self._lines and group not in self._called:
            self._called.add(group)
            task = asyncio.create_task(self._serve(group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, group: Hashable) -> None:
        """Fly, and fly again for as long as the group has a line and no other flight was called for it.

        The next flight leaves before those that this one answered are heard again, so that the database works
        meanwhile. The semaphore's line is what makes groups take turns.
        """
        while True:
            async with self._runways:
                self._called.discard(group)
                boarded = self._board(group)
                await self._take_off({key: passengers for key, passengers in boarded.items() if passengers})
            for key in boarded:
                self._land(key)
            if group in self._called or group not in self._lines:
                return
            self._called.add(group)

    def _board(self, group: Hashable) -> Boarded[Key, Request, Answer]:
        """Take keys from the line while the flight has room for all that wait for them; call the next for the rest."""
        line, seats, gate = self._lines[group], self._requests_max, Gate()
        boarded: dict[Key, Sequence[Passenger[Request, Answer]]] = {}
        while line and (not boarded or len(self._queues[line[0]].passengers) <= seats):
            key = line.popleft()
            queue = self._queues[key]
            queue.in_line = False
            queue.flights += 1
            boarded[key] = self._board_key(queue.passengers, seats, gate)
            seats -= len(boarded[key])
            if self._alone and queue.passengers:
                self._line_up(key, queue)
        if not line:
            del self._lines[group]
        self._call(group)
        return boarded

    def _board_key(
        self, queue: deque[Passenger[Request, Answer]], seats: int, gate: Gate
    ) -> Sequence[Passenger[Request, Answer]]:
        boarded: list[Passenger[Request, Answer]] = []
        while queue and len(boarded) < seats:
            passenger = queue.popleft()
            self.waiting -= 1
            if passenger.settled:
                continue
            if passenger.gone is not None and passenger.gone():
                detail = "The client left before its request was booked; nothing is booked."
                passenger.refuse(Overloaded(detail, reason="client_left"))
                continue
            passenger.board(gate)
            boarded.append(passenger)
        return boarded

    async def _take_off(self, boarded: Boarded[Key, Request, Answer]) -> None:
        passengers = [passenger for of_key in boarded.values() for passenger in of_key]
        if not passengers:
            return
        left_at = time.monotonic()
        self.traffic.took_off(len(passengers), left_at - passengers[0].arrived_at)
        try:
            await self._fly(boarded)
        except asyncio.CancelledError:
            detail = "The service stopped before an answer came; the outcome is unknown."
            for passenger in passengers:
                passenger.refuse(Overloaded(detail, reason="stopping", outcome_unknown=True))
            raise
        except Exception as error:
            # Whatever grounded the flight, each passenger hears of it.
            for passenger in passengers:
                passenger.refuse(error)
        finally:
            self.traffic.landed(time.monotonic() - left_at)
        for passenger in passengers:
            passenger.refuse(AssertionError("a flight landed without an answer for this request"))

    def _land(self, key: Key) -> None:
        """Forget a key for which nobody waits; put it back in line otherwise."""
        queue = self._queues[key]
        queue.flights -= 1
        if queue.passengers and not queue.in_line:
            queue.learn_turn(time.monotonic() - queue.lined_up_at)
            self._line_up(key, queue)
        elif not queue.flights and not queue.in_line:
            del self._queues[key]

    async def watch_forever(self) -> None:
        """Answer requests that wait too long, also while every connection hangs. Runs until cancelled."""
        while True:
            await asyncio.sleep(self._wait_seconds_max / WATCHES_PER_WAIT)
            self.watch_once(time.monotonic())

    def watch_once(self, now: float) -> int:
        """Refuse what has waited too long by `now` (monotonic seconds); return how many."""
        refused = 0
        for queue in self._queues.values():
            while queue.passengers and queue.passengers[0].arrived_at <= now - self._wait_seconds_max:
                self.waiting -= 1
                refused += 1
                queue.passengers.popleft().refuse(
                    Overloaded("The request waited too long; nothing is booked.", reason="waited_too_long")
                )
        return refused

    async def drain(self, seconds_max: float) -> None:
        """Take no more requests; let those that wait or fly be answered, for a bounded time, then refuse the rest.

        Ends within `seconds_max` and twice CANCEL_SECONDS_MAX. Repeatable.
        """
        self._closed = True
        until = time.monotonic() + seconds_max
        while self._tasks and (left := until - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        for queue in self._queues.values():
            for passenger in queue.passengers:
                passenger.refuse(Overloaded("The service is stopping; nothing is booked.", reason="stopping"))
        # The first has a flight take its statement back; the second ends its wait for a database that does not hear.
        for _ in range(2):
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=CANCEL_SECONDS_MAX)
