"""Rows of holds a second, beside pgbench on the same tables."""

from collections.abc import Sequence
from dataclasses import replace

from bench.runs import HELD, hold_load, hold_rate, story_rate, transaction_rate, warm_up
from bench.servers import Process
from bench.shop import OnSale
from bench.stage import Stage
from bench.values import Fact, Measured

PLACES = 1_000


def hot_date(stage: Stage) -> Measured:
    """All buyers want the same date, whose counters are in 16 shards."""
    return _holds(stage, stage.shop.put_event(shards=16))


def one_shard(stage: Stage) -> Measured:
    """All buyers want the same date, whose counters are one row each."""
    return _holds(stage, stage.shop.put_event(shards=1))


def many_dates(stage: Stage) -> Measured:
    """Buyers want any of 1,000 dates of one event, so that few want the same; beside it, of 1,000 events."""
    on_sale = stage.shop.put_event(shards=1, dates=PLACES)
    events = stage.shop.put_events(PLACES)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        pairs = stage.pairs(lambda: transaction_rate(stage, on_sale), lambda: hold_rate(stage, service, on_sale))
        over_events = stage.fact(
            f"the service over {PLACES:,} events of one date, which do not share flights",
            lambda: _rate_over(stage, service, events),
            "holds/s",
        )
        return Measured(pairs=pairs, facts=[one_statement(stage, on_sale), over_events])


def _rate_over(stage: Stage, service: Process, events: Sequence[OnSale]) -> float:
    """Sell of all events for a time, from empty tables; return holds a second. Raises Untrue."""
    stage.shop.empty()
    load = hold_load(service, events[0], stage.options.connections)
    load = replace(load, arguments=[*load.arguments[:2], *(path for event in events for path in event.paths)])
    answers = stage.send(load, stage.options.seconds)
    answered = answers.statuses.get(HELD, 0)
    stage.shop.check_sold(*events, answered=answered, under_way_max=stage.options.connections)
    return answers.per_second(HELD)


def stories(stage: Stage) -> Measured:
    """Buyers hold two tickets and pay for them; a story counts when its payment is answered."""
    on_sale = stage.shop.put_event(shards=16)
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        pairs = stage.pairs(
            lambda: transaction_rate(stage, on_sale, "story"), lambda: story_rate(stage, service, on_sale)
        )
    return Measured(pairs=pairs)


def _holds(stage: Stage, on_sale: OnSale) -> Measured:
    with stage.service() as service:
        warm_up(stage, service, on_sale)
        pairs = stage.pairs(lambda: transaction_rate(stage, on_sale), lambda: hold_rate(stage, service, on_sale))
        return Measured(pairs=pairs, facts=[one_statement(stage, on_sale)])


def one_statement(stage: Stage, on_sale: OnSale) -> Fact:
    """Return the rate of the yardstick's one-statement form, which is printed beside it."""
    return stage.fact(
        "the yardstick in one statement",
        lambda: transaction_rate(stage, on_sale, "hold_in_one_statement"),
        "holds/s",
    )
