"""What each part of a process has counted, as metrics: read when somebody asks, never kept twice.

Nothing here waits or writes. One scrape of one process takes a few milliseconds of its event loop.
"""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from boxoffice.api.metrics import Reading
from boxoffice.api.office import Office
from boxoffice.availability.counters import Counters
from boxoffice.availability.roster import Roster
from boxoffice.availability.shared import Shared
from boxoffice.booking.allocation import Rooms
from boxoffice.booking.sweeper import Sweeper
from boxoffice.catalog.roll import Roller
from boxoffice.counting import (
    FIND_OUTCOMES,
    HOLD_OUTCOMES,
    PAYMENT_OUTCOMES,
    RELEASE_OUTCOMES,
    SECONDS,
    Histogram,
    Traffic,
)
from boxoffice.data_nodes import DataNodes
from boxoffice.hold_flight import HoldFlights
from boxoffice.selling import Combined, Selling

KINDS = ("hold", "pay", "release", "find")
LAG_PAUSE_SECONDS = 0.25
SHARDS_LOOKED_AT_MAX = 10_000
ROOMS = (0, 1, 10, 100, 1000)
ROOM_NAMES = ("0", "1-9", "10-99", "100-999", "1000+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a process that count something or run by themselves."""

    office: Office
    flights: HoldFlights
    sweeper: Sweeper
    counters: Counters
    shared: Shared
    roster: Roster
    roller: Roller
    pool: asyncpg.Pool
    nodes: DataNodes


class LoopLag:
    """Looks four times a second how late the event loop is: what a request waits before anybody has looked at it."""

    def __init__(self) -> None:
        self.seconds = Histogram(SECONDS)

    async def run_forever(self) -> None:
        """Look until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + LAG_PAUSE_SECONDS
            await asyncio.sleep(LAG_PAUSE_SECONDS)
            self.seconds.add(max(0.0, clock() - due))


def report(parts: Parts, engines: Mapping[str, AsyncEngine]) -> LoopLag:
    """Show in the office's metrics what these parts count. Run what is returned for as long as the office is open."""
    office, lag = parts.office, LoopLag()
    guess, add = office.guess, office.metrics.add
    add(lambda: read_selling(parts.flights, office.selling))
    add(lambda: read_shards(len(guess), guess.latest()))
    add(lambda: read_memory(parts.counters))
    add(lambda: read_redis(parts.counters, parts.shared))
    add(lambda: [("boxoffice_processes_alive", (), len(parts.roster.living))])
    add(lambda: read_sweeper(parts.sweeper))
    add(lambda: read_connections(parts.pool, engines))
    add(lambda: [("boxoffice_event_loop_lag_seconds", (), lag.seconds)])
    return lag


def read_selling(flights: HoldFlights, selling: Selling) -> Iterator[Reading]:
    """Yield how requests ended and what carried them."""
    counts = flights.counts
    holds = {
        **dict.fromkeys(HOLD_OUTCOMES, 0),
        **selling.holds.traffic.outcomes,
        "held": counts.held,
        "replayed": counts.replayed,
        "sold_out_by_mark": counts.sold_out_by_mark,
        "sold_out_by_pass": counts.sold_out_by_pass,
    }
    yield from (("boxoffice_holds", (outcome,), number) for outcome, number in holds.items())
    others: Sequence[tuple[str, Sequence[str], Combined]] = (
        ("boxoffice_payments", PAYMENT_OUTCOMES, selling.payments),
        ("boxoffice_releases", RELEASE_OUTCOMES, selling.releases),
        ("boxoffice_finds", FIND_OUTCOMES, selling.finds),
    )
    for name, outcomes, combined in others:
        ended: dict[str, int] = {**dict.fromkeys(outcomes, 0), **combined.traffic.outcomes}
        yield from ((name, (outcome,), number) for outcome, number in ended.items())
    yield "boxoffice_plans_failed", (), counts.plans_failed
    yield "boxoffice_full_passes", (), counts.passes
    for kind, flights_of_kind in zip(KINDS, selling.all_flights, strict=True):
        yield "boxoffice_requests_waiting", (kind,), flights_of_kind.waiting
        yield from read_traffic(kind, flights_of_kind.traffic)


def read_traffic(kind: str, traffic: Traffic) -> Iterator[Reading]:
    """Yield the flights of one kind, and the requests that it could not carry."""
    yield "boxoffice_flights_in_air", (kind,), traffic.flights_in_air
    yield "boxoffice_flight_requests", (kind,), traffic.flight_sizes
    yield "boxoffice_flight_wait_seconds", (kind,), traffic.wait_seconds
    yield "boxoffice_flight_seconds", (kind,), traffic.flight_seconds
    for reason, number in traffic.overloads.items():
        if reason != "client_left":  # nobody was there to be answered; it is an outcome of its own
            yield "boxoffice_overloads", (kind, reason), number


def read_shards(dates: int, latest: Iterable[Rooms], shards_max: int = SHARDS_LOOKED_AT_MAX) -> Iterator[Reading]:
    """Yield how full the shards are believed to be, of the dates sold latest, up to `shards_max` shards of them.

    There may be a hundred thousand dates with millions of shards, so no date has a metric of its own, and not all are
    looked at: those sold latest are those that matter now. Shards are grouped by the units left in them, not by their
    part of the limit: units decide whether the next hold fits into one shard or has to be split.
    """
    groups: Counter[tuple[str, int]] = Counter()
    exhausted = looked_at = 0
    for rooms in latest:
        if looked_at >= shards_max:
            break
        exhausted += rooms.total.left <= 0
        for limit, counter in (("total", rooms.total), *(("type", each) for each in rooms.types.values())):
            if counter.limited:
                groups.update((limit, bisect_right(ROOMS, max(0, room)) - 1) for room in counter.rooms)
                looked_at += len(counter.rooms)
    yield "boxoffice_dates_remembered", (), dates
    yield "boxoffice_dates_exhausted", (), exhausted
    for limit in ("total", "type"):
        for group, name in enumerate(ROOM_NAMES):
            yield "boxoffice_shards", (limit, name), groups[limit, group]


def read_memory(counters: Counters) -> Iterator[Reading]:
    """Yield which layer had an answer, memory by memory."""
    by_layer = {name: (answers.local, answers.shared, answers.loaded) for name, answers in counters.memories.items()}
    by_layer["marks"] = counters.marks_local_hits, counters.marks_shared_hits, counters.marks_shared_misses
    for memory, numbers in by_layer.items():
        for layer, number in zip(("L1", "L2", "loaded"), numbers, strict=True):
            yield "boxoffice_memory_answers", (memory, layer), number


def read_redis(counters: Counters, shared: Shared) -> Iterator[Reading]:
    """Yield how the shared memory fares."""
    yield "boxoffice_redis_present", (), shared.present
    yield "boxoffice_redis_questions", (), counters.redis_questions
    yield "boxoffice_redis_losses", (), counters.redis_losses
    yield "boxoffice_redis_untold", (), counters.redis_unsaid
    yield "boxoffice_messages_heard", (), counters.messages_heard
    yield "boxoffice_messages_gaps", (), counters.messages_gaps


def read_sweeper(sweeper: Sweeper) -> Iterator[Reading]:
    """Yield what expired, and how far behind its deadlines the sweeper is."""
    counts = sweeper.counts
    yield "boxoffice_sweeper_runs", (), counts.runs
    yield "boxoffice_sweeper_failures", (), counts.failures
    yield "boxoffice_sweeper_expired", (), counts.expired
    yield "boxoffice_sweeper_last_run_seconds", (), counts.last_run_seconds
    yield "boxoffice_sweeper_overdue_seconds", (), counts.overdue_seconds


def read_connections(booking: asyncpg.Pool, engines: Mapping[str, AsyncEngine]) -> Iterator[Reading]:
    """Yield how many connections to Postgres are open, and how many of them somebody uses."""
    idle = booking.get_idle_size()
    sizes = {"booking": (booking.get_size() - idle, idle, booking.get_max_size())}
    for name, engine in engines.items():
        pool = engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 - database.py opens no other kind
        sizes[name] = pool.checkedout(), pool.checkedin(), pool.size()
    for name, (in_use, unused, most) in sizes.items():
        yield "boxoffice_database_connections", (name, "in_use"), in_use
        yield "boxoffice_database_connections", (name, "idle"), unused
        yield "boxoffice_database_connections_max", (name,), most
