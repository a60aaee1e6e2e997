"""`python -m tests.hostile`: all attacks, with progress, then the counts. Exit status 1 when anything was wrong.

The parsers are fed in a process of their own while the service is attacked. A finding is repeated with the same seed.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.interrupting import end_as_interrupted
from boxoffice.api.operations import OPERATIONS
from tests.hostile.bodies import Statuses, send_bodies
from tests.hostile.fuzz import feed, inputs_of
from tests.hostile.headers import send_headers
from tests.hostile.parsers import PARSERS
from tests.hostile.schema import Cases, send_cases
from tests.hostile.slow import DRIPPING, crowd_out, send_slowly
from tests.hostile.target import Target, attacked
from tests.hostile.texts import send_texts
from tests.hostile.tricks import play, tricks

EXAMPLES = 40
CASES_THAT_REACH_ALL = 10_000
"""With so many cases every operation is granted at least once, or the cases are not worth much."""
CONNECTIONS_MAX = 500
TELL_EACH_SECONDS = 10.0
ATTACKS: Sequence[tuple[str, Callable[[Target], Statuses]]] = (
    ("bodies", send_bodies),
    ("headers", send_headers),
    ("texts", send_texts),
)

console = Console(width=None if sys.stdout.isatty() else 160)


class Progress:
    """Says how far something is, every few seconds; `before` were done in rounds that are over."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._began = self._told = time.monotonic()
        self.before = 0

    def __call__(self, more: int) -> None:
        done, now = self.before + more, time.monotonic()
        if now - self._told >= TELL_EACH_SECONDS:
            self._told = now
            rate = done / (now - self._began)
            console.print(f"{self._what}: {done:,} of {self._total:,}, {rate:,.0f}/s", highlight=False)


def main() -> int:
    """Attack, report, and return the exit status."""
    told = _arguments()
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(1) as beside, tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        parsers = beside.submit(feed_parsers, told.inputs, told.seed)
        with attacked(Path(folder), connections_max=CONNECTIONS_MAX) as target:
            counts.update(_attack(target, slowly=told.slow))
            cases = _cases(target, told.cases, told.seed)
            target.judge()
        counts.update(_fed(parsers))
    _report(cases, counts)
    never = sorted({f"{each.method} {each.path}" for each in OPERATIONS} - _granted(cases))
    if never:
        console.print(f"never granted: {', '.join(never)}", markup=False, highlight=False)
    return 1 if cases.wrong or (never and cases.total >= CASES_THAT_REACH_ALL) else 0


def _granted(cases: Cases) -> set[str]:
    return {operation for operation, status in cases.answered if status < 300}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hostile", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="cases that are made from the OpenAPI document")
    parser.add_argument("--inputs", type=int, default=100_000, help="inputs that are fed to the parsers")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other cases and inputs")
    parser.add_argument("--slow", action=argparse.BooleanOptionalAction, default=True, help="slow clients, 20 s")
    return parser.parse_args()


def feed_parsers(total: int, seed: int) -> Statuses:
    """Feed every parser with its part; return how many inputs each got."""
    fed: Statuses = Counter()
    for parser in PARSERS:
        count = inputs_of(parser, total)
        fed[f"inputs: {parser.name}", 0] = feed(parser, count, seed, Progress(f"parser {parser.name}", count))
    return fed


def _fed(parsers: Future[Statuses]) -> dict[str, int]:
    return {name: number for (name, _), number in parsers.result().items()}


def _attack(target: Target, *, slowly: bool) -> Counter[str]:
    """Play what is written down, and return how many of each kind there were."""
    counts: Counter[str] = Counter()
    counts["requests: tricks"] = len([play(target, trick) for trick in tricks()])
    for name, attack in ATTACKS:
        counts[f"requests: {name}"] = attack(target).total()
        console.print(f"{name}: {counts[f'requests: {name}']:,} requests", highlight=False)
    if slowly:
        given_up = send_slowly(target)
        assert set(given_up) == set(DRIPPING)
        counts["connections: slow"] = sum(given_up.values())
        counts["connections: refused of a crowd"] = crowd_out(target, CONNECTIONS_MAX)
        assert counts["connections: refused of a crowd"] > 0
    return counts


def _cases(target: Target, wanted: int, seed: int) -> Cases:
    """Send cases, round by round with a seed each, until there are enough."""
    cases, progress, rounds = Cases(), Progress("cases", wanted), 0
    while cases.total < wanted and not cases.wrong:
        progress.before = cases.total
        rounds += 1
        target.prepare(days_before=rounds)
        cases.add(send_cases(target, examples=EXAMPLES, seed=seed, tell=progress))
        seed += 1
    return cases


def _report(cases: Cases, counts: Counter[str]) -> None:
    by_operation: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for (operation, status), number in cases.answered.items():
        by_operation[operation][status] += number
    statuses = sorted({status for _, status in cases.answered})
    table = Table("operation", *map(str, statuses), title="Cases by operation and status")
    for operation, answered in sorted(by_operation.items()):
        table.add_row(operation, *(f"{answered[status]:,}" if answered[status] else "" for status in statuses))
    console.print(table)
    for what, number in [*cases.phases.items(), *sorted(counts.items())]:
        console.print(f"{what}: {number:,}", highlight=False)
    inputs = sum(number for what, number in counts.items() if what.startswith("inputs"))
    errors = sum(number for (_, status), number in cases.answered.items() if status >= 500)
    console.print(f"{cases.total:,} cases, {inputs:,} inputs, {errors} server errors", highlight=False)
    for wrong in cases.wrong:
        console.print(wrong, markup=False, highlight=False)
    if not cases.wrong:
        console.print("The audit is clean, and the service still sells.", highlight=False)


if __name__ == "__main__":
    end_as_interrupted()
    sys.exit(main())
