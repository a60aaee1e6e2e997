"""Measures rows one after the other; what goes wrong with one is its result, and the others go on."""

import datetime as dt
from collections.abc import Callable, Sequence

from bench.errors import CannotRun, Untrue
from bench.generators import programs_of, sends_load
from bench.options import Generator, Options
from bench.programs import find_program
from bench.rows import CurveRow, Row
from bench.servers import Servers
from bench.stage import Stage
from bench.values import Comparison, Curve, Report

Say = Callable[[str], None]


def measure(row: Row | CurveRow, options: Options, servers: Servers, say: Say) -> Comparison | Curve:
    """Measure one row. Raises only what is a fault of the bench itself."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    stage = Stage(options=options, servers=servers, say=say)
    return _measure_row(row, stage, now) if isinstance(row, Row) else _measure_curve(row, stage, now)


def _measure_row(row: Row, stage: Stage, now: str) -> Comparison:
    measured, untrue, not_run = None, None, None
    try:
        _check_programs(row, stage)
        measured = row.measure(stage)
    except Untrue as error:
        untrue = str(error)
    except CannotRun as error:
        not_run = str(error)
    return Comparison(
        name=row.name,
        group=row.group,
        what=row.what,
        yardstick=row.yardstick,
        target=row.target,
        unit=row.unit,
        options=stage.options,
        generator=_generator_of(row, stage),
        measured_at=now,
        measured=measured,
        untrue=untrue,
        not_run=not_run,
    )


def _measure_curve(row: CurveRow, stage: Stage, now: str) -> Curve:
    untrue, not_run = None, None
    try:
        _check_programs(row, stage)
        series = row.measure(stage)
    except Untrue as error:
        series, untrue = [], str(error)
    except CannotRun as error:
        series, not_run = [], str(error)
    return Curve(
        name=row.name,
        title=row.title,
        x_label=row.x_label,
        y_label=row.y_label,
        options=stage.options,
        generator=_generator_of(row, stage),
        measured_at=now,
        series=series,
        untrue=untrue,
        not_run=not_run,
    )


def _check_programs(row: Row | CurveRow, stage: Stage) -> None:
    for program in programs_of(stage.options.generator, row.needs):
        find_program(program)


def _generator_of(row: Row | CurveRow, stage: Stage) -> Generator | None:
    return stage.options.generator if sends_load(row.needs) else None


def put_into(report: Report, result: Comparison | Curve, order: Sequence[str]) -> None:
    """Put a result in its place in the report, instead of an older one of the same row."""
    if isinstance(result, Comparison):
        kept = [other for other in report.comparisons if other.name != result.name and other.name in order]
        report.comparisons = sorted([*kept, result], key=lambda each: order.index(each.name))
    else:
        drawn = [other for other in report.curves if other.name != result.name and other.name in order]
        report.curves = sorted([*drawn, result], key=lambda each: order.index(each.name))
