"""Plots as inline SVG: plain functions from values to text. Colours come from the page's style, by class."""

import math
import statistics
from collections.abc import Sequence
from html import escape

from bench.ratios import quartiles, ratios
from bench.values import Comparison, Curve, Measured, Series, Target

STRIP_WIDTH, STRIP_HEIGHT = 420, 46
CURVE_WIDTH, CURVE_HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 70, 16, 16, 44
ROOM_ABOVE = 1.08
TICKS = 5
LETTER_WIDTH = 7


class Scale:
    """Maps figures from `low` to `high` to places from `start` to `end`; logarithmic when asked for."""

    def __init__(self, low: float, high: float, start: float, end: float, *, logarithmic: bool = False) -> None:
        self._of = math.log2 if logarithmic else float
        self._low, self._high = self._of(low), self._of(high)
        self._start, self._end = start, end

    def place(self, figure: float) -> float:
        """Return where a figure stands; everything in the middle when there is only one figure."""
        if self._high == self._low:
            return (self._start + self._end) / 2
        share = (self._of(figure) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)


def strip(row: Comparison) -> str:
    """Draw a row's ratios as dots on a line from 0, with the quartiles as a box and the targets as marks."""
    if row.measured is None:
        return ""
    figures = ratios(row.measured.pairs)
    scale = Scale(0, ROOM_ABOVE * _highest(row.measured, row.target), 6, STRIP_WIDTH - 6)
    found = quartiles(figures)
    middle = STRIP_HEIGHT / 2 - 6
    parts = [_line("axis", scale.place(0), middle, STRIP_WIDTH - 6, middle)]
    box_width = max(1.0, scale.place(found.upper) - scale.place(found.lower))
    parts.append(_box("quartiles", scale.place(found.lower), middle - 9, box_width, 18))
    parts += [f'<circle class="pair" cx="{scale.place(each):.1f}" cy="{middle:.1f}" r="3"/>' for each in figures]
    parts.append(_line("median", scale.place(found.median), middle - 11, scale.place(found.median), middle + 11))
    if row.target is not None:
        for kind, bound in (("bound", row.target.bound), ("wanted", row.target.wanted)):
            place = scale.place(bound)
            parts.append(_line(kind, place, 1, place, STRIP_HEIGHT - 14))
            parts.append(_text(f"{bound:g}", place, STRIP_HEIGHT - 3, "middle"))
    label = f"{row.what}: median {found.median:.3g}, quartiles {found.lower:.3g} to {found.upper:.3g}"
    return _picture(STRIP_WIDTH, STRIP_HEIGHT, label, parts)


def curve(drawn: Curve) -> str:
    """Draw a curve's lines through the medians; a bar at each place spans what was found there."""
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
    highest = max(max(point.found) for point in points)
    step = round_step(highest)
    up = Scale(0, ROOM_ABOVE * highest, CURVE_HEIGHT - BOTTOM, TOP)
    parts = _grid(drawn, across, up, [step * number for number in range(int(highest / step) + 1)])
    for number, series in enumerate(drawn.series):
        parts += _series(series, number, across, up)
    parts += _legend(drawn.series)
    return _picture(CURVE_WIDTH, CURVE_HEIGHT, drawn.title, parts)


def round_step(highest: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that divides an axis into about TICKS parts."""
    rough = highest / TICKS or 1.0
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _highest(measured: Measured, target: Target | None) -> float:
    bounds = [target.bound, target.wanted] if target else []
    return max(*ratios(measured.pairs), *bounds, 0.001)


def _grid(drawn: Curve, across: Scale, up: Scale, steps: Sequence[float]) -> list[str]:
    parts = []
    for step in steps:
        parts.append(_line("grid", LEFT, up.place(step), CURVE_WIDTH - RIGHT, up.place(step)))
        parts.append(_text(f"{step:,.0f}", LEFT - 8, up.place(step) + 4, "end"))
    places = sorted({point.x for series in drawn.series for point in series.points})
    parts += [_text(f"{x:g}", across.place(x), CURVE_HEIGHT - BOTTOM + 18, "middle") for x in places]
    parts.append(_text(drawn.x_label, (LEFT + CURVE_WIDTH - RIGHT) / 2, CURVE_HEIGHT - 6, "middle"))
    parts.append(_text(drawn.y_label, 4, TOP - 2, "start"))
    return parts


def _series(series: Series, number: int, across: Scale, up: Scale) -> list[str]:
    kind = f"series-{number}"
    middles = [(across.place(point.x), up.place(statistics.median(point.found))) for point in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in middles)
    parts = [f'<polyline class="{kind}" points="{path}"/>']
    for (x, y), point in zip(middles, series.points, strict=True):
        parts.append(_line(kind, x, up.place(min(point.found)), x, up.place(max(point.found))))
        told = f"{series.name}, {point.x:g}: {statistics.median(point.found):,.0f}"
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(told)}</title></circle>')
    return parts


def _legend(series: Sequence[Series]) -> list[str]:
    parts, place = [], float(LEFT + 60)
    for number, each in enumerate(series):
        parts.append(f'<circle class="series-{number}" cx="{place:.1f}" cy="{TOP - 6}" r="4"/>')
        parts.append(_text(each.name, place + 8, TOP - 2, "start"))
        place += 30 + LETTER_WIDTH * len(each.name)
    return parts


def _picture(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(label)}">'
    return "\n".join([head, *parts, "</svg>"])


def _line(kind: str, left: float, top: float, right: float, bottom: float) -> str:
    return f'<line class="{kind}" x1="{left:.1f}" y1="{top:.1f}" x2="{right:.1f}" y2="{bottom:.1f}"/>'


def _box(kind: str, left: float, top: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _text(words: str, left: float, top: float, anchor: str) -> str:
    return f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
