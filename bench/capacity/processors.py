"""Time, processors and threads of a simulation: threads that can run share the processors of their machine equally.

A thread does one thing after the other, and uses one processor at most. Nothing here knows what is simulated.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

Then = Callable[[], None]


class Machine:
    """So many processors, and the threads that want them now."""

    def __init__(self, processors: float) -> None:
        self.processors = processors
        self.running: dict[Thread, float] = {}

    @property
    def speed(self) -> float:
        """The share of a processor that each running thread gets."""
        return min(1.0, self.processors / len(self.running)) if self.running else 1.0


class Thread:
    """Does what it is told in order; its time is counted for its part."""

    def __init__(self, machine: Machine, part: str) -> None:
        self.part = part
        self._machine = machine
        self._jobs: deque[tuple[float, Then]] = deque()
        self._then: Then | None = None

    def do(self, seconds: float, then: Then, *, first: bool = False) -> None:
        """Use a processor for so long, after all else that was told (or before it), and then go on with `then`."""
        if first:
            self._jobs.appendleft((seconds, then))
        else:
            self._jobs.append((seconds, then))
        if self._then is None:
            self._begin()

    def _begin(self) -> None:
        seconds, self._then = self._jobs.popleft()
        self._machine.running[self] = seconds

    def end(self) -> None:
        """Go on after the job that has just been done."""
        del self._machine.running[self]
        then, self._then = self._then, None
        if then is not None:
            then()
        if self._jobs and self._then is None:
            self._begin()


class Clock:
    """Simulated time: jobs on machines, and what happens after a delay."""

    def __init__(self, *machines: Machine) -> None:
        self.now = 0.0
        self.used: defaultdict[str, float] = defaultdict(float)
        self._machines = machines
        self._delays: list[tuple[float, int, Then]] = []
        self._numbers = count()

    def after(self, seconds: float, then: Then) -> None:
        """Have something happen later."""
        heappush(self._delays, (self.now + seconds, next(self._numbers), then))

    def run(self, until: float) -> None:
        """Let time pass."""
        while True:
            step, thread = self._next_end()
            if self._delays and self._delays[0][0] - self.now <= step:
                moment, _, then = self._delays[0]
                if moment > until:
                    break
                heappop(self._delays)
                self._advance(max(0.0, moment - self.now))
                then()
            elif thread is not None and self.now + step <= until:
                self._advance(step)
                thread.end()
            else:
                break
        self._advance(until - self.now)

    def _next_end(self) -> tuple[float, Thread | None]:
        """Return in how many seconds the next job ends, and whose."""
        soonest, found = float("inf"), None
        for machine in self._machines:
            for thread, left in machine.running.items():
                seconds = left / machine.speed
                if seconds < soonest:
                    soonest, found = seconds, thread
        return soonest, found

    def _advance(self, seconds: float) -> None:
        self.now += seconds
        for machine in self._machines:
            done = seconds * machine.speed
            for thread, left in machine.running.items():
                machine.running[thread] = max(0.0, left - done)
                self.used[thread.part] += done
