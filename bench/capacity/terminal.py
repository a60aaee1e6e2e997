"""What a run shows at its end: what was measured beside what the model says."""

from rich.box import SIMPLE_HEAD
from rich.table import Table

from bench.capacity.documentation import BESIDE, beside
from bench.capacity.values import Results


def render(results: Results) -> Table:
    """Return the configurations, each with its prediction."""
    table = Table(title="Measured and predicted", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in BESIDE:
        table.add_column(heading)
    for point in results.points:
        table.add_row(*beside(point))
    return table
