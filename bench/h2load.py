"""h2load: an open loop, requests by a timetable, whatever the server does. Latency counts from the scheduled moment.

Each client sends at a steady rate from its own start on, and the starts are spread over one interval, so that requests
arrive evenly. A client whose answer is late sends late, and h2load's log then holds the late start. The timetable
undoes that: the first start of each client fixes its times, and the n-th round of starts is due n intervals later.
Latency is the answer's moment minus the due one.
"""

import math
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import CannotRun
from bench.programs import find_program, run_program
from bench.wrk import check_answers

ROUNDS_MIN = 2
CLIENTS_MAX = 8_000
UNANSWERED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One request: when it was due, sent and answered, in ms from the first start, and its status."""

    due_ms: float
    sent_ms: float
    answered_ms: float
    status: int

    @property
    def latency_ms(self) -> float:
        """The time that a buyer waited who came when the request was due."""
        return max(0.0, self.answered_ms - self.due_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """So many clients, each so many requests a second; together `per_second`."""

    clients: int
    per_client: float

    @property
    def per_second(self) -> float:
        """Requests a second over all clients."""
        return self.clients * self.per_client

    def rounds(self, seconds: float) -> int:
        """Requests that each client sends in a time."""
        return max(ROUNDS_MIN, round(self.per_client * seconds))


def timetable(per_second: float, *, answer_seconds: float) -> Timetable:
    """Choose as many clients as are busy when each answer takes `answer_seconds`, so that none has to send late.

    At most CLIENTS_MAX, which is as many as one process is allowed to have connections on most systems.
    """
    clients = max(1, min(CLIENTS_MAX, math.ceil(per_second * answer_seconds)))
    return Timetable(clients=clients, per_client=per_second / clients)


def run_h2load(
    url: str, table: Timetable, seconds: float, *, body: str | None, expected: frozenset[int]
) -> Sequence[Timed]:
    """Send requests by a timetable. Raises CannotRun, and Untrue for an answer that was not expected."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [find_program("h2load"), "--h1", f"--clients={table.clients}", f"--rps={table.per_client:.6f}"]
        command += [f"--requests={table.clients * table.rounds(seconds)}", f"--log-file={log}"]
        command += starts(table)
        if body is not None:
            (Path(folder) / "body").write_text(body)
            command += [f"--data={folder}/body", "--header=content-type: application/json"]
        run_program([*command, url], seconds=seconds)
        timed = parse_log(log.read_text().splitlines(), table)
    counted = Counter(each.status for each in timed)
    unanswered = {"failed": counted.pop(UNANSWERED, 0)}
    check_answers(counted, unanswered, expected)
    return timed


def starts(table: Timetable) -> list[str]:
    """Return the options that spread the clients' starts over one interval of theirs."""
    each_ms = 1000 / table.per_second
    together = max(1, round(1 / each_ms))
    return [f"--rate={together}", f"--rate-period={max(1, round(together * each_ms))}ms"]


def parse_log(lines: Sequence[str], table: Timetable) -> Sequence[Timed]:
    """Read start (us since 1970), status and duration (us) of each request, and say when each was due."""
    rows = sorted((int(start), int(status), int(took)) for start, status, took in (line.split()[:3] for line in lines))
    if len(rows) < table.clients:
        raise CannotRun("h2load logged fewer requests than it has clients")
    interval_us = 1_000_000 / table.per_client
    first = rows[0][0]
    timed = []
    for place, (start, status, took) in enumerate(rows):
        round_of, client = divmod(place, table.clients)
        due = rows[client][0] + round_of * interval_us
        timed.append(
            Timed(
                due_ms=(due - first) / 1000,
                sent_ms=(start - first) / 1000,
                answered_ms=(start + took - first) / 1000,
                status=status,
            )
        )
    return timed


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the smallest figure that at least this share of all figures does not exceed."""
    if not figures:
        raise CannotRun("there are no latencies")
    ordered = sorted(figures)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def offered_share(timed: Sequence[Timed], table: Timetable, seconds: float) -> float:
    """Return how much of what was due in a time was sent in it: less than all when every client waits for an answer."""
    due = [each for each in timed if each.due_ms <= seconds * 1000]
    return sum(each.sent_ms <= seconds * 1000 for each in due) / max(len(due), round(table.per_second * seconds))
