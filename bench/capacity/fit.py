"""From runs to the model: costs by least squares, what a flight waits for, and what lies between two flights."""

import statistics
from collections.abc import Callable, Mapping, Sequence

import msgspec

from bench.capacity.least_squares import fit_positive
from bench.capacity.simulation import Layout, simulate
from bench.capacity.values import DRIVERS, PARTS, Configuration, Cost, Model, Point, Prediction, Results, Run
from bench.options import Generator

BUSY = tuple(driver for driver in DRIVERS if driver != "seconds")
CHAINED = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
USABLE = (0.8, 0.85, 0.9, 0.95, 1.0)
TRY_SECONDS = 0.5
Layouts = Callable[[Configuration, float], Layout]


def layouts_of(processors: int, generator: Generator) -> Layouts:
    """Return where configurations were measured: all on one machine, without what others took of it meanwhile."""

    def layout_of(asked: Configuration, others: float) -> Layout:
        threads = processors if generator == "k6" else 1
        return Layout(asked=asked, processors=processors - others, generator_threads=threads)

    return layout_of


def fit(
    configurations: Sequence[Configuration],
    runs: Sequence[Run],
    layout_of: Layouts,
    *,
    chained: Sequence[float] = CHAINED,
    usable: Sequence[float] = USABLE,
) -> Model:
    """Fit the model to the runs of those configurations that are for fitting; no other run is looked at.

    `layout_of` says where a configuration was measured when others took so many processors. What is no cost is chosen
    from `chained` and `usable`, so that the rates come out best.
    """
    model = fit_costs(configurations, runs)
    closed = [each for each in configurations if each.fitted and each.per_second is None]
    measured = {each.name: median_of(runs, each.name) for each in closed}
    tries = [msgspec.structs.replace(model, chained=one, usable=other) for other in usable for one in chained]
    return min(tries, key=lambda tried: sum(_miss(tried, each, measured[each.name], layout_of) for each in closed))


def fit_costs(configurations: Sequence[Configuration], runs: Sequence[Run]) -> Model:
    """Fit all that needs no simulation; nothing of the service's time lies between two flights yet."""
    named = {each.name: each for each in configurations if each.fitted}
    known = [run for run in runs if run.configuration in named]
    costs = {
        resource: fit_cost(known, resource) for resource in dict.fromkeys(key for run in known for key in run.spent)
    }
    alone = [run for run in known if is_alone(named[run.configuration]) and run.rate > 0]
    one_date = [run for run in known if is_one_date(named[run.configuration]) and run.work.flights > 0]
    return Model(
        costs=costs,
        wait_seconds=max(0.0, statistics.median(_unexplained(costs, run) for run in alone)),
        chained=0.0,
        rows_of_date=statistics.median(run.work.rows / run.work.flights for run in one_date),
    )


def fit_cost(runs: Sequence[Run], resource: str) -> Cost:
    """Fit what one of each costs of one resource, none below nothing; a second costs what it took without load."""
    telling = [run for run in runs if resource in run.spent]
    idle = [run.spent[resource] / run.work.seconds for run in telling if not run.work.holds]
    a_second = statistics.median(idle) if idle else 0.0
    busy = [run for run in telling if run.work.holds]
    rows = [[getattr(run.work, driver) for driver in BUSY] for run in busy]
    found = fit_positive(rows, [run.spent[resource] - a_second * run.work.seconds for run in busy])
    return Cost(seconds=a_second, **dict(zip(BUSY, found, strict=True)))


def is_alone(configuration: Configuration) -> bool:
    """Whether one hold follows the other, so that the time of a hold is the time of a flight."""
    return configuration.connections == 1 and configuration.per_second is None


def is_one_date(configuration: Configuration) -> bool:
    """Whether all flights carry the same date."""
    return configuration.events == configuration.dates == 1


def _unexplained(costs: Mapping[str, Cost], run: Run) -> float:
    """Return how long a hold that was alone took beyond all processor time that was spent on it."""
    work = run.work
    explained = sum(
        costs[part].of(work) - costs[part].seconds * work.seconds for part in ("web", "database", "generator")
    )
    return (work.seconds - explained) / work.holds


def _miss(model: Model, configuration: Configuration, found: tuple[Prediction, float], layout_of: Layouts) -> float:
    """Return the square of the relative error of a rate."""
    measured, others = found
    return (simulate(model, layout_of(configuration, others), TRY_SECONDS).rate / measured.rate - 1) ** 2


def median_of(runs: Sequence[Run], name: str) -> tuple[Prediction, float]:
    """Return the medians of a configuration's runs, and of the processors that others took meanwhile.

    Runs by a relay have spent bytes alone, and count for nothing here.
    """
    mine = [run for run in runs if run.configuration == name and run.spent.keys() >= set(PARTS)]
    processors = {part: statistics.median(run.spent[part] / run.work.seconds for run in mine) for part in PARTS}
    measured = Prediction(
        rate=statistics.median(run.rate for run in mine),
        flight_holds=statistics.median(run.work.holds / max(1.0, run.work.flights) for run in mine),
        processors=processors,
    )
    return measured, statistics.median(run.others / run.work.seconds for run in mine)


def worked_out(known: Results) -> Results:
    """Return results whose model and predictions follow anew from their runs."""
    layout_of = layouts_of(known.machine.processors, known.generator)
    model = fit(known.configurations, [*known.relayed, *known.runs], layout_of)
    points = points_of(model, known.configurations, known.runs, layout_of)
    return msgspec.structs.replace(known, model=model, points=points)


def points_of(
    model: Model, configurations: Sequence[Configuration], runs: Sequence[Run], layout_of: Layouts
) -> list[Point]:
    """Return each configuration beside what the model says of it."""
    found = []
    for each in configurations:
        measured, others = median_of(runs, each.name)
        found.append(
            Point(
                configuration=each,
                rates=[run.rate for run in runs if run.configuration == each.name],
                measured=measured,
                predicted=simulate(model, layout_of(each, others)),
            )
        )
    return found
