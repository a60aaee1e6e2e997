"""A run's report as one HTML file, drawn from its result alone: no script, nothing asked of any other server."""

import re
from collections.abc import Mapping, Sequence
from html import escape

from bench.html import facts, html_page, machine_facts
from stress.charts import Frame, Line, time_chart
from stress.distribution_chart import distribution_chart
from stress.fill_chart import fill_chart
from stress.style import STYLE
from stress.values import Check, Distribution, Result
from stress.words import KINDS, MEANINGS, OUTCOMES, failures, fraction, headlines, milliseconds, outcome, plain

TITLE = "Boxoffice under stress"
GROUPS: Mapping[str, str] = {
    "truth": "What buyers were told is true",
    "sums": "The stories add up",
    "thresholds": "Thresholds",
    "generator": "The generator",
}
CODE = re.compile("`(.*?)`")
OVER_TIME = ("hold", "pay", "refusal", "browse")
PROCESSORS: Mapping[str, str] = {
    "service": "the service",
    "postgres": "PostgreSQL",
    "generator": "Artillery",
    "machine": "the whole machine",
}


def render_page(result: Result) -> str:
    """Return the whole page."""
    frame = Frame(seconds=result.seconds, phases=result.phases)
    parts = [f"<h1>{TITLE}: {escape(result.name)}</h1>", _verdict(result), _tiles(headlines(result))]
    parts += [_generator(result), _throughput(result, frame), _latency(result, frame), _fill(result, frame)]
    parts += [_processors(result, frame), _checks(result), _outcomes(result), _surroundings(result)]
    return html_page(f"{TITLE}: {result.name}", STYLE, parts)


def _verdict(result: Result) -> str:
    failed = failures(result)
    if not failed:
        return '<p class="verdict good">Passed: thresholds met, sums right, audit clean.</p>'
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in failed)
    return f'<p class="verdict bad">Failed.</p><ul class="bad">{reasons}</ul>'


def _tiles(told: Mapping[str, str]) -> str:
    tiles = (f"<div><b>{escape(figure)}</b><span>{escape(name)}</span></div>" for name, figure in told.items())
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _generator(result: Result) -> str:
    generator = result.generator
    style = "open" if generator.is_bottleneck else "good"
    told = CODE.sub(r"<code>\1</code>", escape(generator.finding))
    return f'<p class="finding {style}">{told}</p>'


def figure(title: str, picture: str, note: str = "") -> str:
    """Return a picture under its heading, and a note below it; nothing when there is no picture."""
    if not picture:
        return ""
    below = f"<p class='remark'>{escape(note)}</p>" if note else ""
    return f'<h2>{escape(title)}</h2>\n<div class="wide">{picture}</div>{below}'


def _throughput(result: Result, frame: Frame) -> str:
    by_outcome = [_counted(result, name) for name in OUTCOMES]
    sold = [_counted(result, "held"), _counted(result, "paid")]
    title, other = "Answers a second, by how they ended", "Holds and payments a second"
    return figure(title, time_chart(title, frame, by_outcome, plain, stacked=True)) + figure(
        other, time_chart(other, frame, sold, plain, stacked=False)
    )


def _counted(result: Result, name: str) -> Line:
    points = {moment.second: float(moment.counts.get(name, 0)) for moment in result.moments}
    return Line(name=outcome(name), kind=f"of-{name}", points=points)


def _latency(result: Result, frame: Frame) -> str:
    parts = []
    for kind in OVER_TIME:
        title = f"How long a {KINDS[kind]} takes, second by second"
        lines = [_percentile(result, kind, name) for name in ("p99", "p95", "p50")]
        if kind in result.latency:
            parts.append(figure(title, time_chart(title, frame, lines, milliseconds, stacked=False)))
    title = "How many answers took at most so long"
    note = "Measured by the generator, from the request to the answer. What waits in a busy generator is part of it."
    return "".join(parts) + figure(title, distribution_chart(title, named(result.latency)), note)


