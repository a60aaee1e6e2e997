"""Shapes of inline SVG: plain functions from values to text. Colours come from the page's style, by class."""

import math
from collections.abc import Sequence
from html import escape

ROOM_ABOVE = 1.08
TICKS = 5


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


def round_step(highest: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that divides an axis into about TICKS parts."""
    rough = highest / TICKS or 1.0
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def picture(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    """Return a whole picture; `label` is for those who do not see it."""
    head = f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(label)}">'
    return "\n".join([head, *parts, "</svg>"])


def line(kind: str, left: float, top: float, right: float, bottom: float) -> str:
    """Return a line from one place to another."""
    return f'<line class="{kind}" x1="{left:.1f}" y1="{top:.1f}" x2="{right:.1f}" y2="{bottom:.1f}"/>'


def box(kind: str, left: float, top: float, width: float, height: float) -> str:
    """Return a rectangle."""
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def text(words: str, left: float, top: float, anchor: str) -> str:
    """Return words that start, end or have their middle at a place."""
    return f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
