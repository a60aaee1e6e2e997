"""h2load: an open loop, requests by a timetable, whatever the server does. Latency counts from the scheduled moment.

Each client sends at a steady rate from its own start on, and the starts are spread over one interval, so that requests
arrive about evenly. A client whose answer is late sends late, and h2load's log then holds the late start. The timetable
undoes that: the first start of each client fixes its times, one request for every interval from there on. What was sent
is matched to what was due in order of time, and latency is the answer's moment minus the due one.
"""

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from pathlib import Path

from bench.errors import CannotRun
from bench.load import check_answers
from bench.programs import find_program, run_program
from bench.timetable import UNANSWERED, Timed, Timetable

SPREAD_ERROR_MAX = 0.05


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
    """Return the options that spread the clients' starts over one interval of theirs, as evenly as whole ms allow."""
    each_ms = 1000 / table.per_second
    together = next(count for count in itertools.count(1) if _is_nearly_whole(count * each_ms))
    return [f"--rate={together}", f"--rate-period={round(together * each_ms)}ms"]


def _is_nearly_whole(number: float) -> bool:
    return round(number) > 0 and abs(number - round(number)) <= SPREAD_ERROR_MAX * number


def parse_log(lines: Sequence[str], table: Timetable) -> Sequence[Timed]:
    """Read start (us since 1970), status and duration (us) of each request, and say when each was due."""
    rows = sorted((int(start), int(status), int(took)) for start, status, took in (line.split()[:3] for line in lines))
    if len(rows) < table.clients:
        raise CannotRun("h2load logged fewer requests than it has clients")
    first = rows[0][0]
    return [
        Timed(
            due_ms=(due - first) / 1000,
            sent_ms=(start - first) / 1000,
            answered_ms=(start + took - first) / 1000,
            status=status,
        )
        for due, (start, status, took) in zip(dues([row[0] for row in rows], table), rows, strict=True)
    ]


def dues(starts_us: Sequence[int], table: Timetable) -> Iterator[float]:
    """Yield when each request was due, of starts in order of time.

    A start is a client's first one only when nothing is due by then and not all clients have begun: so clients may
    still begin when others come round again. The log does not say whose request it was; while the last ones begin, for
    about a tenth of the first interval, a late request may pass for a client's first one.
    """
    interval_us = 1_000_000 / table.per_client
    awaited: list[float] = []
    begun = 0
    for start in starts_us:
        if begun < table.clients and not (awaited and awaited[0] <= start):
            due: float = start
            begun += 1
        else:
            due = heappop(awaited)
        heappush(awaited, due + interval_us)
        yield due
