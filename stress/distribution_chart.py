"""Latency as a distribution: how many of all answers took at most so long."""

import math
from collections.abc import Sequence
from itertools import pairwise

from bench.drawing import Scale, box, line, picture, text
from stress.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, legend, tip
from stress.latency import shares_up_to
from stress.values import Distribution
from stress.words import milliseconds

SHARES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
DECADE = (1, 2, 5)


Curve = Sequence[tuple[float, float]]


def distribution_chart(title: str, kinds: Sequence[tuple[Line, Distribution]]) -> str:
    """Draw a curve for each distribution, from no answers to all; nothing when there are none."""
    curves = [(named, shares_up_to(found.buckets)) for named, found in kinds if found.buckets]
    if not curves:
        return ""
    bounds = [ms for _, curve in curves for ms, _ in curve]
    low, high = min(bounds) * 0.9, max(bounds) * 1.1
    across = Scale(low, high, LEFT, WIDTH - RIGHT, logarithmic=True)
    up = Scale(0, 1, HEIGHT - BOTTOM, TOP)
    parts = []
    for share in SHARES:
        parts.append(line("grid", LEFT, up.place(share), WIDTH - RIGHT, up.place(share)))
        parts.append(text(f"{share:.0%}", LEFT - 8, up.place(share) + 4, "end"))
    for mark in round_marks(low, high):
        parts.append(line("grid", across.place(mark), TOP, across.place(mark), HEIGHT - BOTTOM))
        parts.append(text(milliseconds(mark), across.place(mark), HEIGHT - BOTTOM + 18, "middle"))
    parts += [_stairs(named.kind, curve, across, up) for named, curve in curves]
    parts += legend([named for named, _ in curves])
    parts += _hover(curves, across, low, high)
    return picture(WIDTH, HEIGHT, title, parts)


def round_marks(low: float, high: float) -> list[float]:
    """Return the figures 1, 2 and 5 times a power of ten between two others."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [factor * 10.0**power for power in powers for factor in DECADE]
    return [mark for mark in marks if low <= mark <= high]


def _stairs(kind: str, curve: Curve, across: Scale, up: Scale) -> str:
    """Draw a curve through the bounds of the buckets, up from nothing."""
    points = [(curve[0][0] * 0.9, 0.0), *curve]
    path = " ".join(f"{across.place(ms):.1f},{up.place(share):.1f}" for ms, share in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def _hover(curves: Sequence[tuple[Line, Curve]], across: Scale, low: float, high: float) -> list[str]:
    """At each bound of a bucket, say how many had their answer by then."""
    bounds = sorted({ms for _, curve in curves for ms, _ in curve})
    edges = [low, *(math.sqrt(one * other) for one, other in pairwise(bounds)), high]
    parts = []
    for place, ms in enumerate(bounds):
        left, right = across.place(edges[place]), across.place(edges[place + 1])
        rows = [("", f"at most {milliseconds(ms)}")]
        rows += [(named.kind, f"{named.name}: {share_at(curve, ms):.2%}") for named, curve in curves]
        catch = box("catch", left, TOP, right - left, HEIGHT - BOTTOM - TOP)
        parts.append(f'<g class="at">{catch}<g class="told">{tip(rows, across.place(ms), HEIGHT)}</g></g>')
    return parts


def share_at(curve: Curve, ms: float) -> float:
    """Return the share of answers that took at most so long."""
    return max((share for bound, share in curve if bound <= ms), default=0.0)
