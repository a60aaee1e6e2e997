"""The report as one HTML file: no script, nothing asked of any other server."""

from html import escape

from bench import plot
from bench.html import facts, html_page, machine_facts
from bench.ratios import verdict
from bench.values import Comparison, Curve, Report
from bench.words import figure_of, medians_of, notes_of, quartiles_of, remarks_of, target_of, verdict_of

STYLE = """
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
    parts = ["<h1>Boxoffice, measured</h1>", facts(machine_facts(report.machine))]
    parts += [f'<p class="verdict open">{escape(note)}</p>' for note in notes_of(report)]
    for group, title in TITLES.items():
        rows = [row for row in report.comparisons if row.group == group]
        if rows:
            parts.append(_table(title, rows))
    parts += [_curve(curve) for curve in report.curves]
    return html_page("Boxoffice, measured", STYLE, parts)


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
