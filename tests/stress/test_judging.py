"""Who set the pace, which thresholds were met, and what the settings say: plain functions of values."""

import msgspec
import pytest

from bench.errors import CannotRun
from bench.processes import used_by
from bench.values import read_report
from stress.artillery import Ended
from stress.ceiling import arrived_in_time, bench_holds_per_second, busiest_of, ceiling_of, judge
from stress.run import BENCH_RESULTS
from stress.settings import CeilingSettings, Options, StormSettings, changed, flat, phases_of
from stress.thresholds import check_thresholds
from stress.values import Ceiling, Moment, Offered, Phase, Processors
from stress.watching import Look, processors_of
from tests.bench.results import curve, report
from tests.stress.test_sums import records

CEILING = Ceiling(per_second=1000, offered_per_second=2000, processors=1, threads=1)
SETTINGS = StormSettings(
    seconds={"warm_up": 2, "ramp": 4, "rush": 0, "plateau": 3, "sold_out": 1},
    rates={"warm_up": 10, "rush": 50, "plateau": 20, "sold_out": 5},
    think_ms=(1, 2),
    shards=16,
    timeout_seconds=15,
    latency_ms_max={"p95": 2, "p99": 4},
    ceiling=CeilingSettings(seconds=5, rate=2000, buyers_max=10),
)
WELL = Ended(status=0, last_words=["ok"], visitors=10)


def moments(*answers: int) -> list[Moment]:
    """Seconds with so many answers."""
    return [Moment(second=n, counts={"held": number, "buyers": 999}, latency={}) for n, number in enumerate(answers)]


def looks(*busy: float) -> list[Processors]:
    """Seconds in which the generator was so busy."""
    return [
        Processors(second=n, generator=each, service=None, postgres=None, machine=None) for n, each in enumerate(busy)
    ]


@pytest.mark.parametrize(
    ("per_second", "busy", "arrived", "is_bottleneck"),
    [
        (100, 0.5, 1.0, False),
        (849, 0.84, 0.96, False),
        (850, 0.5, 1.0, True),
        (100, 0.5, 0.94, True),
        (100, 0.85, 1.0, True),
    ],
)
def test_who_set_the_pace(per_second: float, busy: float, arrived: float, is_bottleneck: bool) -> None:
    found = judge(CEILING, Offered(per_second=per_second, processors=busy), arrived, 15_911)
    assert found.is_bottleneck == is_bottleneck
    assert ("ARTILLERY WAS THE BOTTLENECK" in found.finding) == is_bottleneck
    assert "`make bench`: 15,911 holds a second" in found.finding


