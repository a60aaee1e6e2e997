"""From pairs to verdicts: quartiles that straddle a target decide nothing."""

import pytest

from bench.options import Options
from bench.ratios import quartiles, ratios, reaches, verdict
from bench.values import Condition, Pair, Target
from bench.words import SHORT, failures, is_short, notes_of, verdict_of
from tests.bench.results import AT_MOST, curve, report, row


def test_each_ratio_is_of_one_pair() -> None:
    assert ratios([Pair(yardstick=2, service=8), Pair(yardstick=4, service=2)]) == [4, 0.5]


def test_a_yardstick_that_did_nothing_measures_nothing() -> None:
    with pytest.raises(ValueError, match="did nothing"):
        ratios([Pair(yardstick=0, service=1)])


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([3.0], (3.0, 3.0, 3.0)),
        ([1.0, 3.0], (1.5, 2.0, 2.5)),
        ([7.0, 1.0, 3.0, 5.0, 2.0, 6.0, 4.0], (2.5, 4.0, 5.5)),
    ],
)
def test_quartiles_lie_between_the_figures(figures: list[float], expected: tuple[float, float, float]) -> None:
    assert tuple(quartiles(figures)) == expected


def test_no_figures_have_no_quartiles() -> None:
    with pytest.raises(ValueError, match="no figure"):
        quartiles([])


@pytest.mark.parametrize(
    ("figures", "lower_is_better", "expected"),
    [
        ([3.0, 3.1, 3.2], False, "reached"),
        ([2.0, 2.1, 2.2], False, "missed"),
        ([2.0, 3.5, 3.6], False, "not decided"),
        ([2.0, 2.5, 4.0], False, "not decided"),
        ([2.0, 2.1, 2.2], True, "reached"),
        ([3.1, 3.2, 3.3], True, "missed"),
        ([2.0, 3.5, 3.6], True, "not decided"),
    ],
)
def test_a_bound_is_reached_by_both_quartiles_or_not_at_all(
    figures: list[float], lower_is_better: bool, expected: str
) -> None:
    assert reaches(quartiles(figures), 3, lower_is_better=lower_is_better) == expected


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([4.1, 4.2, 4.3], "wanted"),
        ([3.1, 4.2, 4.3], "reached"),
        ([3.1, 3.2, 3.3], "reached"),
        ([2.0, 9.0, 9.0, 9.0, 2.0], "not decided"),
        ([1.0, 1.1, 1.2], "missed"),
    ],
)
def test_the_verdict_of_a_row(figures: list[float], expected: str) -> None:
    assert verdict(row(figures)) == expected


@pytest.mark.parametrize(("figure", "expected"), [(7.0, "wanted"), (15.0, "reached"), (25.0, "missed")])
def test_lower_is_better_where_the_target_says_so(figure: float, expected: str) -> None:
    assert verdict(row([figure], target=AT_MOST)) == expected


def test_a_row_without_target_is_only_measured() -> None:
    assert verdict(row([0.1], target=None)) == "measured"


def test_a_broken_condition_misses_the_row_whatever_its_figure() -> None:
    broken = Condition(what="all gone within 15 s", found="16 s", kept=False)
    kept = Condition(what="all gone within 15 s", found="14 s", kept=True)
    assert verdict(row([9.0], conditions=[kept])) == "wanted"
    assert verdict(row([9.0], conditions=[kept, broken])) == "missed"


def test_an_untruth_fails_the_row_and_the_bench() -> None:
    failed, missing, fine = row([], untrue="a ticket too many"), row([], name="sweep", not_run="no wrk"), row([1.0])
    assert [verdict(failed), verdict(missing)] == ["untrue", "not run"]
    found = failures(report(failed, missing, fine, curves=[curve(), curve(not_run="no wrk")]))
    assert found == ["hot-date: a ticket too many", "sweep: no wrk", "curve-shards: no wrk"]


@pytest.mark.parametrize(
    ("options", "short"),
    [
        (Options(), False),
        (Options(pairs=7, seconds=10), False),
        (Options(pairs=6, seconds=10), True),
        (Options(pairs=7, seconds=9), True),
    ],
)
def test_a_short_run_says_so_and_is_judged_alike(options: Options, short: bool) -> None:
    result = row([4.5], options=options)
    assert is_short(report(result)) == short
    assert verdict_of(result) == "reached, and the wanted" + (" (short)" if short else "")


def test_a_report_names_what_ran_short_unless_all_did() -> None:
    full, short = row([4.5], name="hot-date"), row([4.5], name="sweep", options=Options(pairs=6))
    assert notes_of(report(full)) == []
    assert notes_of(report(full, short)) == [f"{SHORT}, of sweep"]
    assert notes_of(report(short)) == [SHORT]


def test_control_the_same_figures_miss_a_higher_target() -> None:
    assert verdict(row([4.5], target=Target(bound=5, wanted=6))) == "missed"
