"""The fit finds again what made the figures, takes nothing below zero, and looks at nothing that it has to predict."""

import random

import msgspec
import pytest

from bench.capacity.accounts import Late, Spent, balance
from bench.capacity.configurations import CONFIGURATIONS, RELAYED
from bench.capacity.fit import fit, fit_cost, fit_costs, points_of
from bench.capacity.least_squares import fit_positive, solve
from bench.capacity.simulation import Layout, simulate
from bench.capacity.values import PARTS, Configuration, Cost, Run, Work
from bench.processes import machine_busy_seconds, machine_program_seconds
from tests.bench.models import MODEL

FITTED = [
    each for each in CONFIGURATIONS if each.name in {"idle", "one-buyer", "hot-date", "eight-tickets", "many-dates"}
]
PREDICTED = [each for each in CONFIGURATIONS if each.name in {"two-processes", "four-tickets", "eight-dates"}]


def layout_here(configuration: Configuration, others: float) -> Layout:
    """Two processors, less what others take."""
    return Layout(asked=configuration, processors=2 - others)


def played(configuration: Configuration) -> Run:
    """A run as it would be measured of the made-up model."""
    found = simulate(MODEL, layout_here(configuration, 0))
    holds = found.rate
    flights = holds / max(1.0, found.flight_holds)
    dates = min(configuration.dates, 40) if configuration.dates > 1 else 1
    work = Work(
        seconds=1, flights=flights, holds=holds, tickets=holds * configuration.tickets, rows=2 * dates * flights
    )
    spent = {part: MODEL.costs[part].of(work) for part in PARTS}
    return Run(configuration=configuration.name, rate=holds, work=work, spent=spent)


def test_coefficients_are_found_again() -> None:
    chance = random.Random(7)
    rows = [[chance.random() * scale for scale in (1, 1_000, 100_000)] for _ in range(12)]
    truth = [3.0, 0.02, 0.0004]
    targets = [sum(one * other for one, other in zip(row, truth, strict=True)) for row in rows]
    assert fit_positive(rows, targets) == pytest.approx(truth, rel=1e-6)


def test_no_coefficient_is_negative() -> None:
    rows, targets = [[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]], [3.0, 2.0, 1.0]
    unbounded = solve([[3.0, 6.0, 6.0], [6.0, 14.0, 10.0]])
    assert unbounded is not None and min(unbounded) < 0  # without the bound it would be
    found = fit_positive(rows, targets)
    assert min(found) >= 0
    assert max(found) > 0


def test_what_cannot_be_told_apart_is_still_fitted() -> None:
    rows = [[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [4.0, 8.0, 0.0]]
    found = fit_positive(rows, [2.0, 4.0, 8.0])
    assert [sum(one * other for one, other in zip(row, found, strict=True)) for row in rows] == pytest.approx([2, 4, 8])


def test_a_target_of_nothing_says_nothing() -> None:
    assert fit_positive([[1.0], [2.0]], [0.0, 6.0]) == pytest.approx([3.0])
    assert fit_positive([[1.0]], [0.0]) == [0.0]


def test_a_second_costs_what_it_took_without_load() -> None:
    cost = Cost(seconds=0.02, flights=3e-4, holds=5e-5, tickets=4e-6)
    works = [
        Work(seconds=4),
        Work(seconds=4, flights=2_000, holds=2_000, tickets=4_000),
        Work(seconds=4, flights=500, holds=30_000, tickets=60_000),
        Work(seconds=4, flights=500, holds=20_000, tickets=160_000),
    ]
    runs = [Run(configuration="any", rate=0, work=work, spent={"web": cost.of(work)}) for work in works]
    found = fit_cost(runs, "web")
    assert msgspec.structs.astuple(found) == pytest.approx(msgspec.structs.astuple(cost), rel=1e-6)


def test_the_model_is_found_again_and_predicts_what_it_has_not_seen() -> None:
    relayed = Run(
        configuration="hot-date", rate=0, work=Work(seconds=1, holds=10, flights=1, rows=2), spent={"http_in": 2_000}
    )
    runs = [relayed, *(played(each) for each in [*FITTED, *PREDICTED])]
    model = fit([*FITTED, *PREDICTED], runs, layout_here, chained=(0.1, MODEL.chained), usable=(0.8, 1.0))
    assert (model.chained, model.usable) == (MODEL.chained, 1.0)
    assert model.rows_of_date == pytest.approx(2)
    assert model.wait_seconds == pytest.approx(MODEL.wait_seconds, rel=0.05)
    assert model.costs["http_in"].of(relayed.work) == pytest.approx(2_000)
    points = points_of(model, PREDICTED, runs, layout_here)
    assert [point.configuration.name for point in points] == [each.name for each in PREDICTED]
    assert [point for point in points if abs(point.error) > 0.05] == []


def test_what_is_to_be_predicted_is_not_looked_at() -> None:
    runs = [played(each) for each in FITTED]
    wrong = Run(configuration="two-processes", rate=1e9, work=Work(seconds=1, holds=1, flights=1), spent={"web": 1e9})
    assert fit_costs([*FITTED, *PREDICTED], [*runs, wrong]) == fit_costs(FITTED, runs)
    as_if_fitted = [msgspec.structs.replace(each, fitted=True) for each in PREDICTED if each.name == "two-processes"]
    told = Run(configuration="two-processes", rate=1.0, work=wrong.work, spent=dict.fromkeys(PARTS, 1.0))
    assert fit_costs([*FITTED, *as_if_fitted], [*runs, told]) != fit_costs(FITTED, runs)


def test_a_run_is_the_difference_of_two_readings() -> None:
    nothing = dict.fromkeys((*PARTS, "wal_bytes", "redis_commands", "redis_bytes"), 1.0)
    before = Spent(flights=100, spent=nothing, busy=10, own=1)
    after = Spent(flights=300, spent={**nothing, "web": 3.0, "wal_bytes": 501.0}, busy=14, own=1.5)
    late = (
        Late(at=0, flights=0, rows=0, commits=0, wal_syncs=0, commit_ms=0),
        Late(at=9, flights=400, rows=800, commits=440, wal_syncs=200, commit_ms=100),
    )
    found = balance(before, after, late, done=Work(seconds=4, holds=1_000), name="hot-date", rate=250)
    assert found.work == Work(seconds=4, holds=1_000, flights=200, rows=400)
    assert (found.spent["web"], found.spent["wal_bytes"], found.spent["commits"]) == (2, 500, 220)
    assert (found.spent["wal_syncs"], found.commit_ms, found.others) == (100, 0.5, 1.5)
    without = balance(
        before,
        msgspec.structs.replace(after, flights=100),
        (late[0], msgspec.structs.replace(late[1], flights=0)),
        done=Work(seconds=3),
        name="idle",
        rate=0,
    )
    assert without.spent["commits"] == pytest.approx(440 / 3)


def test_interrupts_are_no_program() -> None:
    programs, busy = machine_program_seconds(), machine_busy_seconds()
    assert programs is not None and busy is not None
    assert 0 < programs <= busy


def test_some_loads_are_fitted_and_others_are_predicted() -> None:
    names = [each.name for each in CONFIGURATIONS]
    assert len(set(names)) == len(names)
    assert set(RELAYED) <= {each.name for each in CONFIGURATIONS if each.fitted and each.per_second is None}
    assert len([each for each in CONFIGURATIONS if not each.fitted]) >= 2
