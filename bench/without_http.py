"""The row that says what HTTP costs: the same combined statements from one Python process without it."""

import sys

import msgspec

from bench.direct import Sold
from bench.programs import run_program
from bench.runs import hold_rate, warm_up
from bench.servers import ROOT
from bench.shop import HOLD_SECONDS, OnSale
from bench.stage import Stage
from bench.values import Measured
from boxoffice.settings import environment_of


def over_http(stage: Stage) -> Measured:
    """Sell the hot date over HTTP, and beside it without."""
    on_sale = stage.shop.put_event(shards=16)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        pairs = stage.pairs(lambda: direct_rate(stage, on_sale), lambda: hold_rate(stage, service, on_sale))
    return Measured(pairs=pairs)


def direct_rate(stage: Stage, on_sale: OnSale) -> float:
    """Sell from empty tables without HTTP; return holds a second. Raises Untrue."""
    stage.shop.empty()
    told = [on_sale.event_id, on_sale.types[0], stage.options.connections, stage.options.seconds]
    output = run_program(
        [sys.executable, "-m", "bench.direct", *map(str, told)],
        seconds=stage.options.seconds,
        folder=ROOT,
        environment=environment_of(stage.servers.settings(hold_seconds=HOLD_SECONDS)),
    )
    sold = msgspec.json.decode(output.splitlines()[-1], type=Sold)  # what comes before it is the log
    stage.shop.check_sold(on_sale, answered=sold.held, under_way_max=0)
    return sold.held / sold.seconds
