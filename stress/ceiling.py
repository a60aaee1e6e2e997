"""How much the generator can send at all, and whether it or the service set the pace: plain functions of values."""

import statistics
from collections.abc import Sequence

from bench.values import Report
from stress.records import Records
from stress.settings import StormSettings
from stress.values import Ceiling, Generator, Moment, Offered, Processors
from stress.words import OUTCOMES, fraction, plain

EDGE_SECONDS = 1
BUSIEST_SECONDS = 5
LATE_SECONDS = 1
NEAR_CEILING, ARRIVED_MIN = 0.85, 0.95
HOT_DATE, BY_SHARDS = "hot-date", "curve-shards"


def answers_in(moment: Moment) -> int:
    """Return how many answers there were in one second."""
    return sum(moment.counts.get(name, 0) for name in OUTCOMES)


def ceiling_of(records: Records, looks: Sequence[Processors], offered: float) -> Ceiling:
    """Return what was reached against a route that does nothing, in the middle of its run, and what that cost."""
    middle = [moment for moment in records.moments[EDGE_SECONDS:-EDGE_SECONDS] if answers_in(moment)]
    middle = middle or [moment for moment in records.moments if answers_in(moment)]
    seconds = {moment.second for moment in middle}
    busy = [look.generator for look in looks if look.second in seconds]
    return Ceiling(
        per_second=statistics.median(map(answers_in, middle)) if middle else 0.0,
        offered_per_second=offered,
        processors=statistics.median(busy) if busy else 0.0,
        threads=records.threads,
    )


def busiest_of(moments: Sequence[Moment], looks: Sequence[Processors]) -> Offered:
    """Return what was answered in the busiest seconds on end, and what that cost the generator."""
    count = min(BUSIEST_SECONDS, len(moments))
    windows = [moments[first : first + count] for first in range(len(moments) - count + 1)]
    best = max(windows, key=lambda window: sum(map(answers_in, window)))
    seconds = {moment.second for moment in best}
    busy = [look.generator for look in looks if look.second in seconds]
    return Offered(per_second=statistics.mean(map(answers_in, best)), processors=statistics.mean(busy) if busy else 0.0)


def arrived_in_time(moments: Sequence[Moment], *, visitors: int, settings: StormSettings) -> float:
    """Return the share of the visitors who were to arrive that did, and not after the time in which they should have.

    Moments tell when buyers came; the other visitors come among them.
    """
    buyers = [moment.counts.get("buyers", 0) for moment in moments]
    in_time = sum(buyers[: int(settings.load_seconds) + LATE_SECONDS])
    return min(1.0, visitors / max(1.0, settings.visitors)) * in_time / max(1, sum(buyers))


def judge(ceiling: Ceiling | None, busiest: Offered, arrived: float, bench_holds: float | None) -> Generator:
    """Say who set the pace; `arrived` is the share of those who were to arrive that did, in time."""
    near = ceiling is not None and (
        busiest.per_second >= NEAR_CEILING * ceiling.per_second
        or busiest.processors >= NEAR_CEILING * ceiling.processors
    )
    behind = arrived < ARRIVED_MIN
    return Generator(
        ceiling=ceiling,
        busiest=busiest,
        arrived=arrived,
        is_bottleneck=near or behind,
        finding=f"{_pace(ceiling, near=near, behind=behind)} {_told(ceiling, busiest, arrived)} {_bench(bench_holds)}",
        bench_holds_per_second=bench_holds,
    )


def _pace(ceiling: Ceiling | None, *, near: bool, behind: bool) -> str:
    if near or behind:
        return "ARTILLERY WAS THE BOTTLENECK, not the service."
    if ceiling is None:
        return "Artillery was not seen to be the bottleneck, but its ceiling was not measured."
    return "Artillery was not the bottleneck."


def _told(ceiling: Ceiling | None, busiest: Offered, arrived: float) -> str:
    told = (
        f"In the busiest seconds it had {plain(busiest.per_second)} answers a second and kept"
        f" {fraction(busiest.processors)} processors busy"
    )
    if ceiling is not None:
        told += (
            f"; against a route that does nothing it reaches {plain(ceiling.per_second)} with"
            f" {fraction(ceiling.processors)}"
        )
    return f"{told}. Of the visitors who were to arrive, {arrived:.0%} did, in time."


def _bench(bench_holds: float | None) -> str:
    told = "What the service can do is measured by `make bench`"
    return f"{told}: {plain(bench_holds)} holds a second on one hot date, as committed." if bench_holds else f"{told}."


def bench_holds_per_second(results: Report, shards: int) -> float | None:
    """Return the holds a second that the benchmark found with so many shards, else on its hot date; None without."""
    for curve in results.curves:
        for series in curve.series[:1] if curve.name == BY_SHARDS else []:
            for point in series.points:
                if point.x == shards:
                    return statistics.median(point.found)
    for row in results.comparisons:
        if row.name == HOT_DATE and row.measured is not None:
            return statistics.median(pair.service for pair in row.measured.pairs)
    return None
