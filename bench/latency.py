"""Rows of latency: an open loop at a steady rate, timed from the moment each request was due."""

from collections.abc import Sequence
from functools import partial

from bench.errors import Untrue
from bench.pgbench import median_ms
from bench.runs import HELD, hold_load, hold_rate, warm_up
from bench.servers import Process
from bench.shop import QUANTITY, OnSale
from bench.stage import Stage
from bench.timetable import Timed, Timetable, crowding, percentile, timetable
from bench.values import Fact, Measured

# h2load starts its clients unevenly, and each of them comes round with the same beat for the whole run: with a beat of
# 100 ms, nearly twice the rate was due for 30 ms of every 100. With a short beat that averages out within the time of a
# few flights. A client whose answer takes longer sends late, and its latency counts from when it was due all the same.
ANSWER_SECONDS = 0.02
CROWD_MS = 20.0
QUIET_PER_SECOND = 100.0
QUIET_CLIENTS = 20
P99 = 0.99


def half_of_peak(stage: Stage) -> Measured:
    """The slowest hundredth of holds at half of the peak rate, beside one pgbench transaction of one client."""
    on_sale = stage.shop.put_event(shards=16)
    crowds: list[float] = []
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        peak = stage.median("peak rate", partial(hold_rate, stage, service, on_sale))
        table = timetable(peak / 2, answer_seconds=ANSWER_SECONDS)

        def yardstick() -> float:
            stage.shop.empty()
            seconds = stage.options.seconds
            return median_ms(stage.database.url, "hold", seconds=seconds, variables=on_sale.variables)

        def at_half() -> float:
            timed = _timed_alone(stage, service, on_sale, table)
            crowds.append(crowding(timed, table, CROWD_MS))
            return _p99(timed)

        pairs = stage.pairs(yardstick, at_half)
    facts = [
        Fact(what="peak", value=peak, unit="holds/s"),
        Fact(what="offered", value=table.per_second, unit="holds/s"),
        Fact(what=f"most that was due within {CROWD_MS:.0f} ms, beside the average", value=max(crowds), unit="x"),
    ]
    return Measured(pairs=pairs, facts=facts)


def quiet_date(stage: Stage) -> Measured:
    """The slowest hundredth of holds on a quiet date while another date is hot, beside the same without that."""
    quiet, hot = stage.shop.put_event(shards=16), stage.shop.put_event(shards=16)
    table = Timetable(clients=QUIET_CLIENTS, per_client=QUIET_PER_SECOND / QUIET_CLIENTS)
    with stage.service() as service:
        warm_up(stage, service, hot)
        pairs = stage.pairs(
            lambda: _p99(_timed_alone(stage, service, quiet, table)),
            lambda: _p99_beside(stage, service, quiet, hot, table),
        )
    return Measured(pairs=pairs, facts=[Fact(what="offered on the quiet date", value=table.per_second, unit="holds/s")])


def _p99_beside(stage: Stage, service: Process, quiet: OnSale, hot: OnSale, table: Timetable) -> float:
    """Return the p99 of a quiet date while everybody else wants another one."""
    stage.shop.empty()
    connections = stage.options.connections
    with stage.sending(hold_load(service, hot, connections), stage.options.seconds + 1) as rush:
        timed = _timed(stage, service, quiet, table)
        answered = rush.finish().statuses.get(HELD, 0)
    stage.shop.check_sold(hot, answered=answered, under_way_max=connections)
    return _p99(timed)


def _p99(timed: Sequence[Timed]) -> float:
    """Return the time that all but the slowest hundredth of holds took."""
    return percentile([each.latency_ms for each in timed], P99)


def _timed_alone(stage: Stage, service: Process, on_sale: OnSale, table: Timetable) -> Sequence[Timed]:
    stage.shop.empty()
    timed = _timed(stage, service, on_sale, table)
    stage.database.check_audit()
    return timed


def _timed(stage: Stage, service: Process, on_sale: OnSale, table: Timetable) -> Sequence[Timed]:
    """Return the holds that were made by a timetable. Raises Untrue when the database holds other ones."""
    body = f'[{{"tickettypeId":{on_sale.types[0]},"quantity":{QUANTITY}}}]'
    url = service.url + on_sale.paths[0]
    timed = stage.send_timed(url, table, stage.options.seconds, body=body, expected=frozenset({HELD}))
    made = stage.shop.reservations(on_sale)
    if made != len(timed):
        raise Untrue(f"{len(timed):,} holds were answered 201, {made:,} are in the database")
    return timed
