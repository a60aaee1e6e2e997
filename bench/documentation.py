"""The tables of docs/benchmark.md: made from results that are committed, never typed."""

import statistics
from pathlib import Path

from bench.values import Comparison, Curve, Machine, Report
from bench.words import figure_of, medians_of, notes_of, number, quartiles_of, remarks_of, target_of, verdict_of

BEGIN = "<!-- figures: made by `python -m bench document`, not by hand -->"
END = "<!-- end of the figures -->"
TITLES = {"shows": "### Beside the yardsticks", "others": "### Other ways of not overselling"}
HEAD = (
    "| what | yardstick | service | figure | quartiles | target | verdict |\n"
    "| --- | ---: | ---: | ---: | --- | --- | --- |"
)


def write_tables(page: Path, report: Report) -> None:
    """Replace what stands between the page's marks. Raises ValueError when it has none."""
    page.write_text(with_tables(page.read_text(encoding="utf-8"), report), encoding="utf-8")


def with_tables(text: str, report: Report) -> str:
    """Return a page's text with the tables of these results between its marks. Raises ValueError when it has none."""
    return put_between(text, BEGIN, END, render_tables(report))


def put_between(text: str, begin: str, end: str, tables: str) -> str:
    """Replace what stands between two marks of a page. Raises ValueError when it has not got both."""
    before, first, rest = text.partition(begin)
    _, second, after = rest.partition(end)
    if not (first and second):
        raise ValueError("the page has no marks between which figures could stand")
    return f"{before}{begin}\n\n{tables}\n\n{end}{after}"


def render_tables(report: Report) -> str:
    """Return all tables as Markdown."""
    parts = [machine_line(report.machine)]
    parts += [f"**{note[0].upper()}{note[1:]}.**" for note in notes_of(report)]
    for group, title in TITLES.items():
        rows = [row for row in report.comparisons if row.group == group]
        if rows:
            parts.append("\n".join([title, "", HEAD, *map(_row, rows)]))
            parts.append("\n".join(f"- `{row.name}`: {line}" for row in rows for line in remarks_of(row)))
    parts += [_curve(curve) for curve in report.curves if curve.series]
    return "\n\n".join(part for part in parts if part)


def machine_line(machine: Machine) -> str:
    """Say where it was measured."""
    return (
        f"Measured on {machine.processors} processors ({machine.processor}), {machine.memory_gb:g} GB of memory, "
        f"{machine.filesystem} (a page synchronised in {machine.sync_ms:.2f} ms), {machine.system}."
    )


def _row(row: Comparison) -> str:
    cells = [f"`{row.name}`: {row.what}", *medians_of(row), figure_of(row), quartiles_of(row), target_of(row)]
    return f"| {' | '.join([*cells, verdict_of(row)])} |"


def _curve(curve: Curve) -> str:
    lines = [
        f"### {curve.title}",
        "",
        f"| {curve.x_label} | {' | '.join(series.name for series in curve.series)} |",
        f"| ---: | {' | '.join('---:' for _ in curve.series)} |",
    ]
    for place, point in enumerate(curve.series[0].points):
        middles = [number(statistics.median(series.points[place].found)) for series in curve.series]
        lines.append(f"| {point.x:g} | {' | '.join(middles)} |")
    return "\n".join(lines)
