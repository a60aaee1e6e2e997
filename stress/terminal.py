"""What a run shows in the terminal: progress while it storms, then a short table, and why it failed."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from stress.comparing import Row, changed_settings, rows, verdicts
from stress.values import Check, Result
from stress.words import OUTCOMES, failures, headlines, outcome

PLAIN_LINE_SECONDS = 10.0
GOOD, BAD, OPEN = "bold green", "bold red", "yellow"


class Shown:
    """Progress of a run: the step, how far it is, a line of what goes on; plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}[/bold]"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[line]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=1.0, line="")
        self._began = time.monotonic()
        self._last_line = 0.0

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show while the context lasts."""
        with self._progress:
            yield

    def step(self, name: str) -> None:
        """Say what is done now."""
        self._progress.reset(self._task, description=name, total=None, line="")
        self._last_line = time.monotonic()
        if not self._console.is_terminal:
            self._print(f"{time.monotonic() - self._began:5.1f} s  {name}")

    def say(self, line: str, done: float) -> None:
        """Say what goes on, and how much of the step is done, from 0 to 1."""
        self._progress.update(self._task, total=1.0, completed=min(1.0, done), line=line)
        if not self._console.is_terminal and time.monotonic() - self._last_line > PLAIN_LINE_SECONDS:
            self._last_line = time.monotonic()
            self._print(f"         {line}")

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


def render(result: Result) -> RenderableType:
    """Return the short table, the finding on the generator, and the verdict."""
    figures = Table(title=f"Stress test: {result.name}", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    figures.add_column("figure")
    figures.add_column("", justify="right")
    for name, figure in headlines(result).items():
        figures.add_row(name, figure)
    answers = ", ".join(f"{result.totals[name]:,} {outcome(name)}" for name in OUTCOMES if result.totals.get(name))
    finding = Text(result.generator.finding, style=OPEN if result.generator.is_bottleneck else "")
    return Group(
        figures, Text(f"Answers: {answers}."), Text(""), finding, Text(""), _checks(result.checks), _verdict(result)
    )


def _checks(checks: Sequence[Check]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("check", "", "found"):
        table.add_column(heading)
    for check in checks:
        kept = Text("kept", style="green") if check.kept else Text("BROKEN", style=BAD)
        table.add_row(check.name, kept, Text(check.found))
    return table


def _verdict(result: Result) -> RenderableType:
    failed = failures(result)
    if not failed:
        return Text("Passed.", style=GOOD)
    return Group(Text("FAILED.", style=BAD), *(Text(f"- {line}", style="red") for line in failed))


def render_comparison(first: Result, second: Result) -> RenderableType:
    """Return the figures of both runs beside each other, and what was not the same."""
    parts: list[RenderableType] = [_beside("Figures", [verdicts(first, second), *rows(first, second)], first, second)]
    differing = changed_settings(first, second)
    parts.append(_beside("Not the same", differing, first, second) if differing else Text("Settings were the same."))
    return Group(*parts)


def _beside(title: str, shown: Sequence[Row], first: Result, second: Result) -> RenderableType:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("")
    for name in (first.name, second.name, "change"):
        table.add_column(Text(name), justify="right")
    for row in shown:
        table.add_row(Text(row.what), Text(row.first), Text(row.second), row.change)
    return table
