"""Rows on large tables, made once a run: 100,000 events, 1,000,000 dates of one shard each, 5,000,000 tickets."""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from bench.errors import Untrue
from bench.runs import HELD, hold_load, hold_rate, warm_up
from bench.servers import Process
from bench.shop import PLENTY, Shop
from bench.stage import Stage
from bench.tables import statements
from bench.timetable import percentile
from bench.values import Fact, Measured, Pair

NAME = "large"
EVENTS = 100_000
PAGES = 200
P99 = 0.99

SIZES = (("events", EVENTS), ("event_date", 1_000_000), ("tickets", 5_000_000))


def large_tables(stage: Stage) -> Measured:
    """The hot date's peak in a database with large tables, beside the same in one without."""
    on_sale = stage.shop.put_event(shards=16)
    shop = large_shop(stage)
    with stage.service() as beside, _service(stage, shop) as service:
        warm_up(stage, beside, on_sale)
        _large_rate(stage, service, shop)
        pairs = stage.pairs(lambda: hold_rate(stage, beside, on_sale), lambda: _large_rate(stage, service, shop))
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
        fill = statements(NAME)
        for number, statement in enumerate(fill, start=1):
            stage.say(f"filling the large tables, step {number} of {len(fill)}")
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
    answers = stage.send(hold_load(service, on_sale, connections), stage.options.seconds)
    shop.check_sold(on_sale, answered=answers.statuses.get(HELD, 0), under_way_max=connections, only_event=True)
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
