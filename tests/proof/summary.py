"""The table at the end: each part, what ran, what it came to, how long it took, and whether it holds."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from tests.proof.parts import Part
from tests.proof.playing import Outcome

NOTHING = "-"


def render(parts: Sequence[Part], outcomes: Mapping[str, Outcome]) -> Table:
    """Return the table. A part without outcome was not run, which is no verdict in its favour."""
    table = Table(title="Proof", title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("part", "what ran", "came to"):
        table.add_column(heading, overflow="fold")
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("verdict")
    for part in parts:
        ran = " ".join(part.command).replace(" --no-print-directory", "")
        table.add_row(part.name, *map(Text, _cells(ran, outcomes.get(part.name))), _verdict(outcomes.get(part.name)))
    return table


def holds(parts: Sequence[Part], outcomes: Mapping[str, Outcome]) -> bool:
    """Tell whether there is a part, and every part was run and holds."""
    return bool(parts) and all(part.name in outcomes and outcomes[part.name].fault is None for part in parts)


def _cells(ran: str, outcome: Outcome | None) -> tuple[str, str, str]:
    if outcome is None:
        return ran, NOTHING, NOTHING
    return ran, outcome.counts or NOTHING, in_words(outcome.seconds)


def _verdict(outcome: Outcome | None) -> Text:
    if outcome is None:
        return Text("NOT RUN", style="bold red")
    if outcome.fault is not None:
        return Text(f"FAILS: {outcome.fault}", style="bold red")
    return Text("holds", style="bold green")


def in_words(seconds: float) -> str:
    """Write a time with its two largest units."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {whole % 60:02} s" if minutes else f"{whole} s"
