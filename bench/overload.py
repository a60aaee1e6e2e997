"""Rows of overload: more buyers than the service can serve, who come back, and more who do not ask whether they may."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.database import Database
from bench.errors import CannotRun
from bench.load import Load
from bench.resident import watching_memory
from bench.runs import BUSY, HELD, check_holds, hold_load, hold_rate, warm_up
from bench.servers import Process
from bench.shop import QUANTITY, OnSale
from bench.stage import Stage
from bench.timetable import Timed, Timetable, offered_share, percentile, timetable
from bench.values import Condition, Fact, Measured

TIMES_THE_CONNECTIONS = 8
TIMES_OFFERED = 3
CUT = 4
BUSY_MS_MAX = 100.0
MEMORY_RATIO_MAX = 1.5
ANSWER_SECONDS = (
    1.2  # the longest that a request waits before it is answered 503, and the flight that it may still catch
)
DELAY_US_MAX = 100_000
FLIGHT = 64
OFFERED_MIN = 0.95
TRIES_MAX = 6
BACK_SHARE = 0.9
BACK_SECONDS_MAX = 5.0
BACK_TRIES_MAX = 15
BEFORE_TRIES = 5


@dataclass(slots=True)
class _Seen:
    """The worst of all runs: how late a 503 came, how the memory grew from the peak to the overload, and how long it
    took afterwards until a second brought as much as before (None: nobody looked).
    """

    busy_ms: float = 0.0
    offered: float = 1.0
    memory_at_peak: float = 0.0
    memory: float = 0.0
    back_seconds: float | None = None


def goodput(stage: Stage) -> Measured:
    """Eight times the connections of the peak, for long; who is told to come back later does."""
    on_sale = stage.shop.put_event(shards=16)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        pairs = stage.pairs(lambda: hold_rate(stage, service, on_sale), lambda: _patient_rate(stage, service, on_sale))
    connections = TIMES_THE_CONNECTIONS * stage.options.connections
    return Measured(pairs=pairs, facts=[Fact(what="buyers at once", value=connections, unit="connections")])


def _patient_rate(stage: Stage, service: Process, on_sale: OnSale) -> float:
    connections = TIMES_THE_CONNECTIONS * stage.options.connections
    stage.shop.empty()
    load = Load(
        script="patient_hold",
        url=service.url,
        arguments=[on_sale.types[0], QUANTITY, *on_sale.paths],
        expected=frozenset({HELD, BUSY}),
        connections=connections,
    )
    answers = stage.send(load, stage.options.long_seconds)
    check_holds(stage.shop, on_sale, answers, connections)
    return answers.per_second(HELD)


def open_loop(stage: Stage) -> Measured:
    """A database cut to a quarter of the peak, and three times that offered, whatever the answers are."""

    def flooded(service: Process, on_sale: OnSale, table: Timetable, seen: _Seen) -> float:
        return _rate_when_flooded(stage, service, on_sale, table, seen, stage.options.long_seconds)

    return _open_loop(stage, flooded, _Seen())


def open_loop_without_redis(stage: Stage) -> Measured:
    """The same for twice as long while the shared memory hangs; then it is looked when all is as before."""

    def flooded(service: Process, on_sale: OnSale, table: Timetable, seen: _Seen) -> float:
        before = statistics.median(_rate_of_a_second(stage, service, on_sale) for _ in range(BEFORE_TRIES))
        with stage.servers.memory_stands_still():
            rate = _rate_when_flooded(stage, service, on_sale, table, seen, 2 * stage.options.long_seconds)
        seen.back_seconds = max(seen.back_seconds or 0.0, _seconds_to_recovery(stage, service, on_sale, before))
        return rate

    return _open_loop(stage, flooded, _Seen())


def _open_loop(stage: Stage, flooded: Callable[[Process, OnSale, Timetable, _Seen], float], seen: _Seen) -> Measured:
    on_sale = stage.shop.put_event(shards=16)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        peak = stage.median("peak rate", lambda: hold_rate(stage, service, on_sale))
    with (
        stage.service(database_connections_max=1, flight_requests_max=FLIGHT) as service,
        _slow_commits(stage.database),
    ):
        warm_up(stage, service, on_sale)
        smaller, delay_us = _cut(stage, service, on_sale, peak / CUT)
        table = timetable(TIMES_OFFERED * smaller, answer_seconds=ANSWER_SECONDS)
        pairs = stage.pairs(
            lambda: _rate_and_memory(stage, service, on_sale, seen),
            lambda: flooded(service, on_sale, table, seen),
        )
    return Measured(pairs=pairs, facts=_facts(peak, smaller, delay_us, table), conditions=_conditions(seen))


def _facts(peak: float, smaller: float, delay_us: int, table: Timetable) -> list[Fact]:
    return [
        Fact(what="peak before the cut", value=peak, unit="holds/s"),
        Fact(what="peak after it", value=smaller, unit="holds/s"),
        Fact(what="offered", value=table.per_second, unit="holds/s"),
        Fact(what="connections of each process to Postgres for booking", value=1, unit=""),
        Fact(what="holds in one statement at most", value=FLIGHT, unit=""),
        Fact(what="commits made slower by (commit_delay)", value=delay_us / 1000, unit="ms"),
    ]


def _conditions(seen: _Seen) -> list[Condition]:
    growth = seen.memory / seen.memory_at_peak if seen.memory_at_peak else 0.0
    back = Condition(
        what=f"{BACK_SHARE:.0%} of what one second brought before, again within {BACK_SECONDS_MAX:.0f} s after",
        found=f"after {seen.back_seconds:.0f} s" if seen.back_seconds is not None else "nobody looked",
        kept=seen.back_seconds is not None and seen.back_seconds <= BACK_SECONDS_MAX,
    )
    return [
        Condition(
            what=f"at least {OFFERED_MIN:.0%} of what is due is sent in time, no client being kept waiting",
            found=f"{seen.offered:.0%}",
            kept=seen.offered >= OFFERED_MIN,
        ),
        Condition(
            what=f"every 503 within {BUSY_MS_MAX:.0f} ms of the moment its request was due",
            found=f"the slowest {seen.busy_ms:,.0f} ms",
            kept=seen.busy_ms <= BUSY_MS_MAX,
        ),
        Condition(
            what=f"resident memory at most {MEMORY_RATIO_MAX} x that of the peak",
            found=f"{seen.memory:,.0f} MB, {growth:.2f} x",
            kept=growth <= MEMORY_RATIO_MAX,
        ),
        *([] if seen.back_seconds is None else [back]),
    ]


@contextmanager
def _slow_commits(database: Database) -> Iterator[None]:
    """Undo at the end what `_delay_commits` did."""
    try:
        yield
    finally:
        database.execute(
            "ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings", "SELECT pg_reload_conf()"
        )


def _delay_commits(database: Database, delay_us: int) -> None:
    """Make each commit wait before it is written down, as if the disk were that much slower; all stay durable."""
    database.execute(
        "ALTER SYSTEM SET commit_siblings = 0",
        f"ALTER SYSTEM SET commit_delay = {delay_us}",
        "SELECT pg_reload_conf()",
    )


def _cut(stage: Stage, service: Process, on_sale: OnSale, wanted: float) -> tuple[float, int]:
    """Slow commits down until the peak is at most `wanted`; return that peak and the delay in microseconds."""
    delay_us = 0
    for number in range(TRIES_MAX):
        stage.say(f"cutting the database, try {number + 1}: commits {delay_us / 1000:.0f} ms slower")
        smaller = hold_rate(stage, service, on_sale)
        if smaller <= wanted:
            return smaller, delay_us
        if delay_us == DELAY_US_MAX:
            break
        # Each process has one flight of so many holds in the air; it has to take longer. A tenth more, to come below.
        more = 1.1 * FLIGHT * stage.options.workers * (1 / wanted - 1 / smaller)
        delay_us = min(DELAY_US_MAX, delay_us + max(1_000, round(more * 1_000_000)))
        _delay_commits(stage.database, delay_us)
    raise CannotRun(f"the peak could not be cut to {wanted:,.0f} holds/s")


def _rate_and_memory(stage: Stage, service: Process, on_sale: OnSale, seen: _Seen) -> float:
    with watching_memory(service.process_id) as memory:
        rate = hold_rate(stage, service, on_sale)
    seen.memory_at_peak = max(seen.memory_at_peak, memory.megabytes)
    return rate


def _rate_when_flooded(
    stage: Stage, service: Process, on_sale: OnSale, table: Timetable, seen: _Seen, seconds: float
) -> float:
    stage.shop.empty()
    body = f'[{{"tickettypeId":{on_sale.types[0]},"quantity":{QUANTITY}}}]'
    with watching_memory(service.process_id) as memory:
        timed = stage.send_timed(
            service.url + on_sale.paths[0],
            table,
            seconds,
            body=body,
            expected=frozenset({HELD, BUSY}),
            may_fall_behind=True,
        )
    seen.offered = min(seen.offered, offered_share(timed, table, seconds))
    held = [each for each in timed if each.status == HELD]
    stage.shop.check_sold(on_sale, answered=len(held), under_way_max=0)
    seen.memory = max(seen.memory, memory.megabytes)
    seen.busy_ms = max(seen.busy_ms, _slowest_busy_ms(timed))
    return sum(each.answered_ms <= seconds * 1000 for each in held) / seconds


def _rate_of_a_second(stage: Stage, service: Process, on_sale: OnSale) -> float:
    """Sell for one second; return holds a second, of which the connecting takes its part."""
    return stage.send(hold_load(service, on_sale, stage.options.connections), 1.0).per_second(HELD)


def _seconds_to_recovery(stage: Stage, service: Process, on_sale: OnSale, before: float) -> float:
    """Sell second by second until one reaches BACK_SHARE of such a second before; return how many were over by then."""
    over = 0
    while over < BACK_TRIES_MAX and _rate_of_a_second(stage, service, on_sale) < BACK_SHARE * before:
        over += 1
    stage.shop.settled_reservations(on_sale)
    stage.database.check_audit()
    return float(over)


def _slowest_busy_ms(timed: Sequence[Timed]) -> float:
    busy = [each.latency_ms for each in timed if each.status == BUSY]
    return percentile(busy, 1.0) if busy else 0.0
