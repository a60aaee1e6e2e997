"""What an audit found, and how people and programs read it."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

import msgspec
from rich.console import Console, Group, RenderableType
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

CHECKS: Mapping[int, str] = MappingProxyType(
    {
        1: "each shard is within its bounds, and is the number of tickets that remember it",
        2: "each date has the shards of its event, 0 to n-1, and their maxima add up to the limit",
        3: "no date has sold more than its event may, no type more than it may",
        4: "every ticket has its reservation, every reservation its tickets, on the same date",
        5: "no unpaid reservation is overdue for longer than the sweepers need",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it must be: what, where, what was expected and what was found (None: not there)."""

    check: int
    event_id: int
    date: dt.date
    start_time: dt.time
    ticket_type: int | None
    shard_id: int | None
    reservation_id: UUID | None
    what: str
    expected: int | None
    found: int | None

    def __str__(self) -> str:
        """Return it as a sentence: where, what, what was expected and what was found."""
        places = [f"{self.date} {self.start_time}"]
        places += [f"ticket type {self.ticket_type}"] if self.ticket_type is not None else []
        places += [f"shard {self.shard_id}"] if self.shard_id is not None else []
        places += [f"reservation {self.reservation_id}"] if self.reservation_id is not None else []
        return f"{', '.join(places)}: {self.what}; expected {_number(self.expected)}, found {_number(self.found)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What was compared, and what differed. Notes are worth reading, but are no differences."""

    events: int
    dates: int
    reservations: int
    tickets: int
    differences: Sequence[Difference]
    notes: Sequence[str]

    @property
    def clean(self) -> bool:
        """Whether nothing differed."""
        return not self.differences

    @property
    def exit_status(self) -> int:
        """The status of the command: 0 when clean, 1 on any difference."""
        return 0 if self.clean else 1


def render(report: AuditReport) -> RenderableType:
    """Return the report for people: one line per check, then the differences, then the notes."""
    title = (
        f"Audit of {report.events:,} events, {report.dates:,} dates, "
        f"{report.reservations:,} reservations, {report.tickets:,} tickets"
    )
    parts: list[RenderableType] = [_checks(report, title)]
    if report.differences:
        parts.append(_differences(report.differences))
    parts += [Text(f"Note: {note}", style="yellow") for note in report.notes]
    parts.append(Text("Clean.", style="bold green") if report.clean else Text("Not clean.", style="bold red"))
    return Group(*parts)


def render_json(report: AuditReport) -> str:
    """Return the report for programs: one JSON object; `clean` says it all."""
    told = {"clean": report.clean, **msgspec.to_builtins(report)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


@contextmanager
def showing_progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Give what an audit calls after each event; on a terminal it moves a bar, which disappears at the end."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("auditing", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _checks(report: AuditReport, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("check", justify="right")
    table.add_column("what must hold")
    table.add_column("differences", justify="right")
    for check, what in CHECKS.items():
        count = sum(difference.check == check for difference in report.differences)
        table.add_row(str(check), what, Text(str(count), style="bold red") if count else Text("none", style="green"))
    return table


def _differences(differences: Sequence[Difference]) -> Table:
    table = Table(title="Differences", title_justify="left")
    for column in ("check", "event", "date", "start", "type", "shard"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("what")
    table.add_column("expected", justify="right")
    table.add_column("found", justify="right")
    for one in differences:
        what = f"{one.what} ({one.reservation_id})" if one.reservation_id else one.what
        numbers = [one.check, one.event_id, one.date, one.start_time, one.ticket_type, one.shard_id]
        table.add_row(*map(_cell, numbers), Text(what), _cell(one.expected), _cell(one.found))
    return table


def _number(value: int | None) -> str:
    return "none" if value is None else str(value)


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