def test_visitors_who_come_late_have_not_arrived_in_time() -> None:
    def arrived(*buyers: int, visitors: int) -> float:
        seconds = [Moment(second=n, counts={"buyers": each}, latency={}) for n, each in enumerate(buyers)]
        return arrived_in_time(seconds, visitors=visitors, settings=SETTINGS)

    expected = round(SETTINGS.visitors)
    assert arrived(*[10] * 10, visitors=expected) == 1
    assert arrived(*[10] * 10, visitors=expected // 2) == pytest.approx(0.5, abs=0.01)
    assert arrived(*[10] * 11, 40, 50, visitors=expected) == pytest.approx(110 / 200)


def test_without_a_ceiling_nobody_is_cleared() -> None:
    found = judge(None, Offered(per_second=10, processors=1), 1.0, None)
    assert not found.is_bottleneck
    assert "its ceiling was not measured" in found.finding


def test_a_ceiling_is_what_was_answered_in_the_middle_of_its_run() -> None:
    told = msgspec.structs.replace(CEILING)
    written = records([], 0)
    run = type(written)(began=0, moments=moments(5, 300, 500, 310, 5), histograms={}, stories=[], reasons={}, threads=2)
    found = ceiling_of(run, looks(0.1, 0.9, 1.0, 0.8, 0.1), 2000)
    assert (found.per_second, found.processors, found.threads) == (310, 0.9, 2)
    assert found.offered_per_second == told.offered_per_second


def test_the_busiest_seconds_are_those_on_end_with_most_answers() -> None:
    found = busiest_of(moments(1, 1, 10, 10, 10, 10, 10, 1), looks(0, 0, 1, 1, 1, 1, 1, 0))
    assert (found.per_second, found.processors) == (10, 1)
    assert busiest_of(moments(4, 8), []).per_second == 6


def test_the_benchmarks_figure_is_that_of_as_many_shards() -> None:
    committed = read_report(BENCH_RESULTS)
    assert bench_holds_per_second(committed, 1) != bench_holds_per_second(committed, 16)
    assert bench_holds_per_second(report(curves=[curve()]), 4) == pytest.approx(840)
    assert bench_holds_per_second(report(curves=[curve()]), 3) is None


def test_thresholds_that_are_met_and_that_are_not() -> None:
    run = records([], 0)
    fast = type(run)(
        began=0, moments=run.moments, histograms={"hold": {1_000: 99, 4_000: 1}}, stories=[], reasons={}, threads=1
    )
    assert [check.name for check in check_thresholds(fast, SETTINGS, WELL) if not check.kept] == []
    moment = Moment(second=0, counts={"failed": 2, "malformed": 1}, latency={})
    bad = type(run)(
        began=0,
        moments=[moment],
        histograms={"hold": {1_000: 90, 8_000: 10}},
        stories=[],
        reasons={"pay answered 500": 2, "hold tells no reservation": 1},
        threads=1,
    )
    found = {
        check.name: check.found
        for check in check_thresholds(bad, SETTINGS, Ended(status=1, last_words=["fail: p99", ""], visitors=1))
        if not check.kept
    }
    assert set(found) == {"failed", "malformed", "latency-p95", "latency-p99", "artillery"}
    assert found["failed"] == "2 failed: pay answered 500 (2), hold tells no reservation (1)"
    assert found["artillery"] == "exit status 1: fail: p99"


def test_phases_follow_each_other_and_visitors_are_counted() -> None:
    assert phases_of(SETTINGS) == [
        Phase(name="warm_up", begins=0, ends=2),
        Phase(name="ramp", begins=2, ends=6),
        Phase(name="plateau", begins=6, ends=9),
        Phase(name="sold_out", begins=9, ends=10),
    ]
    assert SETTINGS.visitors == 2 * 10 + 4 * 30 + 3 * 20 + 1 * 5


def test_changes_go_over_the_set_that_holds() -> None:
    options = Options(quick=True, changes=("rates.rush=5", "rates.plateau=6", "think_ms=[1,2]", "types=x"))
    assert changed(options) == {"quick": {"rates": {"rush": 5, "plateau": 6}, "think_ms": [1, 2], "types": "x"}}
    assert changed(Options()) == {"default": {}}


@pytest.mark.parametrize("change", ["rates.rush", "=5", ""])
def test_what_changes_nothing_is_refused(change: str) -> None:
    with pytest.raises(CannotRun, match="changes nothing"):
        changed(Options(changes=(change,)))


def test_settings_read_flat() -> None:
    told = flat({"seconds": {"rush": 5}, "think_ms": [1, 2], "types": [{"name": "A", "max_share": None}]})
    assert [(each.name, each.value) for each in told] == [
        ("seconds.rush", "5"),
        ("think_ms", "1; 2"),
        ("types", "name A, max_share none"),
    ]


def test_processors_are_what_was_used_between_two_looks() -> None:
    first = Look(at=100.0, seconds={"service": 1.0, "generator": 5.0}, machine=10.0)
    second = Look(at=102.0, seconds={"service": 2.0, "generator": 8.0}, machine=13.0)
    [found] = processors_of([first, second], 99)
    assert (found.second, found.service, found.generator, found.postgres, found.machine) == (1, 0.5, 1.5, None, 1.5)


def test_ended_children_of_a_process_count() -> None:
    fields = ["S", "7", *["0"] * 9, "100", "50", "25", "25", *["0"] * 6, "3"]
    used = used_by(fields)
    assert used.parent == 7
    assert used.processor_seconds == pytest.approx(
        used_by([*fields[:13], "0", "0", *fields[15:]]).processor_seconds * 4 / 3
    )
