"""From the model to machines: how many carry a rate over so many events, and where one event ends. Plain functions.

How many holds fly together is a fixed point: a flight takes what came while the one before it was under way, and takes
the longer the more it carries.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec

from bench.capacity.queues import SEATS
from bench.capacity.values import Cost, Model, Work

Routing = Literal["by event", "spread"]
"""How a balancer chooses: the same few processes for all holds of an event, or any process for any hold."""

BUSY_MAX = 0.7
"""Processors and disks are planned to be busy for this share of the time, so that queues stay short."""
WEB_PROCESSORS = 8
DATABASE_PROCESSORS = 16
NETWORK_SECONDS = 0.0002
"""There and back between two machines of one place. Assumed: everything was measured on one machine."""
CITUS_SINGLE_SHARE = 0.25
CITUS_FULL_SHARES = (0.75, 0.97)
"""What Citus keeps of plain PostgreSQL's rate for single holds, for full flights. Reported elsewhere, not measured."""
SHARDS = 16
"""Counter rows of a date on sale, in the picture and where one event ends."""
TURNS_MAX = 200
DOUBLINGS = 10
TICKETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What carries a rate over so many events, evenly; none when an event is more than a database machine can carry."""

    rate: float
    events: int
    routing: Routing
    flight_holds: float
    web_machines: int
    database_machines: int
    wal_bytes_per_second: float
    http_bits_per_second: float

    @property
    def possible(self) -> bool:
        """Whether no event needs more than one machine."""
        return self.database_machines <= self.events


def work_of(model: Model, flight_holds: float, tickets: int = TICKETS) -> Work:
    """Return what one hold is made of when so many fly together, all for one date."""
    flights = 1 / flight_holds
    return Work(flights=flights, holds=1, tickets=tickets, rows=model.rows_of_date * flights)


def cost_of_hold(model: Model, resource: str, flight_holds: float, tickets: int = TICKETS) -> float:
    """Return what one hold costs of a resource when so many fly together, all for one date."""
    return model.costs.get(resource, Cost()).of(work_of(model, flight_holds, tickets))


def flight_seconds(model: Model, flight_holds: float, *, network: float = 0.0, tickets: int = TICKETS) -> float:
    """Return how long a flight keeps its date: planned, booked, committed, learned from; with nobody in the way."""
    work = work_of(model, flight_holds, tickets)
    web = model.costs["web"]
    between = web.flights * work.flights + web.rows * work.rows
    between += model.chained * (web.holds * work.holds + web.tickets * work.tickets)
    booked = model.costs["database"].of(work)
    return flight_holds * (between + booked) + model.wait_seconds + network


def fixed_point(model: Model, per_second: float, *, network: float = 0.0, tickets: int = TICKETS) -> float:
    """Return how many holds fly together when so many come for one date to one process, at random.

    Those who came during a flight leave together. Who comes when none was there leaves alone: with k expected, that is
    so with the chance e^-k, and k + e^-k leave on the average.
    """
    low, high = 1.0, float(SEATS)
    for _ in range(TURNS_MAX):
        middle = (low + high) / 2
        come = per_second * flight_seconds(model, middle, network=network, tickets=tickets)
        if come + math.exp(-come) > middle:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def plan(model: Model, rate: float, events: int, routing: Routing, disk_bytes_per_second: float) -> Plan:
    """Return the machines that carry a rate, spread evenly over events of one date on sale each.

    What carries more carries this too: when it is short of processors, flights wait, grow, and take less for each hold.
    """
    holds, _ = _flights_and_processes(model, rate, events, routing)
    more = [needed(model, rate * 2**power, events, routing, disk_bytes_per_second) for power in range(DOUBLINGS)]
    return Plan(
        rate=rate,
        events=events,
        routing=routing,
        flight_holds=holds,
        web_machines=min(each.web for each in more),
        database_machines=min(each.database for each in more),
        wal_bytes_per_second=rate * cost_of_hold(model, "wal_bytes", holds) / min(each.database for each in more),
        http_bits_per_second=8 * rate * sum(cost_of_hold(model, way, holds) for way in ("http_in", "http_out")),
    )


class Machines(NamedTuple):
    """So many machines of each kind."""

    web: int
    database: int


def needed(model: Model, rate: float, events: int, routing: Routing, disk_bytes_per_second: float) -> Machines:
    """Return the machines of which none is busier than it should be at a rate, with flights as that rate makes them."""
    holds, processes = _flights_and_processes(model, rate, events, routing)
    log = rate * cost_of_hold(model, "wal_bytes", holds) / disk_bytes_per_second / BUSY_MAX
    database, before = 1, 0
    while database != before:
        before = database
        processors = rate * database_seconds(model, holds, distributed=database > 1) / BUSY_MAX
        database = max(database, math.ceil(processors / DATABASE_PROCESSORS), math.ceil(log))
    return Machines(math.ceil(processes / WEB_PROCESSORS), database)


def _flights_and_processes(model: Model, rate: float, events: int, routing: Routing) -> tuple[float, int]:
    """Return how many holds fly together, and the processes: more processes make smaller flights, which cost more."""
    processes = 1
    for _ in range(TURNS_MAX):
        for_event = processes if routing == "spread" else max(1, math.ceil(processes / events))
        holds = fixed_point(model, rate / events / for_event, network=NETWORK_SECONDS)
        needed = math.ceil(rate * cost_of_hold(model, "web", holds) / BUSY_MAX)
        if needed <= processes:
            break
        processes = needed
    return holds, processes


def database_seconds(model: Model, flight_holds: float, *, distributed: bool) -> float:
    """Return the processor time of the database for a hold, with Citus or without."""
    plain = cost_of_hold(model, "database", flight_holds)
    return plain / citus_share(flight_holds) if distributed else plain


def citus_share(flight_holds: float) -> float:
    """Return what Citus keeps of PostgreSQL's rate: as reported for single holds and for full flights.

    In between the time that it adds to a hold is taken to fall with the flights that a hold takes.
    """
    single, full = 1 / CITUS_SINGLE_SHARE, 1 / CITUS_FULL_SHARES[0]
    alone = (1 / flight_holds - 1 / SEATS) / (1 - 1 / SEATS)
    return 1 / (full + (single - full) * alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What each thing lets through of one hot event, in holds a second, on one database machine."""

    processors: float
    log: float
    rows: float

    @property
    def rate(self) -> float:
        """The least of them."""
        return min(self.processors, self.log, self.rows)


