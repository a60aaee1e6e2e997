"""One storm after another, each on a hot date with another number of shards: pictures and a table for the documents."""

from collections.abc import Sequence
from pathlib import Path

from bench import page as bench_page
from bench import plot
from bench.html import STYLE as SHARED_STYLE
from bench.options import Options as BenchOptions
from bench.values import Curve, Point, Series
from stress.charts import Frame, Line, time_chart
from stress.distribution_chart import distribution_chart
from stress.style import STYLE
from stress.values import Result
from stress.words import RUSH, best_second, during, failures, milliseconds, plain, rate

COLOURS = ("of-first", "of-other", "of-third")
KIND = "hold"
TABLE = "stress-shards.md"
HEAD = (
    "| shards | holds/s in the rush | in the best second | p50 of a hold | p99 of a hold | Artillery was the bottleneck"
    " | holds/s by `make bench` | verdict |\n| ---: | ---: | ---: | ---: | ---: | --- | ---: | --- |"
)


def write_pictures(folder: Path, results: Sequence[Result]) -> list[Path]:
    """Write the pictures and the table into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawn in (
        ("stress-holds.svg", _over_time(results)),
        ("stress-latency.svg", _latency(results)),
        ("stress-shards.svg", plot.curve(_by_shards(results))),
    ):
        (folder / name).write_text(standalone(drawn), encoding="utf-8")
        written.append(folder / name)
    (folder / TABLE).write_text(render_table(results), encoding="utf-8")
    return [*written, folder / TABLE]


def render_table(results: Sequence[Result]) -> str:
    """Return the figures as Markdown, with the benchmark's beside, and the machine below."""
    machine = results[0].machine
    below = (
        f"{machine.processors} processors ({machine.processor}), {machine.system}, Artillery {_artillery(results[0])}."
    )
    return "\n".join([HEAD, *map(_row, results), "", below, ""])


def _row(result: Result) -> str:
    bench = result.generator.bench_holds_per_second
    hold = result.latency[KIND].latency
    cells = [
        str(result.service.shards),
        plain(rate(during(result, RUSH), "held")),
        plain(best_second(result, "held")),
        milliseconds(hold.p50_ms),
        milliseconds(hold.p99_ms),
        "yes" if result.generator.is_bottleneck else "no",
        plain(bench) if bench else "-",
        "failed" if failures(result) else "passed",
    ]
    return f"| {' | '.join(cells)} |"


def _artillery(result: Result) -> str:
    return result.machine.programs.get("Artillery", "")


def standalone(picture: str) -> str:
    """Return a picture as a file of its own, with its colours in light and in dark, and a ground to stand on."""
    style = f"svg {{ font-family: system-ui, sans-serif; }}{SHARED_STYLE}{bench_page.STYLE}{STYLE}"
    head, _, rest = picture.partition(">")
    ground = '<rect width="100%" height="100%" fill="var(--paper)"/>'
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{style}</style>{ground}{rest}\n'


def _lines(results: Sequence[Result]) -> list[Line]:
    """Return a line for each run, whose points are its holds of each second."""
    return [
        Line(
            name=_shards(result),
            kind=COLOURS[place % len(COLOURS)],
            points={moment.second: float(moment.counts.get("held", 0)) for moment in result.moments},
        )
        for place, result in enumerate(results)
    ]


def _shards(result: Result) -> str:
    return "1 shard" if result.service.shards == 1 else f"{result.service.shards} shards"


def _over_time(results: Sequence[Result]) -> str:
    frame = Frame(seconds=max(result.seconds for result in results), phases=results[0].phases)
    return time_chart("Holds a second, by shards of the hot date", frame, _lines(results), plain, stacked=False)


def _latency(results: Sequence[Result]) -> str:
    curves = [
        (line, result.latency[KIND])
        for line, result in zip(_lines(results), results, strict=True)
        if KIND in result.latency
    ]
    return distribution_chart("How many holds took at most so long", curves)


def _by_shards(results: Sequence[Result]) -> Curve:
    """Return both measurements beside each other, as the benchmark draws its curves."""
    ordered = sorted(results, key=lambda result: result.service.shards)
    seen = [
        Point(x=result.service.shards, found=[float(moment.counts.get("held", 0)) for moment in during(result, RUSH)])
        for result in ordered
    ]
    measured = [
        Point(x=result.service.shards, found=[result.generator.bench_holds_per_second])
        for result in ordered
        if result.generator.bench_holds_per_second
    ]
    return Curve(
        name="stress-shards",
        title="Holds a second by shards of the hot date",
        x_label="shards",
        y_label="holds/s",
        options=BenchOptions(),
        measured_at=results[0].began_at,
        series=[
            Series(name="as Artillery sees it", points=seen),
            *([Series(name="as make bench sees it", points=measured)] if measured else []),
        ],
    )
