"""How holds a second depend on shards, on connections and on processes."""

from collections.abc import Callable, Sequence
from functools import partial

from bench.runs import hold_rate, transaction_rate, warm_up
from bench.servers import Process
from bench.shop import OnSale
from bench.stage import Stage
from bench.values import Point, Series

SHARDS = (1, 2, 4, 8, 16, 32)
CONNECTIONS = tuple(2**power for power in range(11))
PROCESSES = (1, 2, 4)


def by_shards(stage: Stage) -> list[Series]:
    """One hot date whose counters are in more and more shards: combining on, combining off, and pgbench."""
    on_sale = {shards: stage.shop.put_event(shards=shards) for shards in SHARDS}
    with stage.service() as on, stage.service(flight_requests_max=1) as off:
        warm_up(stage, on, on_sale[SHARDS[-1]])
        warm_up(stage, off, on_sale[SHARDS[-1]])

        def rate(service: Process, shards: int) -> float:
            return hold_rate(stage, service, on_sale[shards])

        def plain(shards: int) -> float:
            return transaction_rate(stage, on_sale[shards])

        runs: dict[str, Callable[[int], float]] = {
            "combining on": partial(rate, on),
            "combining off": partial(rate, off),
            "pgbench, 32 clients": plain,
        }
        return _measure(stage, SHARDS, runs)


def by_connections(stage: Stage) -> list[Series]:
    """One hot date of 16 shards and more and more buyers at once."""
    on_sale = stage.shop.put_event(shards=16)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        return _measure(
            stage, CONNECTIONS, {"combining on": lambda count: hold_rate(stage, service, on_sale, connections=count)}
        )


def by_processes(stage: Stage) -> list[Series]:
    """One hot date, of 16 shards and of one, and more and more service processes behind one port."""
    on_sale = {name: stage.shop.put_event(shards=shards) for name, shards in (("16 shards", 16), ("1 shard", 1))}
    return _measure(stage, PROCESSES, {name: partial(_with_processes, stage, each) for name, each in on_sale.items()})


def _with_processes(stage: Stage, on_sale: OnSale, processes: int) -> float:
    with stage.service(workers=processes) as service:
        warm_up(stage, service, on_sale)
        return hold_rate(stage, service, on_sale)


def _measure(stage: Stage, places: Sequence[int], runs: dict[str, Callable[[int], float]]) -> list[Series]:
    """Measure every place of every curve in turn, and then all of it again, so that no place has the best hour."""
    found: dict[str, dict[int, list[float]]] = {name: {place: [] for place in places} for name in runs}
    for number in range(1, stage.options.repeats + 1):
        for place in places:
            for name, run in runs.items():
                stage.say(f"round {number} of {stage.options.repeats}: {place}, {name}")
                found[name][place].append(run(place))
    return [
        Series(name=name, points=[Point(x=place, found=rates) for place, rates in by_place.items()])
        for name, by_place in found.items()
    ]
