"""The shards of the hot date over time: a row for each shard, the darker the fuller."""

from html import escape

from bench.drawing import picture, text
from stress.charts import BOTTOM, LEFT, TOP, WIDTH, Frame, hover, phase_bands, seconds_below
from stress.values import Fill

ROWS_HEIGHT = 224
ROW_HEIGHT_MAX = 28.0


def fill_chart(title: str, frame: Frame, fills: list[Fill]) -> str:
    """Draw how full each shard was at each look; nothing when nobody looked."""
    if not fills:
        return ""
    shards = max(len(fill.current) for fill in fills)
    row = min(ROW_HEIGHT_MAX, ROWS_HEIGHT / shards)
    height = round(TOP + row * shards + BOTTOM)
    wide = frame.across.place(1) - frame.across.place(0)
    parts = phase_bands(frame, height - BOTTOM)
    for fill in (fill for fill in fills if 0 <= fill.second < frame.seconds):
        left = frame.across.place(fill.second)
        for shard, (current, bound) in enumerate(zip(fill.current, fill.maxima, strict=True)):
            kind = "over" if current > bound else "tile"
            share = current / bound if bound else 1.0
            place = f'x="{left:.1f}" y="{TOP + row * shard:.1f}" width="{wide - 0.4:.1f}" height="{row - 1:.1f}"'
            parts.append(f'<rect class="{kind}" {place} fill-opacity="{0.06 + 0.94 * min(1.0, share):.2f}"/>')
    every = max(1, round(shards / 8))
    for shard in range(0, shards, every):
        parts.append(text(f"{shard}", LEFT - 8, TOP + row * shard + row / 2 + 4, "end"))
    parts.append(text("shard", LEFT - 8, TOP - 6, "end"))
    parts += seconds_below(frame, height)
    by_second = {fill.second: fill for fill in fills}
    told = [_told(second, by_second.get(second)) for second in range(0, frame.seconds, frame.step)]
    return picture(WIDTH, height, escape(title), [*parts, *hover(frame, told, height)])


def _told(second: int, fill: Fill | None) -> list[tuple[str, str]]:
    if fill is None:
        return [("", f"second {second}"), ("", "nobody looked")]
    shares = [current / bound if bound else 1.0 for current, bound in zip(fill.current, fill.maxima, strict=True)]
    return [
        ("", f"second {second}"),
        ("tile", f"taken: {sum(fill.current):,} of {sum(fill.maxima):,}"),
        ("", f"fullest: shard {shares.index(max(shares))}, {max(shares):.0%}"),
        ("", f"emptiest: shard {shares.index(min(shares))}, {min(shares):.0%}"),
    ]
