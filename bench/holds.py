"""Rows of holds a second, beside pgbench on the same tables."""

from bench.runs import hold_rate, story_rate, transaction_rate, warm_up
from bench.shop import OnSale
from bench.stage import Stage
from bench.values import Fact, Measured


def hot_date(stage: Stage) -> Measured:
    """All buyers want the same date, whose counters are in 16 shards."""
    return _holds(stage, stage.shop.put_event(shards=16))


def one_shard(stage: Stage) -> Measured:
    """All buyers want the same date, whose counters are one row each."""
    return _holds(stage, stage.shop.put_event(shards=1))


def many_dates(stage: Stage) -> Measured:
    """Buyers want any of 1,000 dates, so that few can be combined."""
    return _holds(stage, stage.shop.put_event(shards=1, dates=1_000))


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
