"""A simulation of the service under load: generator, processes, flights, the database, and the processors they share.

Time passes in jobs. A hold is sent by the generator and read by a process; it waits for its date's next flight; the
process plans the flight, a backend of the database books it and waits for the commit, the process learns from it, sends
off the next flight, and answers. What each of these takes are the costs of the model; nothing else is assumed but the
order, and that threads share the processors equally. The same layout gives the same figures every time.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bench.capacity.processors import Clock, Machine, Then, Thread
from bench.capacity.queues import RUNWAYS, SEATS, Queues
from bench.capacity.values import Configuration, Cost, Model, Prediction, Work

SEED = 1
WARM_UP_SECONDS = 0.3
SECONDS = 1.0
PROCESSORS_MIN = 0.01
CHUNK_MAX = 8
CHUNKS_MIN = 32
"""Of few buyers each is played by himself; of many, some together, which is quicker and comes to the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Machines and what is asked of them. Without `database_processors` everything runs on the same machine."""

    asked: Configuration
    processors: float
    database_processors: float | None = None
    generator_beside: bool = True
    generator_threads: int = 1
    network_seconds: float = 0.0
    seats: int = SEATS
    runways: int = RUNWAYS


def simulate(model: Model, layout: Layout, seconds: float = SECONDS) -> Prediction:
    """Return what a layout reaches."""
    return _Simulation(model, layout).run(seconds)


class _Lock:
    """Counter rows that one flight after the other moves."""

    def __init__(self) -> None:
        self.waiting: list[partial[None]] = []
        self.taken = False


class _Process:
    """A service process: one thread, its flights, and backends of the database."""

    def __init__(self, number: int, thread: Thread, queues: Queues) -> None:
        self.number = number
        self.thread = thread
        self.queues = queues
        self.boarding = False


class _Simulation:
    def __init__(self, model: Model, layout: Layout) -> None:
        self._model, self._layout, self._asked = model, layout, layout.asked
        near = Machine(max(PROCESSORS_MIN, layout.processors * model.usable - self._always_used()))
        far = near if layout.database_processors is None else Machine(layout.database_processors * model.usable)
        beside = near if layout.generator_beside else Machine(float("inf"))
        self._database = far
        self._clock = Clock(*{id(machine): machine for machine in (near, far, beside)}.values())
        self._senders = [Thread(beside, "generator") for _ in range(layout.generator_threads)]
        self._processes = [self._process(number, near) for number in range(self._asked.workers)]
        self._locks: dict[tuple[int, int], _Lock] = {}
        self._random = random.Random(SEED)  # noqa: S311 - which date a buyer wants is no secret
        self._chunk = max(1, min(CHUNK_MAX, self._asked.connections // CHUNKS_MIN))
        self._held = self._flights = self._sent = 0

    def run(self, seconds: float) -> Prediction:
        """Let the load begin, then count for some seconds."""
        if self._asked.per_second is None:
            for first in range(0, self._asked.connections, self._chunk):
                self._send(min(self._chunk, self._asked.connections - first))
        elif self._asked.per_second > 0:
            self._arrive_later()
        self._clock.run(WARM_UP_SECONDS)
        held, flights, used = self._held, self._flights, self._clock.used.copy()
        self._clock.run(WARM_UP_SECONDS + seconds)
        work = Work(seconds=seconds, holds=self._held - held, flights=self._flights - flights)
        beside = {part: cost.seconds * self._times(part) for part, cost in self._model.costs.items()}
        processors = {
            part: (self._clock.used[part] - used[part]) / seconds + beside.get(part, 0.0)
            for part in ("web", "database", "kernel", "generator")
        }
        processors["redis"] = self._cost("redis").of(work) / seconds
        holds_a_flight = work.holds / max(1.0, work.flights)
        return Prediction(rate=work.holds / seconds, flight_holds=holds_a_flight, processors=processors)

    def _always_used(self) -> float:
        """Return the processors that are in use without any load."""
        return sum(self._cost(part).seconds * self._times(part) for part in ("web", "database", "redis", "kernel"))

    def _times(self, part: str) -> int:
        return self._asked.workers if part == "web" else 1

    def _cost(self, part: str) -> Cost:
        return self._model.costs.get(part, Cost())

    def _process(self, number: int, machine: Machine) -> _Process:
        queues = Queues(partial(self._take_off, number), seats=self._layout.seats, runways=self._layout.runways)
        return _Process(number, Thread(machine, "web"), queues)

    def _arrive_later(self) -> None:
        """Have one hold be due after a random time, and the next one after it."""
        rate = self._asked.per_second or 1.0

        def due() -> None:
            self._send(1)
            self._arrive_later()

        self._clock.after(self._random.expovariate(rate), due)

    def _send(self, holds: int) -> None:
        """Have the generator send holds, all to one process; processes take turns."""
        cost = self._cost("generator")
        seconds = holds * (cost.holds + cost.tickets * self._asked.tickets)
        sender = self._senders[self._sent % len(self._senders)]
        process = self._processes[self._sent % len(self._processes)]
        self._sent += 1
        sender.do(seconds, lambda: self._read(process, holds))

    def _read(self, process: _Process, holds: int) -> None:
        process.thread.do(self._beside_flights(holds), lambda: self._wait(process, holds))

    def _beside_flights(self, holds: int) -> float:
        """Return the time to read holds, or to answer them: half each of what does not lie between flights."""
        return (1 - self._model.chained) / 2 * self._of_holds(holds)

    def _of_holds(self, holds: int) -> float:
        web = self._cost("web")
        return holds * (web.holds + web.tickets * self._asked.tickets)

    def _wait(self, process: _Process, holds: int) -> None:
        """Let holds wait for their dates' flights. What has been read by then boards together."""
        for _ in range(holds):
            date = self._random.randrange(self._asked.events * self._asked.dates)
            process.queues.arrive(date // self._asked.dates, date)
        self._board_soon(process)

    def _board_soon(self, process: _Process) -> None:
        if not process.boarding:
            process.boarding = True
            process.thread.do(0.0, lambda: self._board(process))

    def _board(self, process: _Process) -> None:
        process.boarding = False
        process.queues.board()

    def _take_off(self, number: int, event: int, aboard: Mapping[int, int]) -> None:
        """Plan a flight, before anything else that the process has to do; then have the database book it."""
        self._flights += 1
        half = self._chain(aboard) / 2
        self._processes[number].thread.do(half, lambda: self._travel(number, event, aboard), first=True)

    def _chain(self, aboard: Mapping[int, int]) -> float:
        """Return the time of the service that lies between two flights of a date."""
        web, holds = self._cost("web"), sum(aboard.values())
        rows = web.rows * self._model.rows_of_date * len(aboard)
        return web.flights + rows + self._model.chained * self._of_holds(holds)

    def _travel(self, number: int, event: int, aboard: Mapping[int, int]) -> None:
        self._clock.after(self._layout.network_seconds / 2, lambda: self._book(number, event, aboard))

    def _book(self, number: int, event: int, aboard: Mapping[int, int]) -> None:
        """Book a flight once its counter rows are free: where there are fewer shards than processes, they share one."""
        if self._asked.shards >= self._asked.workers:
            self._booked_by_backend(None, number, event, aboard)
            return
        lock = self._locks.setdefault((event, number % self._asked.shards), _Lock())
        book = partial(self._booked_by_backend, lock, number, event, aboard)
        if lock.taken:
            lock.waiting.append(book)
        else:
            lock.taken = True
            book()

    def _booked_by_backend(self, lock: _Lock | None, number: int, event: int, aboard: Mapping[int, int]) -> None:
        holds = sum(aboard.values())
        work = Work(
            flights=1,
            holds=holds,
            tickets=holds * self._asked.tickets,
            rows=self._model.rows_of_date * len(aboard),
        )
        backend = Thread(self._database, "database")
        backend.do(
            self._cost("database").of(work),
            lambda: self._commit(work, partial(self._land, lock, number, event, aboard)),
        )

    def _commit(self, work: Work, then: Then) -> None:
        """Wait for the log; the kernel has to do with that, beside the wait."""
        Thread(self._database, "kernel").do(self._cost("kernel").of(work), lambda: None)
        self._clock.after(self._model.wait_seconds + self._layout.network_seconds / 2, then)

    def _land(self, lock: _Lock | None, number: int, event: int, aboard: Mapping[int, int]) -> None:
        if lock is not None:
            lock.taken = bool(lock.waiting)
            if lock.waiting:
                lock.waiting.pop(0)()
        thread = self._processes[number].thread
        thread.do(self._chain(aboard) / 2, lambda: self._learn(number, event, aboard))

    def _learn(self, number: int, event: int, aboard: Mapping[int, int]) -> None:
        """Free the connection, send off the next flight, and answer the holds of this one."""
        process = self._processes[number]
        process.queues.land(event, aboard)
        process.queues.board()
        left = sum(aboard.values())
        first = True
        while left:
            chunk = min(self._chunk, left)
            left -= chunk
            process.thread.do(self._beside_flights(chunk), partial(self._answer, chunk, first))
            first = False

    def _answer(self, holds: int, first: bool) -> None:
        """Have the generator hear answers; in a closed loop it sends as many holds again."""
        self._held += holds
        seconds = self._cost("generator").flights if first else 0.0
        sender = self._senders[self._sent % len(self._senders)]
        sender.do(seconds, lambda: self._send(holds) if self._asked.per_second is None else None)
