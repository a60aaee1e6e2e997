"""All that can be measured, by name: the rows of the table, the ways of others, the curves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bench import curves, holds, large, latency, others, overload, round_trips, routes, sweep, without_http
from bench.stage import Stage
from bench.values import Group, Measured, Series, Target

WRK = ("pgbench", "wrk")
H2LOAD = ("pgbench", "wrk", "h2load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: what is measured beside what, what it should reach, and the programs that it needs."""

    name: str
    what: str
    yardstick: str
    measure: Callable[[Stage], Measured]
    target: Target | None = None
    unit: str = "x"
    group: Group = "shows"
    needs: Sequence[str] = WRK


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveRow:
    """One plot: what grows to the right, and what is measured at each place."""

    name: str
    title: str
    x_label: str
    measure: Callable[[Stage], list[Series]]
    y_label: str = "holds/s"
    needs: Sequence[str] = WRK


SHOWS: Sequence[Row] = (
    Row(
        name="hot-date",
        what="holds/s, one hot date, 16 shards",
        yardstick="pgbench, random of 16 shards",
        target=Target(bound=3, wanted=4),
        measure=holds.hot_date,
    ),
    Row(
        name="one-shard",
        what="holds/s, one hot date, 1 shard",
        yardstick="pgbench on 1 shard",
        target=Target(bound=8, wanted=15),
        measure=holds.one_shard,
    ),
    Row(
        name="many-dates",
        what="holds/s uniformly over 1,000 dates",
        yardstick="pgbench, random date",
        target=Target(bound=0.5, wanted=0.8),
        measure=holds.many_dates,
    ),
    Row(
        name="stories",
        what="hold then pay, whole stories/s",
        yardstick="pgbench, both transactions",
        target=Target(bound=3, wanted=4),
        measure=holds.stories,
    ),
    Row(
        name="over-http",
        what="holds/s over HTTP",
        yardstick="the same combined statements without HTTP",
        target=Target(bound=0.6, wanted=0.8),
        measure=without_http.over_http,
    ),
    Row(
        name="refusals",
        what="refusals/s of a sold-out date",
        yardstick="a trivial route on the same server",
        target=Target(bound=0.7, wanted=0.9),
        measure=routes.refusals,
        needs=("wrk",),
    ),
    Row(
        name="event-page",
        what="GET /events/{id} from L1, 20 dates",
        yardstick="a trivial route that sends as many bytes",
        target=Target(bound=0.7, wanted=0.9),
        measure=routes.event_page,
        needs=("wrk",),
    ),
    Row(
        name="half-of-peak",
        what="p99 of a hold at half of the peak rate",
        yardstick="median of one pgbench transaction, 1 client",
        target=Target(bound=20, wanted=8, lower_is_better=True),
        measure=latency.half_of_peak,
        needs=H2LOAD,
    ),
    Row(
        name="quiet-date",
        what="p99 of a quiet date beside a hot one",
        yardstick="its p99 alone",
        target=Target(bound=3, wanted=1.5, lower_is_better=True),
        measure=latency.quiet_date,
        needs=H2LOAD,
    ),
    Row(
        name="large-tables",
        what="peak holds/s with 1,000,000 dates and 5,000,000 tickets",
        yardstick="the same on empty tables",
        target=Target(bound=0.8, wanted=0.95),
        measure=large.large_tables,
        needs=("wrk",),
    ),
    Row(
        name="sweep",
        what="holds/s while 100,000 overdue holds are swept",
        yardstick="without them",
        target=Target(bound=0.6, wanted=0.8),
        measure=sweep.sweep,
        needs=("wrk",),
    ),
    Row(
        name="goodput",
        what="goodput with 8 x the connections of the peak",
        yardstick="the peak",
        target=Target(bound=0.8, wanted=0.95),
        measure=overload.goodput,
        needs=("wrk",),
    ),
    Row(
        name="open-loop",
        what="goodput of a database cut to a quarter, 3 x that offered",
        yardstick="that smaller peak",
        target=Target(bound=0.9, wanted=1),
        measure=overload.open_loop,
        needs=("wrk", "h2load"),
    ),
    Row(
        name="open-loop-without-redis",
        what="the same goodput for twice as long while Redis stands still",
        yardstick="that smaller peak, with Redis",
        target=Target(bound=0.7, wanted=0.9),
        measure=overload.open_loop_without_redis,
        needs=("wrk", "h2load"),
    ),
    Row(
        name="round-trips",
        what="round trips to Postgres for an uncontended hold",
        yardstick="one",
        target=Target(bound=1, wanted=1, lower_is_better=True),
        unit="a hold",
        measure=round_trips.round_trips,
        needs=(),
    ),
    Row(
        name="list-of-events",
        what="p99 of a page of GET /events, large tables, cold L1",
        yardstick="1 ms",
        target=Target(bound=50, wanted=50, lower_is_better=True),
        unit="ms",
        measure=large.pages_of_events,
        needs=(),
    ),
)


def _other(name: str, what: str, measure: Callable[[Stage], Measured]) -> Row:
    yardstick = "pgbench, random of 16 shards"
    return Row(name=name, what=what, yardstick=yardstick, measure=measure, group="others", needs=("pgbench",))


OTHERS: Sequence[Row] = (
    _other("other-counter", "one counter row", others.one_counter_row),
    _other("other-seats", "a row per ticket, SKIP LOCKED, in order", others.seats_in_order),
    _other(
        "other-free-seats", "a row per ticket, SKIP LOCKED, partial index, one statement", others.seats_by_partial_index
    ),
    _other("other-recount-0", "advisory lock and recount, 0 sold", partial(others.recount, sold=0)),
    _other("other-recount-10000", "advisory lock and recount, 10,000 sold", partial(others.recount, sold=10_000)),
    _other("other-recount-100000", "advisory lock and recount, 100,000 sold", partial(others.recount, sold=100_000)),
    _other("other-serializable", "SERIALIZABLE with retries", others.serializable),
)

CURVES: Sequence[CurveRow] = (
    CurveRow(
        name="curve-shards",
        title="Holds a second by shards of the hot date",
        x_label="shards",
        measure=curves.by_shards,
    ),
    CurveRow(
        name="curve-connections",
        title="Holds a second by connections",
        x_label="connections",
        measure=curves.by_connections,
    ),
    CurveRow(
        name="curve-processes",
        title="Holds a second by service processes",
        x_label="processes",
        measure=curves.by_processes,
    ),
)

GROUPS: Sequence[Group] = ("shows", "others", "curves")


def group_of(row: Row | CurveRow) -> Group:
    """Return the group that a row belongs to."""
    return row.group if isinstance(row, Row) else "curves"


def all_rows() -> Iterator[Row | CurveRow]:
    """Return everything, in the order in which it is measured."""
    yield from SHOWS
    yield from OTHERS
    yield from CURVES


def chosen(names: Sequence[str]) -> list[Row | CurveRow]:
    """Return the rows of these names or groups, everything for none. Raises KeyError for a name that is neither."""
    rows = list(all_rows())
    known = {row.name for row in rows} | set(GROUPS)
    for name in names:
        if name not in known:
            raise KeyError(name)
    return [row for row in rows if not names or row.name in names or group_of(row) in names]