def named(latency: Mapping[str, Distribution]) -> Sequence[tuple[Line, Distribution]]:
    """Return each distribution with the name and the colour of its kind, in their order."""
    return [(Line(name=KINDS[kind], kind=f"of-{kind}", points={}), latency[kind]) for kind in KINDS if kind in latency]


def _percentile(result: Result, kind: str, name: str) -> Line:
    points = {
        moment.second: getattr(moment.latency[kind], f"{name}_ms")
        for moment in result.moments
        if kind in moment.latency and moment.latency[kind].count
    }
    return Line(name=name, kind=f"of-{name}", points=points)


def _fill(result: Result, frame: Frame) -> str:
    title = "The shards of the hot date: how much of each is taken"
    return figure(title, fill_chart(title, frame, result.fills))


def _processors(result: Result, frame: Frame) -> str:
    title = "Processors kept busy"
    lines = [
        Line(name=PROCESSORS[name], kind=f"of-{name}", points=points)
        for name in PROCESSORS
        if (points := _busy(result, name))
    ]
    missing = [PROCESSORS[name] for name in PROCESSORS if not _busy(result, name)]
    note = f"The machine has {result.machine.processors} processors."
    note += f" Not seen from here: {' and '.join(missing)}." if missing else ""
    return figure(title, time_chart(title, frame, lines, fraction, stacked=False), note) if lines else ""


def _busy(result: Result, name: str) -> Mapping[int, float]:
    looks = {look.second: getattr(look, name) for look in result.processors}
    return {second: busy for second, busy in looks.items() if busy is not None and 0 <= second < result.seconds}


def _checks(result: Result) -> str:
    parts = []
    for group, title in GROUPS.items():
        rows = "".join(_check(check) for check in result.checks if check.group == group)
        if rows:
            head = "<tr><th>What must hold</th><th>What was found</th><th></th></tr>"
            parts.append(f'<h2>{title}</h2><div class="wide"><table>{head}{rows}</table></div>')
    notes = "".join(f"<li>{escape(note)}</li>" for audit in result.audits for note in audit.notes)
    return "".join(parts) + (f"<ul>{notes}</ul>" if notes else "")


def _check(check: Check) -> str:
    style, said = ("good", "kept") if check.kept else ("bad", "BROKEN")
    name = f"{escape(check.what)}<br><small>{escape(check.name)}</small>"
    return f'<tr><td>{name}</td><td>{escape(check.found)}</td><td class="verdict {style}">{said}</td></tr>'


def _outcomes(result: Result) -> str:
    rows = "".join(
        f'<tr><td><span class="dot of-{name}"></span>{outcome(name)}</td>'
        f'<td class="number">{result.totals.get(name, 0):,}</td><td>{escape(MEANINGS[name])}</td></tr>'
        for name in OUTCOMES
    )
    head = "<tr><th>How it ended</th><th>Requests</th><th>Meaning</th></tr>"
    return f'<h2>All answers</h2><div class="wide"><table>{head}{rows}</table></div>'


def _surroundings(result: Result) -> str:
    settings = {setting.name: setting.value for setting in result.settings}
    return (
        f"<h2>The service and the machine</h2>{facts(service_facts(result))}{facts(machine_facts(result.machine))}"
        f"<h2>The settings of the scenarios</h2>{facts(settings)}"
    )


def service_facts(result: Result) -> Mapping[str, str]:
    """Say what was stormed, and when."""
    service = result.service
    told = {
        "began": result.began_at,
        "length": f"{result.seconds} s" + (", the quick settings" if result.quick else ""),
        "service": "started for the run, on servers of its own" if service.own else "somebody else's",
        "shards of the hot date": str(service.shards),
    }
    if service.workers is not None:
        told["processes"] = str(service.workers)
    if service.hold_seconds is not None:
        told["time to pay"] = f"{service.hold_seconds} s"
    return told