def end_of_event(model: Model, processors: int, shards: int, disk_bytes_per_second: float) -> End:
    """Return where one event of one hot date ends, with as many service processes as it takes.

    Flights are full. Each counter row belongs to one flight at a time, until that is committed.
    """
    full = float(SEATS)
    return End(
        processors=BUSY_MAX * processors / cost_of_hold(model, "database", full),
        log=BUSY_MAX * disk_bytes_per_second / cost_of_hold(model, "wal_bytes", full),
        rows=rows_allow(model, shards, model.wait_seconds),
    )


def rows_allow(model: Model, shards: int, commit_seconds: float) -> float:
    """Return the holds a second that a date's counter rows let through where a flight waits so long for its commit.

    That is a property of the disk, and of the standby where a commit waits for one.
    """
    waiting = msgspec.structs.replace(model, wait_seconds=commit_seconds)
    return shards * SEATS / flight_seconds(waiting, float(SEATS), network=NETWORK_SECONDS)


def rate_of_database(model: Model, processors: int, events: int, disk_bytes_per_second: float) -> float:
    """Return the holds a second that one database machine carries over so many events, balanced by event.

    It ends where processors, the log or the counter rows of the events end, whichever is first.
    Found by halving: the more holds a second, the more processor time a second, though each hold takes less of it.
    """
    low, high = 0.0, end_of_event(model, processors, SEATS * events, disk_bytes_per_second).processors
    end = end_of_event(model, processors, SHARDS * events, disk_bytes_per_second)
    for _ in range(TURNS_MAX // 4):
        middle = (low + high) / 2
        holds, _ = _flights_and_processes(model, middle, events, "by event")
        busy = middle * database_seconds(model, holds, distributed=False) / processors
        if busy < BUSY_MAX:
            low = middle
        else:
            high = middle
    return min(low, end.log, end.rows)
