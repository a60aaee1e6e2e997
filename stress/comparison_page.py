"""Two runs beside each other as one HTML file, drawn from their results alone."""

from collections.abc import Callable, Sequence
from html import escape

from bench.html import html_page
from stress.charts import Frame, Line, time_chart
from stress.comparing import Row, changed_settings, rows, verdicts
from stress.distribution_chart import distribution_chart
from stress.page import figure
from stress.style import STYLE
from stress.values import Moment, Result
from stress.words import KINDS, failures, milliseconds, plain

TITLE = "Two storms compared"
COLOURS = ("of-first", "of-other")


def render_comparison(first: Result, second: Result) -> str:
    """Return the whole page."""
    both = (first, second)
    parts = [f"<h1>{TITLE}</h1>", _key(both), _table([verdicts(first, second), *rows(first, second)], both)]
    parts += [_failed(run) for run in both]
    parts.append(_over_time("Holds a second", both, lambda moment: float(moment.counts.get("held", 0)), plain))
    parts.append(_over_time("Payments a second", both, lambda moment: float(moment.counts.get("paid", 0)), plain))
    for kind in ("hold", "pay"):
        parts.append(_over_time(f"p99 of a {KINDS[kind]}", both, _p99(kind), milliseconds))
        title = f"How many answers to a {KINDS[kind]} took at most so long"
        curves = [
            (line, run.latency[kind]) for line, run in zip(_lines(both), both, strict=True) if kind in run.latency
        ]
        parts.append(figure(title, distribution_chart(title, curves)))
    differing = changed_settings(first, second)
    if differing:
        parts.append(f"<h2>What was not the same</h2>{_table(differing, both)}")
    else:
        parts.append("<p>Settings, service and machine were the same.</p>")
    return html_page(TITLE, STYLE, parts)


def _lines(both: Sequence[Result]) -> list[Line]:
    return [Line(name=run.name, kind=kind, points={}) for run, kind in zip(both, COLOURS, strict=True)]


def _key(both: Sequence[Result]) -> str:
    told = (
        f'<span class="dot {kind}"></span>{escape(run.name)}, {escape(run.began_at)}'
        for run, kind in zip(both, COLOURS, strict=True)
    )
    return f"<p>{' &nbsp; '.join(told)}</p>"


def _failed(run: Result) -> str:
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in failures(run))
    return f"<p class='verdict bad'>{escape(run.name)} failed</p><ul class='bad'>{reasons}</ul>" if reasons else ""


def _table(shown: Sequence[Row], both: Sequence[Result]) -> str:
    names = (both[0].name, both[1].name, "change")
    head = "<th></th>" + "".join(f'<th class="number">{escape(name)}</th>' for name in names)
    body = "".join(
        f"<tr><td>{escape(row.what)}</td>"
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in (row.first, row.second, row.change))
        + "</tr>"
        for row in shown
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _p99(kind: str) -> Callable[[Moment], float | None]:
    return lambda moment: moment.latency[kind].p99_ms if kind in moment.latency else None


def _over_time(
    title: str, both: Sequence[Result], read: Callable[[Moment], float | None], write: Callable[[float], str]
) -> str:
    frame = Frame(seconds=max(run.seconds for run in both), phases=both[0].phases)
    lines = [
        Line(
            name=run.name,
            kind=kind,
            points={moment.second: found for moment in run.moments if (found := read(moment)) is not None},
        )
        for run, kind in zip(both, COLOURS, strict=True)
    ]
    return figure(title, time_chart(title, frame, lines, write, stacked=False))
