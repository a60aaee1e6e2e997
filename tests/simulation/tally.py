"""What many simulations came to, and how that is shown."""

from collections import Counter
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.simulation.simulation import Result

NOT_COUNTED = {"steps of dates", "steps of the search"}


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over seeds; `failed` are the seeds that were not clean, with what is wrong."""

    seeds: int = 0
    operations: int = 0
    skipped: int = 0
    sold_at_the_end: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Count a simulation in."""
        self.seeds += 1
        self.operations += len(result.scenario.operations)
        self.skipped += result.story.skipped
        self.sold_at_the_end += result.sold_at_the_end
        self.outcomes += result.story.outcomes()
        self.compared += result.audit.compared
        if not result.clean:
            self.failed[result.scenario.seed] = result.audit.faults

    @property
    def unknown(self) -> int:
        """Requests whose outcome nobody can know."""
        return sum(number for (_, outcome), number in self.outcomes.items() if outcome == "unknown")

    def show(self, console: Console, seconds: float) -> None:
        """Show all counts."""
        outcomes = sorted({outcome for _, outcome in self.outcomes})
        table = Table("asked", "in all", *outcomes, box=SIMPLE_HEAD)
        for kind in sorted({kind for kind, _ in self.outcomes}):
            counts = [self.outcomes[kind, outcome] for outcome in outcomes]
            table.add_row(kind, f"{sum(counts):,}", *(f"{count:,}" if count else "" for count in counts))
        console.print(table)
        console.print(
            f"{self.operations:,} operations of {self.seeds} seeds in {seconds:.0f} s, and what sold the rest:"
            f" {self.sold_at_the_end:,} tickets. {self.unknown:,} outcomes unknown, {self.skipped:,} operations without"
            " the hold that they belong to."
        )
        console.print("Compared: " + ", ".join(f"{number:,} {what}" for what, number in self.compared.items()) + ".")
        clean = self.seeds - len(self.failed)
        console.print(f"{clean} of {self.seeds} seeds clean.", style="green" if clean == self.seeds else "bold red")
