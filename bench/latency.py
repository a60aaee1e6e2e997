"""Rows of latency: an open loop at a steady rate, timed from the moment each request was due."""

from collections.abc import Callable
from functools import partial

from bench.h2load import Timetable, percentile, run_h2load, timetable
from bench.pgbench import median_ms
from bench.runs import HELD, hold_load, hold_rate, warm_up
from bench.servers import Process
from bench.shop import QUANTITY, OnSale
from bench.stage import Stage
from bench.values import Fact, Measured
from bench.wrk import RunningLoad

ANSWER_SECONDS = 0.1
QUIET_PER_SECOND = 100.0
QUIET_CLIENTS = 20
P99 = 0.99


def half_of_peak(stage: Stage) -> Measured:
    """The slowest hundredth of holds at half of the peak rate, beside one pgbench transaction of one client."""
    on_sale = stage.shop.put_event(shards=16)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        peak = stage.median("peak rate", partial(hold_rate, stage, service, on_sale))
        table = timetable(peak / 2, answer_seconds=ANSWER_SECONDS)

        def yardstick() -> float:
            stage.shop.empty()
            seconds = stage.options.seconds
            return median_ms(stage.database.url, "hold", seconds=seconds, variables=on_sale.variables)

        pairs = stage.pairs(yardstick, lambda: _p99(stage, service, on_sale, table))
    facts = [
        Fact(what="peak", value=peak, unit="holds/s"),
        Fact(what="offered", value=table.per_second, unit="holds/s"),
    ]
    return Measured(pairs=pairs, facts=facts)


def quiet_date(stage: Stage) -> Measured:
    """The slowest hundredth of holds on a quiet date while another date is hot, beside the same without that."""
    quiet, hot = stage.shop.put_event(shards=16), stage.shop.put_event(shards=16)
    table = Timetable(clients=QUIET_CLIENTS, per_client=QUIET_PER_SECOND / QUIET_CLIENTS)
    with stage.service() as service:
        warm_up(stage, service, hot)
        pairs = stage.pairs(
            lambda: _p99(stage, service, quiet, table),
            lambda: _p99(stage, service, quiet, table, beside=partial(_rush, stage, service, hot)),
        )
    return Measured(pairs=pairs, facts=[Fact(what="offered on the quiet date", value=table.per_second, unit="holds/s")])


class _Rush:
    """The hot date's load, begun when this is made."""

    def __init__(self, stage: Stage, service: Process, hot: OnSale) -> None:
        self._stage = stage
        self._hot = hot
        connections = stage.options.connections
        self._running = RunningLoad(hold_load(service, hot, connections), stage.options.seconds + 1)

    def finish(self) -> None:
        """Wait for its end and check it. Raises Untrue."""
        answered = self._running.finish().statuses.get(HELD, 0)
        self._stage.shop.check_sold(self._hot, answered=answered, under_way_max=self._stage.options.connections)


def _rush(stage: Stage, service: Process, hot: OnSale) -> _Rush:
    return _Rush(stage, service, hot)


def _p99(
    stage: Stage,
    service: Process,
    on_sale: OnSale,
    table: Timetable,
    beside: Callable[[], _Rush] | None = None,
) -> float:
    stage.shop.empty()
    rush = beside() if beside else None
    body = f'[{{"tickettypeId":{on_sale.types[0]},"quantity":{QUANTITY}}}]'
    url = service.url + on_sale.paths[0]
    timed = run_h2load(url, table, stage.options.seconds, body=body, expected=frozenset({HELD}))
    if rush is not None:
        rush.finish()
    stage.shop.check_sold(on_sale, answered=len(timed), under_way_max=0)
    return percentile([each.latency_ms for each in timed], P99)
