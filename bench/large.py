"""Rows on large tables: 100,000 events, 1,000,000 dates of one shard each, 5,000,000 tickets, made by SQL once a run."""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from bench.errors import Untrue
from bench.h2load import percentile
from bench.runs import HELD, hold_load, hold_rate, warm_up
from bench.servers import Process
from bench.shop import FIRST_DATE, PLENTY, Shop
from bench.stage import Stage
from bench.values import Fact, Measured, Pair
from bench.wrk import run_wrk

NAME = "large"
EVENTS = 100_000
DATES_PER_EVENT = 10
PAGES = 200
P99 = 0.99

# Rows that refer to each other are made together, so the checks of each reference are left out while they are.
FILL = (
    f"ALTER DATABASE {NAME} SET session_replication_role = replica",
    "INSERT INTO ticket_type (name) VALUES ('Normal')",
    f"INSERT INTO events (name, max_tickets, num_shards, time_zone, next_date, next_starts_at)"
    f" SELECT 'Event ' || n, 1000, 1, 'UTC', '{FIRST_DATE}', '{FIRST_DATE} 20:00+00' FROM generate_series(1, {EVENTS}) n",
    "INSERT INTO event_ticket_type (event_id, ticket_type_id, max_per_tt, num_of_shards_per_tt)"
    " SELECT e.id, t.id, 900, 1 FROM events e, ticket_type t",
    f"INSERT INTO event_date (event_id, date, start_time, starts_at)"
    f" SELECT e.id, '{FIRST_DATE}'::date + n, '20:00', ('{FIRST_DATE}'::date + n + time '20:00') AT TIME ZONE 'UTC'"
    f" FROM events e, generate_series(0, {DATES_PER_EVENT - 1}) n ORDER BY e.id, n",
    "INSERT INTO consumption (event_id, date, start_time, shard_id, shard_current, shard_max)"
    " SELECT event_id, date, start_time, 0, 5, 1000 FROM event_date",
    "INSERT INTO consumption_tt (event_id, date, start_time, ticket_type, shard_id, shard_current, shard_max)"
    " SELECT d.event_id, d.date, d.start_time, t.id, 0, 5, 900 FROM event_date d, ticket_type t",
    # Two paid reservations a date, of two tickets and of three: the reference says which.
    "INSERT INTO reservation (event_id, id, date, start_time, payment_ref, created_at, expires_at, paid_at)"
    " SELECT event_id, uuidv7(), date, start_time, n, now(), now() + interval '1 minute', now()"
    " FROM event_date, generate_series(2, 3) n",
    "INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id)"
    " SELECT r.event_id, uuidv7(), r.date, r.start_time, t.id, r.id, 0, 0"
    " FROM reservation r, ticket_type t, generate_series(1, 3) n WHERE n <= r.payment_ref::integer",
    f"ALTER DATABASE {NAME} RESET session_replication_role",
    "VACUUM ANALYZE",
    "CHECKPOINT",
)
SIZES = (("events", EVENTS), ("event_date", EVENTS * DATES_PER_EVENT), ("tickets", 5 * EVENTS * DATES_PER_EVENT))


def large_tables(stage: Stage) -> Measured:
    """The hot date's peak in a database with large tables, beside the same in one without."""
    on_sale = stage.shop.put_event(shards=16)
    shop = large_shop(stage)
    with stage.service() as beside, _service(stage, shop) as service:
        warm_up(stage, beside, on_sale)
        _large_rate(stage, service, shop)
        pairs = stage.pairs(
            lambda: hold_rate(stage, beside, on_sale), lambda: _large_rate(stage, service, shop)
        )
    return Measured(pairs=pairs)


def pages_of_events(stage: Stage) -> Measured:
    """Pages of the list of events, each asked for the first time: in no memory yet."""
    shop = large_shop(stage)
    with _service(stage, shop) as service:
        pairs, path, slowest = [], "/events", 0.0
        for number in range(1, stage.options.pairs + 1):
            stage.say(f"{number} of {stage.options.pairs}: {PAGES} pages")
            times, path = _walk(service, path)
            pairs.append(Pair(yardstick=1, service=percentile(times, P99)))
            slowest = max(slowest, *times)
    return Measured(pairs=pairs, facts=[Fact(what="the slowest page", value=slowest, unit="ms")])


def large_shop(stage: Stage) -> Shop:
    """Return the shop with the large tables; made when a run first needs it."""
    made = stage.servers.made.get(NAME)
    if made is None:
        made = stage.servers.another_database(NAME)
        for number, statement in enumerate(FILL, start=1):
            stage.say(f"filling the large tables, step {number} of {len(FILL)}")
            made.execute(statement)
        for table, rows in SIZES:
            if made.number(f"SELECT count(*) FROM {table}") != rows:  # noqa: S608 - the names are the constants above
                raise Untrue(f"{table} has not the {rows:,} rows that it should have")
        made.check_audit(EVENTS // 2)
        stage.servers.made[NAME] = made
    return Shop(made)


@contextmanager
def _service(stage: Stage, shop: Shop) -> Iterator[Process]:
    """Run a service on the large tables, with a memory of its own: the events' ids are those of the other database."""
    with (
        stage.servers.another_memory(NAME) as redis_url,
        stage.service(database_url=shop.database.url, redis_url=redis_url) as service,
    ):
        yield service


def _large_rate(stage: Stage, service: Process, shop: Shop) -> float:
    """Sell an event of its own, because the tables cannot be emptied between two runs."""
    on_sale = shop.put_event(shards=16, max_tickets=PLENTY)
    shop.calm()
    connections = stage.options.connections
    answers = run_wrk(hold_load(service, on_sale, connections), stage.options.seconds)
    shop.check_sold(
        on_sale, answered=answers.statuses.get(HELD, 0), under_way_max=connections, only_event=True
    )
    return answers.per_second(HELD)


class _Page(msgspec.Struct):
    """What is read of a page: where the next one is."""

    next: str | None


def _walk(service: Process, path: str) -> tuple[list[float], str]:
    """Follow PAGES pages, one after the other; return the time of each in ms and the path of the one after."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    times = []
    for _ in range(PAGES):
        started = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        times.append((time.perf_counter() - started) * 1000)
        if response.status != 200:
            raise Untrue(f"GET {path} was answered {response.status}")
        cursor = msgspec.json.decode(body, type=_Page).next
        if cursor is None:
            raise Untrue("the list of events ended too early")
        path = f"/events?cursor={cursor}"
    connection.close()
    return times, path
