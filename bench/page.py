"""The report as one HTML file: no script, nothing asked of any other server."""

from html import escape

from bench import plot
from bench.ratios import verdict
from bench.values import Comparison, Curve, Machine, Report
from bench.words import figure_of, medians_of, notes_of, quartiles_of, remarks_of, target_of, verdict_of

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #66707d; --rule: #d8dde3; --line: #2563a8;
  --good: #15803d; --bad: #b91c1c; --open: #a16207; --second: #c2570c; --third: #6d3fa0; --tint: #2563a830; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #14181e; --soft: #9aa5b1; --rule: #333c47;
  --line: #6cabf0; --good: #4ade80; --bad: #f87171; --open: #facc15; --second: #fb923c; --third: #c4a1f5; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 96rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .55rem .7rem; border-bottom: 1px solid var(--rule); }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
small, dd, .remark { color: var(--soft); } .remark { display: block; font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
svg { max-width: 100%; height: auto; display: block; } svg text { font-size: 11px; fill: var(--soft); }
.axis, .grid { stroke: var(--rule); }
.quartiles { fill: var(--tint); stroke: var(--line); } .pair { fill: var(--line); }
.median { stroke: var(--line); stroke-width: 2.5; } .bound { stroke: var(--bad); stroke-dasharray: 4 3; }
.wanted { stroke: var(--good); stroke-dasharray: 4 3; }
.plot svg { min-width: 21rem; } td:first-child { min-width: 18rem; }
polyline { fill: none; stroke-width: 2.5; }
.series-0 { stroke: var(--line); } circle.series-0 { fill: var(--line); }
.series-1 { stroke: var(--second); } circle.series-1 { fill: var(--second); }
.series-2 { stroke: var(--third); } circle.series-2 { fill: var(--third); }
"""
CLASSES = {"wanted": "good", "reached": "good", "not decided": "open", "measured": "", "not run": "open"}
TITLES = {"shows": "Beside the yardsticks", "others": "Other ways of not overselling, beside the yardstick"}
HEADINGS = ("What", "Yardstick", "Service", "Figure", "Quartiles", "Target", "Verdict", "Each pair")


def render_page(report: Report) -> str:
    """Return the whole page."""
    parts = ["<h1>Boxoffice, measured</h1>", _machine(report.machine)]
    parts += [f'<p class="verdict open">{escape(note)}</p>' for note in notes_of(report)]
    for group, title in TITLES.items():
        rows = [row for row in report.comparisons if row.group == group]
        if rows:
            parts.append(_table(title, rows))
    parts += [_curve(curve) for curve in report.curves]
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Boxoffice, measured</title>\n<style>{STYLE}</style>\n</head>\n"
    )
    return head + "<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"


def _machine(machine: Machine) -> str:
    told = {
        "processor": f"{machine.processors} x {machine.processor}",
        "memory": f"{machine.memory_gb:g} GB",
        "system": machine.system,
        "disk": f"{machine.filesystem}, one page synchronised in {machine.sync_ms:.2f} ms",
        "database": ", ".join(f"{name} {value}" for name, value in machine.durable.items()),
        **machine.programs,
    }
    return (
        "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told.items()) + "</dl>"
    )


def _table(title: str, rows: list[Comparison]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    body = "\n".join(_row(row) for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f'<h2>{escape(title)}</h2>\n<div class="wide">{table}</div>'


def _row(row: Comparison) -> str:
    remarks = "".join(f'<span class="remark">{escape(line)}</span>' for line in [*remarks_of(row), _options(row)])
    what = f"{escape(row.what)}<br><small>{escape(row.name)}, beside: {escape(row.yardstick)}</small>{remarks}"
    numbers = [*medians_of(row), figure_of(row), quartiles_of(row), target_of(row)]
    cells = "".join(f'<td class="number">{escape(each)}</td>' for each in numbers)
    judged = f'<td class="verdict {CLASSES.get(verdict(row), "bad")}">{escape(verdict_of(row))}</td>'
    return f'<tr><td>{what}</td>{cells}{judged}<td class="plot">{plot.strip(row)}</td></tr>'


def _curve(curve: Curve) -> str:
    failed = curve.untrue or curve.not_run
    shown = f'<p class="verdict bad">{escape(failed)}</p>' if failed else f'<div class="wide">{plot.curve(curve)}</div>'
    return f"<h2>{escape(curve.title)}</h2>\n{shown}\n<small>{escape(_options(curve))}</small>"


def _options(result: Comparison | Curve) -> str:
    options = result.options
    if isinstance(result, Curve):
        runs = f"{options.repeats} runs of {options.seconds:g} s at each place"
    else:
        runs = f"{options.pairs} pairs of {options.seconds:g} s"
    processes = "1 service process" if options.workers == 1 else f"{options.workers} service processes"
    load = {"wrk": ", load by wrk", "k6": ", load by k6", None: ""}[result.generator]
    return f"{runs}, {processes}{load}, measured {result.measured_at}"
