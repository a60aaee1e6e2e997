"""What is looked at once a second while the storm lasts: who uses the processors, and how full the shards are."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from bench.errors import CannotRun
from bench.processes import family, machine_busy_seconds, read_processes
from boxoffice.values import DateKey
from stress.routes import Routes
from stress.values import Fill, Processors

INTERVAL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Processor time used so far, by name of a family of processes, and of the whole machine; `at` by the clock."""

    at: float
    seconds: Mapping[str, float]
    machine: float | None


@contextmanager
def every_second(look: Callable[[], None]) -> Iterator[None]:
    """Call `look` now, once a second while the context lasts, and once more at its end."""
    stop = threading.Event()

    def watch() -> None:
        due = time.monotonic()
        while True:
            look()
            due = max(due + INTERVAL_SECONDS, time.monotonic())
            if stop.wait(due - time.monotonic()):
                return look()

    watcher = threading.Thread(target=watch, name=f"watching {look.__qualname__}")
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


class ProcessorWatch:
    """Watches families of processes, each named and given by its first process."""

    def __init__(self, first_processes: Mapping[str, int]) -> None:
        self._first_processes = dict(first_processes)
        self.looks: list[Look] = []

    def watch_generator(self, process_id: int) -> None:
        """Watch the generator too, from now on."""
        self._first_processes["generator"] = process_id

    def look(self) -> None:
        """Look once."""
        processes, at = read_processes(), time.time()
        used = {
            name: sum(each.processor_seconds for each in family(first, processes))
            for name, first in list(self._first_processes.items())
        }
        self.looks.append(Look(at=at, seconds=used, machine=machine_busy_seconds()))


class ShardWatch:
    """Watches the shards of one date by the admin routes. A second in which nobody answers has no look."""

    def __init__(self, routes: Routes, key: DateKey) -> None:
        self._routes, self._key = routes, key
        self.looks: list[tuple[float, Sequence[int], Sequence[int]]] = []

    def look(self) -> None:
        """Look once."""
        at = time.time()
        try:
            total = self._routes.shards(self._key).total
        except CannotRun:
            return
        self.looks.append((at, [shard.current for shard in total], [shard.max for shard in total]))


def processors_of(looks: Sequence[Look], began: int) -> list[Processors]:
    """Return how many processors were busy between each two looks; seconds count from the run's first one."""
    return [_between(one, other, began) for one, other in pairwise(looks) if other.at > one.at]


def _between(one: Look, other: Look, began: int) -> Processors:
    elapsed = other.at - one.at

    def busy(name: str) -> float | None:
        if name not in one.seconds or name not in other.seconds:
            return None
        return round(max(0.0, other.seconds[name] - one.seconds[name]) / elapsed, 3)

    machine = None
    if one.machine is not None and other.machine is not None:
        machine = round((other.machine - one.machine) / elapsed, 3)
    return Processors(
        second=int(one.at) - began,
        generator=busy("generator") or 0.0,
        service=busy("service"),
        postgres=busy("postgres"),
        machine=machine,
    )


def fills_of(looks: Sequence[tuple[float, Sequence[int], Sequence[int]]], began: int) -> list[Fill]:
    """Return what was seen of the shards; seconds count from the run's first one."""
    return [Fill(second=int(at) - began, current=list(current), maxima=list(maxima)) for at, current, maxima in looks]
