"""The row of the sweep: holds a second while 100,000 overdue holds of other events are given back."""

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from bench.errors import CannotRun
from bench.runs import HELD, hold_load, hold_rate, warm_up
from bench.servers import Process
from bench.shop import OnSale, Shop
from bench.stage import Stage
from bench.values import Condition, Fact, Measured

OVERDUE = 100_000
EVENTS = 10
DATES = 10
GONE_SECONDS_MAX = 15.0
AHEAD_SECONDS = 30.0
POLL_SECONDS = 0.1
IS_LEFT = "SELECT EXISTS (SELECT FROM reservation WHERE event_id = $1)"

# Holds of two tickets, as many on each date, from its shards in turn; all of them become overdue at one moment, $2.
PUT = """
    INSERT INTO reservation (event_id, id, date, start_time, created_at, expires_at)
    SELECT d.event_id, uuidv7(), d.date, d.start_time, now(), $2
    FROM event_date d, generate_series(1, $3::integer)
    WHERE d.event_id = ANY ($1::bigint[])
"""
PUT_TICKETS = """
    WITH numbered AS (
        SELECT r.*, row_number() OVER (PARTITION BY r.event_id, r.date) % e.num_shards AS shard, o.ticket_type_id
        FROM reservation r
        JOIN events e ON e.id = r.event_id
        JOIN event_ticket_type o ON o.event_id = r.event_id
        WHERE r.event_id = ANY ($1::bigint[])
    ), put AS (
        INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id)
        SELECT n.event_id, uuidv7(), n.date, n.start_time, n.ticket_type_id, n.id, n.shard, n.shard
        FROM numbered n, generate_series(1, 2)
        RETURNING event_id, date, start_time, shard_id
    ), sums AS (
        SELECT event_id, date, start_time, shard_id, count(*)::integer AS tickets FROM put GROUP BY 1, 2, 3, 4
    ), total AS (
        UPDATE consumption c SET shard_current = s.tickets FROM sums s
        WHERE (c.event_id, c.date, c.start_time, c.shard_id) = (s.event_id, s.date, s.start_time, s.shard_id)
    )
    UPDATE consumption_tt c SET shard_current = s.tickets FROM sums s
    WHERE (c.event_id, c.date, c.start_time, c.shard_id) = (s.event_id, s.date, s.start_time, s.shard_id)
"""


@dataclass(slots=True)
class _Longest:
    """How long the overdue holds were there at most, over all runs."""

    seconds: float = 0.0


def sweep(stage: Stage) -> Measured:
    """Sell the hot date while overdue holds are swept, beside the same without them."""
    hot = stage.shop.put_event(shards=16)
    swept = [stage.shop.put_event(shards=16, dates=DATES) for _ in range(EVENTS)]
    longest = _Longest()
    with stage.service() as service:
        warm_up(stage, service, hot)
        pairs = stage.pairs(
            lambda: hold_rate(stage, service, hot), lambda: _rate_in_sweep(stage, service, hot, swept, longest)
        )
    gone = Condition(
        what=f"{OVERDUE:,} overdue holds gone within {GONE_SECONDS_MAX:.0f} s",
        found=f"{longest.seconds:.1f} s",
        kept=longest.seconds <= GONE_SECONDS_MAX,
    )
    facts = [Fact(what="the longest sweep", value=longest.seconds, unit="s")]
    return Measured(pairs=pairs, facts=facts, conditions=[gone])


def _rate_in_sweep(stage: Stage, service: Process, hot: OnSale, swept: Sequence[OnSale], longest: _Longest) -> float:
    """Return holds a second from the moment when all are overdue to the moment when none is left."""
    stage.shop.empty()
    deadline = _put_overdue(stage.shop, swept)
    with stage.sending(hold_load(service, hot, stage.options.connections), GONE_SECONDS_MAX + 1) as running:
        gone = _wait_until_gone(stage.shop, swept, GONE_SECONDS_MAX + 1)
        answered = running.finish().statuses.get(HELD, 0)
    longest.seconds = max(longest.seconds, (gone - deadline).total_seconds())
    held = stage.database.number(
        "SELECT count(*) FROM reservation WHERE event_id = $1 AND created_at BETWEEN $2 AND $3",
        hot.event_id,
        deadline,
        gone,
    )
    _wait_until_gone(stage.shop, swept, 60 + GONE_SECONDS_MAX)  # the audit wants them gone, however late they are
    stage.shop.check_sold(hot, answered=answered, under_way_max=stage.options.connections)
    return held / (gone - deadline).total_seconds()


def _put_overdue(shop: Shop, swept: Sequence[OnSale]) -> dt.datetime:
    """Put the holds in, and return at the moment when they become overdue."""
    events = [each.event_id for each in swept]
    deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=AHEAD_SECONDS)
    shop.database.rows(PUT, events, deadline, OVERDUE // (EVENTS * DATES))
    shop.database.rows(PUT_TICKETS, events)
    shop.calm()
    ahead = (deadline - dt.datetime.now(dt.UTC)).total_seconds()
    if ahead < 0:
        raise CannotRun(f"putting {OVERDUE:,} holds in took longer than {AHEAD_SECONDS:.0f} s")
    time.sleep(ahead)
    return deadline


def _wait_until_gone(shop: Shop, swept: Sequence[OnSale], seconds_max: float) -> dt.datetime:
    """Return the moment when the last overdue hold was gone; that of giving up when they stay.

    It asks on one connection, and of one event at a time: counting 100,000 rows again and again would take from the
    machine what is measured.
    """
    until = time.monotonic() + seconds_max

    async def wait(connection: asyncpg.Connection) -> dt.datetime:
        for each in swept:
            while await connection.fetchval(IS_LEFT, each.event_id):
                if time.monotonic() > until:
                    break
                await asyncio.sleep(POLL_SECONDS)
        return dt.datetime.now(dt.UTC)

    return shop.database.ask(wait)
