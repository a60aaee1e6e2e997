"""The report and the comparison: drawn from results alone, with everything on them, and nothing asked of others."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from stress import shards
from stress.charts import Frame, Line, time_chart
from stress.comparing import changed_settings, rows
from stress.comparison_page import render_comparison
from stress.distribution_chart import round_marks
from stress.errors import Unreadable
from stress.files import PAGE, RESULT, read_result, write_result
from stress.fill_chart import fill_chart
from stress.page import render_page
from stress.style import COLOURS
from stress.terminal import render
from stress.terminal import render_comparison as compare_in_terminal
from stress.values import VERSION, Check, Fill, Phase, Result
from stress.words import KINDS, OUTCOMES, failures, milliseconds
from tests.stress.results import KEPT, broken, result

LOST = broken(Check(group="truth", name="lost-holds", what="no hold is lost", found="2 <lost>: 1-a, 1-b", kept=True))
FRAME = Frame(seconds=10, phases=[Phase(name="rush", begins=2, ends=8)])
OUTSIDE = r"<script|<link|<img|@import|url\(|https?://(?!www\.w3\.org/2000/svg)|src="


def shapes(picture: str, tag: str, kind: str) -> list[ElementTree.Element]:
    """Find the shapes of one class in a picture, which must be well-formed."""
    tree = ElementTree.fromstring(picture)  # noqa: S314 - what is parsed was made by us
    return [shape for shape in tree.iter() if shape.tag.endswith(tag) and shape.get("class") == kind]


def printed(shown: object) -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(shown)
    return console.export_text()


def test_the_page_is_one_file_with_everything_on_it() -> None:
    page = render_page(result())
    for said in (
        "Passed: thresholds met, sums right, audit clean.",
        "Answers a second, by how they ended",
        "Holds and payments a second",
        "How long a hold takes, second by second",
        "How long a payment takes, second by second",
        "How many answers took at most so long",
        "The shards of the hot date",
        "Processors kept busy",
        "every buyer&#x27;s story has an end",
        "Artillery was the bottleneck",
        "think_ms",
        "Imaginary &lt;1&gt;",
    ):
        assert said in page, said
    assert "quick <run>" not in page
    assert not re.search(OUTSIDE, page)
    assert "prefers-color-scheme: dark" in page


def test_a_run_that_failed_says_why_first_of_all() -> None:
    page = render_page(result(checks=[KEPT, LOST]))
    assert "Passed" not in page
    assert page.index("lost-holds: no hold is lost, but: 2 &lt;lost&gt;: 1-a, 1-b") < page.index("<svg")
    said = printed(render(result(checks=[KEPT, LOST])))
    assert "FAILED." in said
    assert "- lost-holds: no hold is lost, but: 2 <lost>: 1-a, 1-b" in said
    assert failures(result()) == []


def test_what_cannot_be_seen_is_said_to_be_not_seen() -> None:
    assert "Not seen from here: the service and PostgreSQL." in render_page(result(own=False))
    assert "Not seen from here" not in render_page(result())


def test_a_chart_says_each_value_under_the_pointer() -> None:
    line = Line(name="held", kind="of-held", points={second: float(second * 10) for second in range(8)})
    picture = time_chart("Holds", FRAME, [line], lambda figure: f"{figure:.0f}", stacked=False)
    assert len(shapes(picture, "g", "at")) == FRAME.seconds
    assert "held: 70" in picture
    assert picture.count("second 9") == 1
    (path,) = shapes(picture, "polyline", "of-held")
    places = [tuple(map(float, point.split(","))) for point in path.get("points", "").split()]
    assert len(places) == 8
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_a_line_is_interrupted_where_nothing_is_known() -> None:
    line = Line(name="held", kind="of-held", points={0: 1.0, 1: 2.0, 5: 3.0, 6: 4.0})
    picture = time_chart("Holds", FRAME, [line], str, stacked=False)
    assert [len(path.get("points", "").split()) for path in shapes(picture, "polyline", "of-held")] == [2, 2]


def test_columns_stand_on_top_of_each_other() -> None:
    lines = [Line(name=name, kind=f"of-{name}", points={3: 5.0}) for name in ("held", "paid")]
    picture = time_chart("Answers", FRAME, lines, str, stacked=True)
    lower, upper = (shapes(picture, "rect", f"fill of-{name}")[0] for name in ("held", "paid"))
    bottom = float(upper.get("y", "0")) + float(upper.get("height", "0"))
    assert bottom == pytest.approx(float(lower.get("y", "0")), abs=0.2)


def test_a_long_run_has_not_too_many_places_under_the_pointer() -> None:
    frame = Frame(seconds=3600, phases=[])
    line = Line(name="held", kind="of-held", points=dict.fromkeys(range(3600), 1.0))
    assert len(shapes(time_chart("Holds", frame, [line], str, stacked=False), "g", "at")) <= 180


def test_a_shard_beyond_its_limit_stands_out() -> None:
    picture = fill_chart("Shards", FRAME, [Fill(second=1, current=[5, 6], maxima=[5, 5])])
    assert len(shapes(picture, "rect", "over")) == 1
    assert "taken: 11 of 10" in picture
    assert fill_chart("Shards", FRAME, []) == ""


def test_every_class_and_every_kind_has_a_colour() -> None:
    assert {*OUTCOMES, *KINDS} <= set(COLOURS)


@pytest.mark.parametrize(("figure", "said"), [(0, "0 ms"), (0.5, "0.50 ms"), (12.34, "12.3 ms"), (1500, "1.5 s")])
def test_times_are_written_as_they_are_read(figure: float, said: str) -> None:
    assert milliseconds(figure) == said


def test_marks_of_a_logarithmic_axis_are_round() -> None:
    assert round_marks(0.9, 60) == pytest.approx([1, 2, 5, 10, 20, 50])


def test_a_result_survives_its_file_and_is_all_that_the_page_needs(tmp_path: Path) -> None:
    write_result(tmp_path, result())
    assert read_result(tmp_path) == read_result(tmp_path / RESULT) == result()
    assert (tmp_path / PAGE).read_text() == render_page(read_result(tmp_path))


def test_a_result_of_another_version_is_refused(tmp_path: Path) -> None:
    other = msgspec.structs.replace(result(), version=VERSION + 1)
    (tmp_path / RESULT).write_bytes(msgspec.json.encode(other))
    with pytest.raises(Unreadable, match=f"of version {VERSION + 1}, not {VERSION}"):
        read_result(tmp_path)


@pytest.mark.parametrize("text", ["{}", "not JSON", '{"version":1}'])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / RESULT).write_text(text)
    with pytest.raises(Unreadable, match="no result of a stress test"):
        read_result(tmp_path)
    with pytest.raises(Unreadable, match="no result"):
        read_result(tmp_path / "missing")


def twice_as_fast() -> Result:
    """A run that holds twice as much as the other, of another number of shards."""
    first = result(name="other <run>")
    moments = [
        msgspec.structs.replace(moment, counts={**moment.counts, "held": 2 * moment.counts["held"]})
        for moment in first.moments
    ]
    service = msgspec.structs.replace(first.service, shards=1)
    return msgspec.structs.replace(first, moments=moments, service=service, checks=[KEPT, LOST])


def test_a_comparison_tells_what_differs() -> None:
    first, second = result(), twice_as_fast()
    by_name = {row.what: row for row in rows(first, second)}
    assert by_name["holds in the best second"].change == "+100%"
    assert by_name["p99 of a hold"].change == "+0%"
    assert [(row.what, row.first, row.second) for row in changed_settings(first, second)] == [
        ("shards of the hot date", "16", "1")
    ]
    page, said = render_comparison(first, second), printed(compare_in_terminal(first, second))
    for shown in (page, said):
        assert "+100%" in shown
        assert "shards of the hot date" in shown
        assert "failed: 1 checks" in shown
    assert "other &lt;run&gt; failed" in page
    assert page.count("<svg") == 6
    assert not re.search(OUTSIDE, page)


def test_the_same_run_twice_differs_in_nothing() -> None:
    assert changed_settings(result(), result()) == []
    assert "Settings, service and machine were the same." in render_comparison(result(), result())


def test_pictures_of_storms_by_shards_stand_alone(tmp_path: Path) -> None:
    written = shards.write_pictures(tmp_path, [twice_as_fast(), result()])
    assert [file.name for file in written] == [
        "stress-holds.svg",
        "stress-latency.svg",
        "stress-shards.svg",
        "stress-shards.md",
    ]
    for file in written[:-1]:
        text = file.read_text()
        ElementTree.fromstring(text)  # noqa: S314 - what is parsed was made by us
        assert not re.search(OUTSIDE, text)
        assert file.stat().st_size < 100_000
    table = written[-1].read_text()
    assert "| 1 | " in table
    assert "| 15,911 | failed |" in table
    assert "| 15,911 | passed |" in table
