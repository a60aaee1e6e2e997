"""The page and its plots: well-formed, with everything on it, and nothing asked of any other server."""

import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from bench import documentation, plot
from bench.drawing import round_step
from bench.options import Options
from bench.page import render_page
from bench.terminal import render
from bench.values import Condition, Point, Series
from tests.bench.results import AT_MOST, curve, report, row
from tests.house.tree import ROOT

BROKEN = Condition(what="memory at most 1.5 x", found="1.7 x", kept=False)


def shapes(picture: str, tag: str, kind: str) -> list[ElementTree.Element]:
    """Find the shapes of one class in a picture, which must be well-formed."""
    tree = ElementTree.fromstring(picture)  # noqa: S314 - what is parsed was made by us
    return [shape for shape in tree.iter(tag) if shape.get("class") == kind]


def test_a_strip_shows_every_pair_the_quartiles_and_the_targets() -> None:
    picture = plot.strip(row([2.0, 3.0, 5.0]))
    places = [float(dot.get("cx", "0")) for dot in shapes(picture, "circle", "pair")]
    assert len(places) == 3
    assert places == sorted(places)
    (median,) = shapes(picture, "line", "median")
    assert float(median.get("x1", "0")) == pytest.approx(places[1], abs=0.1)
    assert len(shapes(picture, "rect", "quartiles")) == 1
    (bound,), (wanted,) = shapes(picture, "line", "bound"), shapes(picture, "line", "wanted")
    assert float(bound.get("x1", "0")) == pytest.approx(places[1], abs=0.1)
    assert float(wanted.get("x1", "0")) > float(bound.get("x1", "0"))


def test_a_strip_has_room_for_targets_that_are_far_away() -> None:
    picture = plot.strip(row([0.01], target=AT_MOST))
    (bound,) = shapes(picture, "line", "bound")
    assert float(bound.get("x1", "0")) < plot.STRIP_WIDTH


def test_a_row_without_figures_has_no_strip() -> None:
    assert plot.strip(row([], untrue="a ticket too many")) == ""


def test_a_curve_has_a_line_and_a_dot_for_every_place_of_every_series() -> None:
    picture = plot.curve(curve())
    for number in (0, 1):
        (path,) = shapes(picture, "polyline", f"series-{number}")
        points = [tuple(map(float, point.split(","))) for point in path.get("points", "").split()]
        assert len(points) == 3
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    titles = re.findall("<title>(.*?)</title>", picture)
    assert "combining on, 4: 840" in titles
    assert "combining &lt;off&gt;, 1: 105" in titles


def test_places_of_a_curve_are_as_far_apart_as_their_powers_of_two() -> None:
    (path,) = shapes(plot.curve(curve()), "polyline", "series-0")
    first, second, third = (float(point.split(",")[0]) for point in path.get("points", "").split())
    assert second - first == pytest.approx(third - second, abs=0.2)


def test_a_curve_that_was_not_measured_is_not_drawn() -> None:
    assert plot.curve(curve(not_run="wrk is not installed")) == ""


@pytest.mark.parametrize(("highest", "step"), [(4.0, 1), (9_000.0, 2_000), (13_000.0, 5_000), (0.9, 0.2), (0.0, 1)])
def test_steps_are_round(highest: float, step: float) -> None:
    assert round_step(highest) == pytest.approx(step)


def test_the_page_is_one_file_with_everything_on_it() -> None:
    page = render_page(report(row([3.5, 4.0]), row([9.0], name="sweep", conditions=[BROKEN]), curves=[curve()]))
    for said in (
        "hot-date",
        "sweep",
        "BROKEN: memory at most 1.5 x: 1.7 x",
        "1,234 holds/s",
        "Holds a second by shards",
    ):
        assert said in page
    assert page.count("<svg") == 3
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://|src=", page)


def test_what_rows_say_is_never_markup() -> None:
    page = render_page(report(row([3.5]), curves=[curve()]))
    for raw, written in (("offered <here>", "offered &lt;here&gt;"), ("its <clients>", "its &lt;clients&gt;")):
        assert raw not in page
        assert written in page


def test_the_page_tells_why_there_is_no_figure() -> None:
    page = render_page(report(row([], untrue="a ticket too many"), curves=[curve(not_run="wrk is not installed")]))
    assert "UNTRUE" in page
    assert "a ticket too many" in page
    assert "wrk is not installed" in page


def test_the_terminal_says_the_same() -> None:
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(
        render(report(row([3.5], options=Options(pairs=1)), row([], name="x", untrue="gone"), curves=[curve()]))
    )
    printed = console.export_text()
    for said in ("hot-date", "reached (short)", "UNTRUE", "gone", "short run", "combining on", "840"):
        assert said in printed


def test_the_documentation_gets_its_figures_from_results_alone() -> None:
    page = f"before\n\n{documentation.BEGIN}\nold figures\n{documentation.END}\n\nafter\n"
    written = documentation.with_tables(page, report(row([3.5]), curves=[curve()]))
    assert "old figures" not in written
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "| `hot-date`: holds/s, one hot date | 2.00 | 7.00 | 3.50 x |" in written
    assert "| 4 | 840 | 420 |" in written
    assert documentation.with_tables(written, report(row([3.5]), curves=[curve()])) == written


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no marks"):
        documentation.with_tables("nothing", report())


def test_the_figures_of_the_page_are_those_of_the_committed_results() -> None:
    from bench.values import read_report

    page = (ROOT / "docs/benchmark.md").read_text(encoding="utf-8")
    results = ROOT / "docs/benchmark/results.json"
    if results.exists():
        assert documentation.with_tables(page, read_report(results)) == page
    else:
        between = page.partition(documentation.BEGIN)[2].partition(documentation.END)[0]
        assert not re.search(r"\|\s*[\d.]", between)


def test_by_tens_each_step_up_is_ten_times_the_one_before() -> None:
    points = [Point(x=x, found=[found]) for x, found in ((1, 130.0), (2, 4_000.0), (4, 250_000.0))]
    drawn = plot.curve(msgspec.structs.replace(curve(), series=[Series(name="one", points=points)]), by_tens=True)
    heights = [float(line.get("y1", "0")) for line in shapes(drawn, "line", "grid")]
    rises = [below - above for below, above in pairwise(heights)]
    assert rises == pytest.approx([rises[0]] * 3, abs=0.2)
    assert [step for step in ("100", "1,000", "10,000", "100,000") if f">{step}</text>" not in drawn] == []
    least = float(shapes(drawn, "circle", "series-0")[0].get("cy", "0"))
    assert heights[1] < least < heights[0]
