"""Plots of rows and curves as inline SVG: plain functions from values to text."""

import math
import statistics
from collections.abc import Sequence
from html import escape

from bench.drawing import ROOM_ABOVE, Scale, box, line, picture, round_step, text
from bench.ratios import quartiles, ratios
from bench.values import Comparison, Curve, Measured, Point, Series, Target

STRIP_WIDTH, STRIP_HEIGHT = 420, 46
CURVE_WIDTH, CURVE_HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 70, 16, 16, 44
LETTER_WIDTH = 7


def strip(row: Comparison) -> str:
    """Draw a row's ratios as dots on a line from 0, with the quartiles as a box and the targets as marks."""
    if row.measured is None:
        return ""
    figures = ratios(row.measured.pairs)
    scale = Scale(0, ROOM_ABOVE * _highest(row.measured, row.target), 6, STRIP_WIDTH - 6)
    found = quartiles(figures)
    middle = STRIP_HEIGHT / 2 - 6
    parts = [line("axis", scale.place(0), middle, STRIP_WIDTH - 6, middle)]
    box_width = max(1.0, scale.place(found.upper) - scale.place(found.lower))
    parts.append(box("quartiles", scale.place(found.lower), middle - 9, box_width, 18))
    parts += [f'<circle class="pair" cx="{scale.place(each):.1f}" cy="{middle:.1f}" r="3"/>' for each in figures]
    parts.append(line("median", scale.place(found.median), middle - 11, scale.place(found.median), middle + 11))
    if row.target is not None:
        for kind, bound in (("bound", row.target.bound), ("wanted", row.target.wanted)):
            place = scale.place(bound)
            parts.append(line(kind, place, 1, place, STRIP_HEIGHT - 14))
            parts.append(text(f"{bound:g}", place, STRIP_HEIGHT - 3, "middle"))
    label = f"{row.what}: median {found.median:.3g}, quartiles {found.lower:.3g} to {found.upper:.3g}"
    return picture(STRIP_WIDTH, STRIP_HEIGHT, label, parts)


def curve(drawn: Curve, *, by_tens: bool = False) -> str:
    """Draw a curve's lines through the medians; a bar at each place spans what was found there.

    `by_tens`: upwards each step is ten times the one before, for figures of very different size, all above zero.
    """
    points = [point for series in drawn.series for point in series.points]
    if not points:
        return ""
    across = Scale(
        min(point.x for point in points),
        max(point.x for point in points),
        LEFT,
        CURVE_WIDTH - RIGHT,
        logarithmic=True,
    )
    up, steps = _by_tens(points) if by_tens else _from_zero(points)
    parts = _grid(drawn, across, up, steps)
    for number, series in enumerate(drawn.series):
        parts += _series(series, number, across, up)
    parts += _legend(drawn.series)
    return picture(CURVE_WIDTH, CURVE_HEIGHT, drawn.title, parts)


def _from_zero(points: Sequence[Point]) -> tuple[Scale, Sequence[float]]:
    highest = max(max(point.found) for point in points)
    step = round_step(highest)
    steps = [step * number for number in range(int(highest / step) + 1)]
    return Scale(0, ROOM_ABOVE * highest, CURVE_HEIGHT - BOTTOM, TOP), steps


def _by_tens(points: Sequence[Point]) -> tuple[Scale, Sequence[float]]:
    first = math.floor(math.log10(min(min(point.found) for point in points)))
    highest = max(max(point.found) for point in points)
    steps = [10.0**power for power in range(first, math.floor(math.log10(highest)) + 1)]
    return Scale(steps[0], ROOM_ABOVE * highest, CURVE_HEIGHT - BOTTOM, TOP, logarithmic=True), steps


def _highest(measured: Measured, target: Target | None) -> float:
    bounds = [target.bound, target.wanted] if target else []
    return max(*ratios(measured.pairs), *bounds, 0.001)


def _grid(drawn: Curve, across: Scale, up: Scale, steps: Sequence[float]) -> list[str]:
    parts = []
    for step in steps:
        parts.append(line("grid", LEFT, up.place(step), CURVE_WIDTH - RIGHT, up.place(step)))
        parts.append(text(f"{step:,.0f}", LEFT - 8, up.place(step) + 4, "end"))
    places = sorted({point.x for series in drawn.series for point in series.points})
    parts += [text(f"{x:g}", across.place(x), CURVE_HEIGHT - BOTTOM + 18, "middle") for x in places]
    parts.append(text(drawn.x_label, (LEFT + CURVE_WIDTH - RIGHT) / 2, CURVE_HEIGHT - 6, "middle"))
    parts.append(text(drawn.y_label, 4, TOP - 2, "start"))
    return parts


def _series(series: Series, number: int, across: Scale, up: Scale) -> list[str]:
    kind = f"series-{number}"
    middles = [(across.place(point.x), up.place(statistics.median(point.found))) for point in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in middles)
    parts = [f'<polyline class="{kind}" points="{path}"/>']
    for (x, y), point in zip(middles, series.points, strict=True):
        parts.append(line(kind, x, up.place(min(point.found)), x, up.place(max(point.found))))
        told = f"{series.name}, {point.x:g}: {statistics.median(point.found):,.0f}"
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(told)}</title></circle>')
    return parts


def _legend(series: Sequence[Series]) -> list[str]:
    parts, place = [], float(LEFT + 60)
    for number, each in enumerate(series):
        parts.append(f'<circle class="series-{number}" cx="{place:.1f}" cy="{TOP - 6}" r="4"/>')
        parts.append(text(each.name, place + 8, TOP - 2, "start"))
        place += 30 + LETTER_WIDTH * len(each.name)
    return parts
