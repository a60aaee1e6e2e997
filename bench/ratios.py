"""From pairs to a verdict: plain functions of values.

The figure is the median of the ratios. A target is reached when both quartiles reach it, missed when neither does; in
between it is not decided, which is never a pass.
"""

import statistics
from collections.abc import Sequence
from typing import Literal, NamedTuple

from bench.values import Comparison, Measured, Pair

Reached = Literal["reached", "missed", "not decided"]
Verdict = Literal["wanted", "reached", "not decided", "missed", "measured", "untrue", "not run"]


class Quartiles(NamedTuple):
    """The three cuts of a set of ratios; of one ratio all three are that ratio."""

    lower: float
    median: float
    upper: float


def ratios(pairs: Sequence[Pair]) -> list[float]:
    """Return the service's figure over the yardstick's, pair by pair. Raises ValueError when a yardstick is 0."""
    if any(pair.yardstick <= 0 for pair in pairs):
        raise ValueError("a yardstick that did nothing measures nothing")
    return [pair.service / pair.yardstick for pair in pairs]


def quartiles(figures: Sequence[float]) -> Quartiles:
    """Return the quartiles, by linear interpolation between the figures. Raises ValueError when there is none."""
    if not figures:
        raise ValueError("there is no figure")
    if len(figures) == 1:
        return Quartiles(figures[0], figures[0], figures[0])
    return Quartiles(*statistics.quantiles(figures, n=4, method="inclusive"))


def reaches(found: Quartiles, bound: float, *, lower_is_better: bool) -> Reached:
    """Judge quartiles against one bound."""
    good = [figure <= bound if lower_is_better else figure >= bound for figure in (found.lower, found.upper)]
    if all(good):
        return "reached"
    return "not decided" if any(good) else "missed"


def verdict(row: Comparison) -> Verdict:
    """Say what became of a row; a broken condition misses it, an untruth fails it."""
    if row.untrue is not None:
        return "untrue"
    if row.measured is None:
        return "not run"
    if any(not condition.kept for condition in row.measured.conditions):
        return "missed"
    return _verdict_of_figure(row, row.measured)


def _verdict_of_figure(row: Comparison, measured: Measured) -> Verdict:
    if row.target is None:
        return "measured"
    found = quartiles(ratios(measured.pairs))
    judged = [
        reaches(found, bound, lower_is_better=row.target.lower_is_better)
        for bound in (row.target.bound, row.target.wanted)
    ]
    if judged[1] == "reached":
        return "wanted"
    return judged[0]
