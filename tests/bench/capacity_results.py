"""Results of the capacity model as a run would leave them, made up."""

import msgspec

from bench.capacity.values import PARTS, Point, Prediction, Results, Run, Work
from tests.bench.models import MODEL, asked
from tests.bench.results import report

DISK = 400e6


def point(predicted: float, *, fitted: bool = False) -> Point:
    """A configuration at 1,000 holds a second, with a prediction."""
    parts = dict.fromkeys(PARTS, 0.1)
    return Point(
        configuration=asked(fitted=fitted),
        rates=[900, 1_000, 1_100],
        measured=Prediction(rate=1_000, flight_holds=10, processors=parts),
        predicted=Prediction(rate=predicted, flight_holds=11, processors=parts),
    )


def results_of(*points: Point) -> Results:
    """Results with these points."""
    amounts = ("wal_syncs", "commits", "redis_commands", "redis_bytes", "database_in", "database_out")
    costs = {**MODEL.costs, **dict.fromkeys(amounts, MODEL.costs["redis"])}
    return Results(
        machine=report().machine,
        measured_at="2026-11-23T12:00:00+00:00",
        generator="wrk",
        rounds=3,
        seconds=4,
        disk_bytes_per_second=DISK,
        configurations=[],
        runs=[Run(configuration="one-buyer", rate=1, work=Work(seconds=1), spent={}, commit_ms=0.25)],
        relayed=[],
        model=msgspec.structs.replace(MODEL, costs=costs),
        points=list(points),
    )
