"""The picture of the page: what one database machine carries, by its processors and by events, as one SVG file."""

from bench.capacity.planning import rate_of_database
from bench.capacity.values import Results
from bench.options import Options
from bench.plot import curve
from bench.values import Curve, Point, Series

PROCESSORS = (1, 2, 4, 8, 16, 32, 64)
EVENTS = (1, 10, 100, 1_000)
STYLE = """
svg { background: #fff; } text { font: 11px system-ui, sans-serif; fill: #5c6672; } .grid { stroke: #d8dde3; }
polyline { fill: none; stroke-width: 2.5; }
.series-0 { stroke: #2563a8; } circle.series-0 { fill: #2563a8; } .series-1 { stroke: #c2570c; }
circle.series-1 { fill: #c2570c; } .series-2 { stroke: #6d3fa0; } circle.series-2 { fill: #6d3fa0; }
.series-3 { stroke: #15803d; } circle.series-3 { fill: #15803d; }
@media (prefers-color-scheme: dark) { svg { background: #14181e; } text { fill: #9aa5b1; } .grid { stroke: #333c47; } }
"""


def draw(results: Results) -> str:
    """Return the picture, whole: it stands in a file of its own."""
    drawn = curve(rates(results), by_tens=True)
    head, rest = drawn.split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg">\n<style>{STYLE}</style>{rest}\n'


def rates(results: Results) -> Curve:
    """Return holds a second by processors of the database, for some numbers of events."""
    series = [
        Series(
            name="1 event" if events == 1 else f"{events:,} events",
            points=[
                Point(x=x, found=[rate_of_database(results.model, x, events, results.disk_bytes_per_second)])
                for x in PROCESSORS
            ],
        )
        for events in EVENTS
    ]
    return Curve(
        name="capacity",
        title="Holds a second that one database machine carries, by its processors",
        x_label=f"processors of the database ({results.machine.processors} were measured, more are worked out)",
        y_label="holds/s",
        options=Options(seconds=results.seconds, pairs=results.rounds, generator=results.generator),
        measured_at=results.measured_at,
        generator=results.generator,
        series=series,
    )
