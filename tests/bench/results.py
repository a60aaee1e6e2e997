"""Results as a run would leave them, made up: for tests of what is judged and drawn from them."""

from collections.abc import Sequence

from bench.options import Options
from bench.values import Comparison, Condition, Curve, Fact, Machine, Measured, Pair, Point, Report, Series, Target

AT_LEAST = Target(bound=3, wanted=4)
AT_MOST = Target(bound=20, wanted=8, lower_is_better=True)


def row(
    figures: Sequence[float],
    *,
    target: Target | None = AT_LEAST,
    name: str = "hot-date",
    conditions: Sequence[Condition] = (),
    untrue: str | None = None,
    not_run: str | None = None,
    options: Options | None = None,
) -> Comparison:
    """One row whose ratios are these figures."""
    measured = Measured(
        pairs=[Pair(yardstick=2, service=2 * figure) for figure in figures],
        facts=[Fact(what="offered <here>", value=1234.5, unit="holds/s")],
        conditions=list(conditions),
    )
    return Comparison(
        name=name,
        group="shows",
        what="holds/s, one hot date",
        yardstick="pgbench & its <clients>",
        target=target,
        unit="x",
        options=options or Options(),
        measured_at="2026-11-23T12:00:00+00:00",
        measured=None if untrue or not_run else measured,
        untrue=untrue,
        not_run=not_run,
    )


def curve(*, not_run: str | None = None) -> Curve:
    """A curve of two lines with three places."""
    places = [1, 2, 4]
    series = [
        Series(name=name, points=[Point(x=x, found=[100 * x * factor, 110 * x * factor]) for x in places])
        for name, factor in (("combining on", 2), ("combining <off>", 1))
    ]
    return Curve(
        name="curve-shards",
        title="Holds a second by shards",
        x_label="shards",
        y_label="holds/s",
        options=Options(),
        measured_at="2026-11-23T12:00:00+00:00",
        series=[] if not_run else series,
        not_run=not_run,
    )


def report(*rows: Comparison, curves: Sequence[Curve] = ()) -> Report:
    """A report of these rows and curves on a machine that does not exist."""
    machine = Machine(
        processor="Imaginary <1>",
        processors=2,
        memory_gb=4,
        system="Linux",
        filesystem="ext4",
        sync_ms=0.5,
        programs={"wrk": "wrk 4"},
        durable={"fsync": "on"},
    )
    return Report(machine=machine, comparisons=list(rows), curves=list(curves))
