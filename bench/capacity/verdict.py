"""Whether the model holds: what it was not fitted to must be predicted."""

import statistics

from bench.capacity.values import Results

ERROR_MAX = 0.2
OTHERS_MAX = 0.3
"""Processors that others may take. Programs that want more take what the service leaves, and no rate means anything."""


def failures(results: Results) -> list[str]:
    """Return a line for each prediction that is too far from what was measured; also when nothing can be said."""
    checked = [point for point in results.points if not point.configuration.fitted]
    if not checked:
        return ["nothing was predicted, so nothing is shown"]
    others = statistics.median(run.others / run.work.seconds for run in results.runs)
    if others > OTHERS_MAX:
        return [f"not decided: other programs took {others:.1f} processors of this machine meanwhile"]
    return [
        f"{point.configuration.name}: {point.predicted.rate:,.0f} holds/s were predicted,"
        f" {point.measured.rate:,.0f} measured ({point.error:+.0%}, at most {ERROR_MAX:.0%})"
        for point in checked
        if not abs(point.error) <= ERROR_MAX
    ]
