"""The tables and the picture of docs/capacity.md: made from results that are committed, never typed."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.capacity.picture import draw
from bench.capacity.planning import (
    BUSY_MAX,
    CITUS_FULL_SHARES,
    CITUS_SINGLE_SHARE,
    DATABASE_PROCESSORS,
    NETWORK_SECONDS,
    SHARDS,
    WEB_PROCESSORS,
    Plan,
    Routing,
    cost_of_hold,
    end_of_event,
    plan,
    rows_allow,
)
from bench.capacity.queues import SEATS
from bench.capacity.values import AMOUNTS, BYTES, PARTS, Point, Results
from bench.capacity.verdict import failures
from bench.documentation import machine_line, put_between
from bench.words import number

PAGE = "docs/capacity.md"
PICTURE = "docs/pictures/capacity.svg"
BEGIN = "<!-- {}: made by `python -m bench.capacity document`, not by hand -->"
END = "<!-- end of {} -->"

SEEN = "Holds a second that one database machine carries, by its processors, for 1 to 1,000 events, balanced by event"

RATES = (10_000, 100_000, 1_000_000)
EVENTS = (1, 10, 100, 1_000, 10_000)
PROCESSORS = (2, 4, 8, 16, 32, 64)
COMMIT_MS = (0.5, 1, 2, 5, 10)
MANY_SHARDS = 64

UNITS: Mapping[str, tuple[str, str, float]] = {
    **{part: (f"processor, {part}", "µs", 1e6) for part in PARTS},
    "wal_bytes": ("log of changes (WAL)", "bytes", 1),
    "wal_syncs": ("synchronisations of the log", "", 1),
    "commits": ("transactions", "", 1),
    "redis_commands": ("commands to Redis", "", 1),
    "redis_bytes": ("wire to and from Redis", "bytes", 1),
    "http_in": ("wire, requests", "bytes", 1),
    "http_out": ("wire, answers", "bytes", 1),
    "database_in": ("wire, from the database", "bytes", 1),
    "database_out": ("wire, to the database", "bytes", 1),
}
"""How each resource is called, its unit, and how many of that unit are one of those measured."""

COSTS = ("what", "unit", "a flight", "a hold", "a ticket", "a counter row", "a second without load")
BESIDE = ("load", "measured", "predicted", "error", "holds in a flight", "web", "database", "generator", "kernel")
MACHINES = ("holds/s", "events", "holds in a flight", "web machines", "database machines", "WAL of each", "HTTP")
ENDS = ("processors of the database", "processors allow", "the log allows", "16 counter rows allow", "holds/s")

COMMITS = ("a commit waits, ms", f"{SHARDS} counter rows allow, holds/s", f"{MANY_SHARDS} counter rows allow")


def write_page(root: Path, results: Results) -> None:
    """Write the page's tables, and its picture. Raises ValueError when the page lacks the marks."""
    page = root / PAGE
    page.write_text(with_tables(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    (root / PICTURE).write_text(draw(results), encoding="utf-8")


def with_tables(text: str, results: Results) -> str:
    """Return the page's text with the tables of these results. Raises ValueError when it lacks the marks."""
    for name, tables in sections(results).items():
        text = put_between(text, BEGIN.format(name), END.format(name), tables)
    return text


def sections(results: Results) -> Mapping[str, str]:
    """Return everything that the page takes from the results, by the name of its place."""
    return {
        "where": _where(results),
        "costs": _costs(results),
        "check": _table(BESIDE, [beside(point) for point in results.points]),
        "machines by event": _table(MACHINES, _machines(results, "by event")),
        "machines spread": _table(MACHINES, _machines(results, "spread")),
        "machine": _machine(),
        "picture": f"![{SEEN}]({PICTURE.removeprefix('docs/')})",
        "end": _end(results),
        "commit": _commit(results),
    }


def _where(results: Results) -> str:
    checked = [point for point in results.points if not point.configuration.fitted]
    worst = max(abs(point.error) for point in checked)
    failed = failures(results)
    verdict = f"**It is not shown that the model holds:** {'; '.join(failed)}." if failed else "**The model holds.**"
    return (
        f"{machine_line(results.machine)} Rounds: {results.rounds}, each of {results.seconds:g} s; load by"
        f" {results.generator}. The model was not fitted to {len(checked)} of the {len(results.points)} loads;"
        f" of these the worst prediction is {worst:.0%} beside what was measured. {verdict}"
    )


def _costs(results: Results) -> str:
    model = results.model
    rows, whole = [], []
    for resource in (*PARTS, *AMOUNTS, *BYTES):
        name, unit, factor = UNITS[resource]
        cost = model.costs[resource]
        each = (cost.flights, cost.holds, cost.tickets, cost.rows, cost.seconds)
        rows.append([name, unit, *(_figure(factor * figure) for figure in each)])
        holds = [factor * cost_of_hold(model, resource, flight) for flight in (1, 8, SEATS)]
        whole.append([name, unit, *map(_figure, holds)])
    heading = ("a hold of two tickets", "unit", "alone in its flight", "with 7 others", f"in a full flight of {SEATS}")
    remainder = (
        f"Besides, a flight waits {1000 * model.wait_seconds:.2f} ms without a processor: so much is left of the"
        f" time of a hold that is alone. Writing and synchronising the log takes {_commit_ms(results):.2f} ms of it by"
        f" PostgreSQL's own clock, processor time included. Of the service's time for holds and tickets,"
        f" {model.chained:.0%} lie between two flights of a date, and the rest beside them; when all processors have"
        f" work, {model.usable:.0%} of them are used. A flight moves"
        f" {model.rows_of_date:.2g} counter rows of each date aboard."
    )
    return "\n\n".join([_table(heading, whole), _table(COSTS, rows), remainder])


def _commit_ms(results: Results) -> float:
    """Return what the log took of a commit where each hold was alone."""
    return statistics.median(run.commit_ms for run in results.runs if run.configuration == "one-buyer")


def beside(point: Point) -> list[str]:
    """Return one configuration and its prediction, cell by cell."""
    asked, measured, predicted = point.configuration, point.measured, point.predicted
    fitted = "fitted" if asked.fitted else "**predicted**"
    rate = [number(measured.rate), number(predicted.rate), f"{point.error:+.0%}"] if measured.rate else ["0", "0", "-"]
    parts = [
        f"{measured.processors[part]:.2f} / {predicted.processors[part]:.2f}"
        for part in ("web", "database", "generator", "kernel")
    ]
    flights = f"{measured.flight_holds:.1f} / {predicted.flight_holds:.1f}"
    return [f"`{asked.name}`: {asked.what} ({fitted})", *rate, flights, *parts]


def _machines(results: Results, routing: Routing) -> list[list[str]]:
    plans = [
        plan(results.model, rate, events, routing, results.disk_bytes_per_second) for rate in RATES for events in EVENTS
    ]
    return [_planned(each) for each in plans]


def _planned(found: Plan) -> list[str]:
    asked = [f"{found.rate:,.0f}", f"{found.events:,}", f"{found.flight_holds:.1f}", f"{found.web_machines:,}"]
    http = f"{found.http_bits_per_second / 1e9:.2g} Gbit/s"
    if not found.possible:
        return [*asked, f"{found.database_machines:,} for {found.events:,}: **no**", "-", http]
    return [*asked, f"{found.database_machines:,}", f"{found.wal_bytes_per_second / 1e6:,.0f} MB/s", http]


def _machine() -> str:
    low, high = CITUS_FULL_SHARES
    return (
        f"One machine is {WEB_PROCESSORS} processors with {WEB_PROCESSORS} service processes, or {DATABASE_PROCESSORS}"
        f" processors with PostgreSQL, each at most {BUSY_MAX:.0%} busy. Between two machines"
        f" {1000 * NETWORK_SECONDS:g} ms there and back are assumed. From two database machines on, Citus is assumed to"
        f" keep {CITUS_SINGLE_SHARE:.0%} of PostgreSQL's rate where each hold flies alone, and {low:.0%} where flights"
        f" are full. Both were reported elsewhere ({low:.0%} to {high:.0%} of full flights), not measured here."
    )


def _end(results: Results) -> str:
    rows = []
    for processors in PROCESSORS:
        found = end_of_event(results.model, processors, SHARDS, results.disk_bytes_per_second)
        limits = (found.processors, found.log, found.rows, found.rate)
        rows.append([str(processors), *(f"{limit:,.0f}" for limit in limits)])
    disk = f"This disk takes {results.disk_bytes_per_second / 1e6:,.0f} MB/s, synchronised after each MB."
    return f"{_table(ENDS, rows)}\n\n{disk}"


def _commit(results: Results) -> str:
    measured = 1_000 * results.model.wait_seconds
    waits = [(f"{measured:.2f} (here)", measured), *((f"{wait:g}", wait) for wait in COMMIT_MS)]
    rows = [
        [name, *(f"{rows_allow(results.model, shards, wait / 1_000):,.0f}" for shards in (SHARDS, MANY_SHARDS))]
        for name, wait in waits
    ]
    return _table(COMMITS, rows)


def _figure(figure: float) -> str:
    return number(figure) if figure else "0"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---", *("---:" for _ in heading[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
