"""What a run shows in the terminal: progress while it measures, then a table with the verdicts."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bench.programs import missing_packages
from bench.ratios import verdict
from bench.rows import all_rows, group_of
from bench.values import Comparison, Curve, Report
from bench.words import figure_of, medians_of, notes_of, number, quartiles_of, remarks_of, target_of, verdict_of

STYLES = {"wanted": "bold green", "reached": "green", "not decided": "yellow", "measured": "", "not run": "magenta"}
BAD = "bold red"
WIDTH = 120
TITLES = {"shows": "Boxoffice beside its yardsticks", "others": "Other ways of not overselling"}


def wide_console() -> Console:
    """Return a console as wide as the terminal, or as the table needs where there is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


class Shown:
    """Progress of a run: a bar of its parts, and a line of what is going on; plain lines where there is no terminal."""

    def __init__(self, console: Console, parts: int) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.completed}/{task.total}"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=parts)
        self._name = ""

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show while the context lasts."""
        with self._progress:
            yield

    def begin(self, name: str) -> None:
        """Say which part begins."""
        self._name = name
        self.say("starting")

    def say(self, line: str) -> None:
        """Say what is going on."""
        if self._console.is_terminal:
            self._progress.update(self._task, description=f"[bold]{self._name}[/bold] {line}")
        else:
            self._console.print(f"{self._name}: {line}", highlight=False, markup=False, soft_wrap=True)

    def end(self, said: str) -> None:
        """Say what came out, and count the part."""
        self._console.print(f"{self._name}: {said}", highlight=False, markup=False, soft_wrap=True)
        self._progress.advance(self._task)


def outcome_of(result: Comparison | Curve) -> str:
    """Return what came out of a row, in a few words."""
    return f"{figure_of(result)}, {verdict_of(result)}" if isinstance(result, Comparison) else _state(result)


def render(report: Report) -> RenderableType:
    """Return the tables: rows with verdicts, the ways of others, the curves in numbers."""
    parts: list[RenderableType] = []
    for group, title in TITLES.items():
        rows = [row for row in report.comparisons if row.group == group]
        if rows:
            parts.append(_table(title, rows))
    parts += [_curve(curve) for curve in report.curves]
    parts += [Text(note, style="yellow") for note in notes_of(report)]
    return Group(*parts)


def render_names() -> RenderableType:
    """Return the names of all rows, which ONLY= takes, and what has to be installed before all of them run."""
    table = Table("name", "group", "what", box=None, pad_edge=False)
    for row in all_rows():
        table.add_row(row.name, group_of(row), row.title if not hasattr(row, "what") else row.what)
    missing = missing_packages()
    note = f"missing: apt-get install {' '.join(missing)}; without that, a run takes k6" if missing else ""
    return Group(table, Text(note, style="yellow")) if note else table


def _table(title: str, rows: list[Comparison]) -> RenderableType:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("row", min_width=20)
    table.add_column("verdict")
    for heading in ("figure", "yardstick", "service"):
        table.add_column(heading, justify="right")
    for heading in ("quartiles", "target"):
        table.add_column(heading)
    for row in rows:
        judged = Text(verdict_of(row), style=STYLES.get(verdict(row), BAD))
        table.add_row(row.name, judged, figure_of(row), *medians_of(row), quartiles_of(row), target_of(row))
    lines = [Text(line, style="dim") for row in rows for line in _explained(row)]
    return Group(table, *lines, Text(""))


def _explained(row: Comparison) -> list[str]:
    return [f"{row.name}: {row.what}, beside: {row.yardstick}", *(f"    {line}" for line in remarks_of(row))]


def _curve(curve: Curve) -> RenderableType:
    table = Table(title=f"{curve.title} ({curve.y_label})", title_justify="left")
    table.add_column(curve.x_label, justify="right")
    for series in curve.series:
        table.add_column(series.name, justify="right")
    if not curve.series:
        return Text(f"{curve.title}: {_state(curve)}", style=BAD)
    for place, point in enumerate(curve.series[0].points):
        middles = [statistics.median(series.points[place].found) for series in curve.series]
        table.add_row(number(point.x) if point.x % 1 else f"{point.x:,.0f}", *map(number, middles))
    return table


def _state(curve: Curve) -> str:
    return curve.untrue or curve.not_run or "measured"
