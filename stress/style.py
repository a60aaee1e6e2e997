"""How the report looks, in light and in dark: every class of answers and every family of processes has a colour."""

from collections.abc import Mapping

BLUE, GREEN, ORANGE, PURPLE = (
    ("#2563a8", "#6cabf0"),
    ("#15803d", "#4ade80"),
    ("#c2570c", "#fb923c"),
    ("#6d3fa0", "#c4a1f5"),
)
COLOURS: Mapping[str, tuple[str, str]] = {
    "held": BLUE,
    "paid": GREEN,
    "let_go": ("#7d8ca3", "#8b9ab0"),
    "sold_out": ("#d9a514", "#facc15"),
    "refused_for_load": ORANGE,
    "gone": ("#b83280", "#f472b6"),
    "malformed": ("#7f1d1d", "#fca5a5"),
    "failed": ("#dc2626", "#f87171"),
    "browsed": ("#c3cdd9", "#46525f"),
    "repeated": PURPLE,
    "service": BLUE,
    "postgres": GREEN,
    "generator": ORANGE,
    "machine": ("#66707d", "#9aa5b1"),
    "p50": GREEN,
    "p95": BLUE,
    "p99": ORANGE,
    "hold": BLUE,
    "pay": GREEN,
    "browse": PURPLE,
    "refusal": ("#d9a514", "#facc15"),
    "repeat": ("#b83280", "#f472b6"),
    "first": BLUE,
    "other": ORANGE,
    "third": GREEN,
}
"""In light, and in dark."""


def _colours(place: int) -> str:
    return " ".join(f"--of-{name}: {both[place]};" for name, both in COLOURS.items())


CHARTS = """
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.band { fill: var(--soft-band); } .tile, .fill.tile { fill: var(--of-held); } .over { fill: var(--bad); }
.catch { fill: transparent; }
.told { visibility: hidden; pointer-events: none; } .at:hover .told { visibility: visible; }
.pointer { stroke: var(--soft); stroke-dasharray: 2 2; } .tip { fill: var(--raised); stroke: var(--rule); rx: 4px; }
svg .tip ~ text { fill: var(--ink); }
""" + "\n".join(
    f"polyline.of-{name} {{ stroke: var(--of-{name}); }} .fill.of-{name} {{ fill: var(--of-{name}); }}"
    for name in COLOURS
)
STYLE = (
    f"""
:root {{ {_colours(0)} --raised: #fff; --soft-band: #66707d12; }}
@media (prefers-color-scheme: dark) {{ :root {{ {_colours(1)} --raised: #222a33; --soft-band: #9aa5b112; }} }}
body {{ max-width: 68rem; }} h2 {{ margin: 2.2rem 0 .4rem; font-size: 1.1rem; }}
.tiles {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.4rem 0; }}
.tiles div {{ border: 1px solid var(--rule); border-radius: .5rem; padding: .7rem .9rem; }}
.tiles b {{ display: block; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }}
.tiles span {{ color: var(--soft); font-size: .85rem; }}
th.number {{ text-align: right; }} p.verdict {{ font-size: 1.15rem; }} ul.bad {{ padding-left: 1.2rem; }}
.finding {{ color: inherit; border-left: 4px solid; padding-left: .8rem; }}
.finding.good {{ border-color: var(--good); }} .finding.open {{ border-color: var(--open); }}
.wide svg {{ min-width: 44rem; width: 100%; }}
.dot {{ display: inline-block; width: .65rem; height: .65rem; border-radius: .15rem; margin-right: .5rem; }}
"""
    + CHARTS
    + "\n".join(f".dot.of-{name} {{ background: var(--of-{name}); }}" for name in COLOURS)
)
