"""Rows beside a trivial route on the same server: what the service's own code costs where no database is asked."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from bench.errors import Untrue
from bench.load import Load
from bench.runs import HELD
from bench.servers import Process
from bench.shop import QUANTITY, OnSale
from bench.stage import Stage
from bench.trivial import ANSWER, READY, TrivialAnswer
from bench.values import Fact, Measured

SOLD_OUT = 409
TICKETS = 10


def refusals(stage: Stage) -> Measured:
    """Everybody asks for a date that is sold out, without an Idempotency-Key."""
    on_sale = stage.shop.put_event(shards=16, max_tickets=TICKETS, limits=[TICKETS])
    stage.shop.empty()
    with stage.service() as service:
        body = msgspec.json.encode([{"tickettypeId": on_sale.types[0], "quantity": QUANTITY}]).decode()
        for _ in range(TICKETS // QUANTITY):
            ask(service, "POST", on_sale.paths[0], body, expected=HELD)
        real = ask(service, "POST", on_sale.paths[0], body, expected=SOLD_OUT)
        measured = _beside_trivial(stage, service, real, "hold", [on_sale.types[0], QUANTITY, on_sale.paths[0]])
    stage.shop.check_sold(on_sale, answered=TICKETS // QUANTITY, under_way_max=0)
    return measured


def event_page(stage: Stage) -> Measured:
    """Everybody looks at an event of 20 dates with two ticket types, from L1."""
    on_sale: OnSale = stage.shop.put_event(shards=16, dates=20, max_tickets=1_000, limits=[900, 200])
    stage.shop.empty()
    with stage.service() as service:
        real = ask(service, "GET", f"/events/{on_sale.event_id}?limit=20", None, expected=200)
        measured = _beside_trivial(stage, service, real, "get", [f"/events/{on_sale.event_id}?limit=20"])
    stage.database.check_audit()
    return measured


def ask(service: Process, method: str, path: str, body: str | None, *, expected: int) -> TrivialAnswer:
    """Send one request; return the whole answer. Raises Untrue for another status."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    try:
        connection.request(method, path, body, {"content-type": "application/json"} if body else {})
        response = connection.getresponse()
        answer = TrivialAnswer(
            path=path.partition("?")[0],
            status=response.status,
            headers=response.getheaders(),
            body=response.read().decode(),
        )
    finally:
        connection.close()
    if answer.status != expected:
        raise Untrue(f"{method} {path} was answered {answer.status}, not {expected}: {answer.body[:200]}")
    return answer


def _beside_trivial(
    stage: Stage, service: Process, real: TrivialAnswer, script: str, arguments: list[str | int]
) -> Measured:
    def rate(process: Process) -> float:
        load = Load(
            script=script,
            url=process.url,
            arguments=arguments,
            expected=frozenset({real.status}),
            connections=stage.options.connections,
        )
        return stage.send(load, stage.options.seconds).per_second(real.status)

    with _trivial(stage, real) as trivial:
        pairs = stage.pairs(lambda: rate(trivial), lambda: rate(service))
    return Measured(pairs=pairs, facts=[Fact(what="body of each answer", value=len(real.body), unit="bytes")])


@contextmanager
def _trivial(stage: Stage, real: TrivialAnswer) -> Iterator[Process]:
    environment = {ANSWER: msgspec.json.encode(real).decode()}
    settings = stage.servers.settings(workers=stage.options.workers)
    with stage.servers.running(settings, "bench.trivial", ready=READY, environment=environment) as process:
        yield process
