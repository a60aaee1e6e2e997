"""The page on capacity says what its results say, and these follow from what was measured."""

import re

import msgspec
import pytest

from bench.capacity.documentation import PAGE, PICTURE, sections, with_tables
from bench.capacity.fit import fit_costs, layouts_of, points_of
from bench.capacity.picture import draw
from bench.capacity.values import Results, read_results
from bench.capacity.verdict import failures
from tests.bench.capacity_results import point, results_of
from tests.house.tree import ROOT, page

FILE = ROOT / "docs/capacity/results.json"
NOT_MEASURED = "Not measured yet."
SECTION = re.compile(r"<!-- ([a-z ]+): made by .*? -->\n\n(.*?)\n\n<!-- end of \1 -->", re.S)


@pytest.fixture(scope="module")
def measured() -> Results | None:
    """What was measured, as it is committed."""
    return read_results(FILE) if FILE.exists() else None


def test_the_page_has_a_place_for_everything() -> None:
    assert {name for name, _ in SECTION.findall(page(PAGE))} == set(sections(results_of(point(1_000))))


def test_the_page_and_its_picture_are_made_from_the_results(measured: Results | None) -> None:
    if measured is None:
        assert {said for _, said in SECTION.findall(page(PAGE))} == {NOT_MEASURED}
        assert not (ROOT / PICTURE).exists()
    else:
        assert with_tables(page(PAGE), measured) == page(PAGE)
        assert draw(measured) == page(PICTURE)


def test_the_model_follows_from_the_runs_and_the_predictions_from_the_model(measured: Results | None) -> None:
    if measured is None:
        return
    fitted = fit_costs(measured.configurations, [*measured.relayed, *measured.runs])
    for name, cost in fitted.costs.items():
        assert msgspec.structs.astuple(measured.model.costs[name]) == pytest.approx(msgspec.structs.astuple(cost))
    assert measured.model.wait_seconds == pytest.approx(fitted.wait_seconds)
    layout_of = layouts_of(measured.machine.processors, measured.generator)
    predicted = [each for each in measured.configurations if not each.fitted]
    again = points_of(measured.model, predicted, measured.runs, layout_of)
    assert again == [each for each in measured.points if not each.configuration.fitted]


def test_the_model_holds_on_a_durable_database(measured: Results | None) -> None:
    if measured is None:
        return
    assert failures(measured) == []
    assert len([each for each in measured.configurations if not each.fitted]) >= 2
    assert {run.configuration for run in measured.runs} == {each.name for each in measured.configurations}
    assert (measured.machine.durable["fsync"], measured.machine.durable["synchronous_commit"]) == ("on", "on")
