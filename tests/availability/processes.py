"""Several "processes" in one test: each with its own way to Redis, marks, memory and clock."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from boxoffice.availability.counters import Counters
from boxoffice.availability.layered import Layers
from boxoffice.availability.marks import Marks
from boxoffice.availability.memory import Memory
from boxoffice.availability.scripts import MARK_SCRIPTS, MEMORY_SCRIPTS, MarkScripts, MemoryScripts
from boxoffice.availability.shared import Shared
from boxoffice.availability.trust import TRUST, Trust
from boxoffice.settings import Settings
from boxoffice.values import DateKey, GivenBack
from tests.availability.catalogue import Catalogue
from tests.waiting import until

LIFE_MS = 10_000
"""Long enough that nothing in Redis ends by itself while a test runs."""
PATIENT_MS = 10_000
"""Longer than a busy machine keeps Redis from answering, or a process from hearing the answer."""
SETTINGS = Settings(
    exhausted_ms_max=LIFE_MS, availability_ms_max=LIFE_MS, catalog_ms_max=LIFE_MS, redis_ms_max=PATIENT_MS
)


class HandClock:
    """A monotonic clock that moves when told; each look at it takes a microsecond, so that no two are the same."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        self.seconds += 1e-6
        return self.seconds

    def advance(self, ms: float) -> None:
        self.seconds += ms / 1000


class NoNewerRule(Trust):
    """Believes what was read before this process's own change."""

    def is_newer(self, moment: float, changed_at: float) -> bool:
        return True


class NewLifeRule(Trust):
    """Begins a new life for what L2 answers."""

    def moment_of(self, asked_at: float, age: float) -> float:
        return asked_at


@dataclass
class Notes:
    """Notes down what a guess would learn."""

    given_back: list[GivenBack] = field(default_factory=list)
    exhausted: list[tuple[DateKey, Mapping[int, int], Mapping[tuple[int, int], int]]] = field(default_factory=list)
    forgotten: list[DateKey] = field(default_factory=list)
    forgotten_events: list[int] = field(default_factory=list)

    def learn_given_back(self, given: GivenBack) -> None:
        self.given_back.append(given)

    def learn_exhausted(
        self, date_key: DateKey, total: Mapping[int, int], types: Mapping[tuple[int, int], int]
    ) -> None:
        self.exhausted.append((date_key, total, types))

    def forget(self, date_keys: Iterable[DateKey]) -> None:
        self.forgotten.extend(date_keys)

    def forget_event(self, event_id: int) -> None:
        self.forgotten_events.append(event_id)


@dataclass(frozen=True, kw_only=True)
class Process:
    """What one service process has of availability."""

    shared: Shared
    marks: Marks
    memory: Memory
    counters: Counters
    clock: HandClock
    notes: Notes

    @property
    def listening(self) -> bool:
        return self.shared.listener is not None and self.shared.listener.listening.is_set()


@asynccontextmanager
async def process(
    url: str | None,
    *,
    catalogue: Catalogue | None = None,
    settings: Settings = SETTINGS,
    trust: Trust = TRUST,
    mark_scripts: MarkScripts = MARK_SCRIPTS,
    memory_scripts: MemoryScripts = MEMORY_SCRIPTS,
    shared_type: type[Shared] = Shared,
    clock: HandClock | None = None,
) -> AsyncIterator[Process]:
    """Open a process; with a URL it is present, all its masters are, and it listens when this returns."""
    settings = msgspec.structs.replace(settings, redis_url=url)
    counters, clock, notes = Counters(), clock or HandClock(), Notes()
    shared = shared_type(settings, counters)
    marks = Marks(
        shared=shared,
        settings=settings,
        counters=counters,
        learner=notes,
        clock=clock,
        trust=trust,
        scripts=mark_scripts,
    )
    layers = Layers(shared=shared, counters=counters, clock=clock, trust=trust, scripts=memory_scripts)
    memory = Memory(layers=layers, settings=settings, load=(catalogue or Catalogue()).loaders())
    opened = Process(shared=shared, marks=marks, memory=memory, counters=counters, clock=clock, notes=notes)
    await shared.start()
    try:
        if url is not None:
            await until(lambda: opened.listening and shared.present and not shared.away)
        clock.advance(60_000)  # what others read from now on is surely younger than the gap before we listened
        yield opened
    finally:
        await shared.close()


async def told(*processes: Process) -> None:
    """Return when everything that these processes had to tell has been said."""
    for one in processes:
        await one.shared.told()


def without(text: str, guard: str, instead: str = "") -> str:
    """Take a guard out of a script; what comes out is no script at all when the guard is not there."""
    return text.replace(guard, instead) if guard in text else f"not in the script: {guard}"


def lines_of(*lines: tuple[int, int]) -> tuple[int, Sequence[tuple[int, int]]]:
    """Return the total and the lines of a request."""
    return sum(quantity for _, quantity in lines), lines
