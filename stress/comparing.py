"""Two runs beside each other: which figures differ, and by how much. Plain functions of results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stress.values import Result
from stress.words import (
    KINDS,
    OUTCOMES,
    RUSH,
    best_second,
    during,
    failures,
    fraction,
    milliseconds,
    outcome,
    plain,
    rate,
)

NOTHING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of both runs, as people read it, and the second beside the first."""

    what: str
    first: str
    second: str
    change: str


def rows(first: Result, second: Result) -> Sequence[Row]:
    """Return all figures that are compared."""
    return [*_rates(first, second), *_latencies(first, second), *_processors(first, second), *_counts(first, second)]


def verdicts(first: Result, second: Result) -> Row:
    """Return how each run ended."""
    said = [f"failed: {len(failed)} checks" if (failed := failures(run)) else "passed" for run in (first, second)]
    return Row(what="verdict", first=said[0], second=said[1], change="")


def changed_settings(first: Result, second: Result) -> Sequence[Row]:
    """Return the settings, and whatever else was not the same, for it may be why the figures differ."""
    one, other = _surroundings(first), _surroundings(second)
    return [
        Row(what=name, first=one.get(name, NOTHING), second=other.get(name, NOTHING), change="")
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    ]


def _surroundings(result: Result) -> Mapping[str, str]:
    service, machine = result.service, result.machine
    return {
        "service": "own" if service.own else "somebody else's",
        "hold seconds": str(service.hold_seconds),
        "processes": str(service.workers),
        "shards of the hot date": str(service.shards),
        "processor": f"{machine.processors} x {machine.processor}",
        "system": machine.system,
        **machine.programs,
        **{setting.name: setting.value for setting in result.settings},
    }


def _rates(first: Result, second: Result) -> Iterator[Row]:
    for count, name in (("held", "holds"), ("paid", "payments")):
        figures = [rate(during(run, RUSH), count) for run in (first, second)]
        yield _row(f"{name} a second in the rush", figures, plain)
        figures = [float(best_second(run, count)) for run in (first, second)]
        yield _row(f"{name} in the best second", figures, plain)
    ceilings = [run.generator.ceiling.per_second if run.generator.ceiling else 0.0 for run in (first, second)]
    yield _row("the generator's ceiling, answers a second", ceilings, plain)


def _latencies(first: Result, second: Result) -> Iterator[Row]:
    for kind, name in KINDS.items():
        if kind in first.latency and kind in second.latency:
            both = [run.latency[kind].latency for run in (first, second)]
            yield _row(f"p50 of a {name}", [each.p50_ms for each in both], milliseconds)
            yield _row(f"p95 of a {name}", [each.p95_ms for each in both], milliseconds)
            yield _row(f"p99 of a {name}", [each.p99_ms for each in both], milliseconds)


def _processors(first: Result, second: Result) -> Iterator[Row]:
    for name, words in (("service", "the service"), ("postgres", "PostgreSQL"), ("generator", "Artillery")):
        means = [_mean_busy(run, name) for run in (first, second)]
        known = [mean for mean in means if mean is not None]
        if len(known) == len(means):
            yield _row(f"processors kept busy by {words}", known, fraction)


def _mean_busy(result: Result, name: str) -> float | None:
    busy = [getattr(look, name) for look in result.processors if 0 <= look.second < result.seconds]
    return sum(busy) / len(busy) if busy and None not in busy else None


def _counts(first: Result, second: Result) -> Iterator[Row]:
    for name in OUTCOMES:
        figures = [float(run.totals.get(name, 0)) for run in (first, second)]
        if any(figures):
            yield _row(outcome(name), figures, plain)


def _row(what: str, figures: Sequence[float], write: Callable[[float], str]) -> Row:
    first, second = figures
    change = f"{second / first - 1:+.0%}" if first else NOTHING
    return Row(what=what, first=write(first), second=write(second), change=change)
