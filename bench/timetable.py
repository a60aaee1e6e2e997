"""An open loop: requests by a timetable, whatever the server does. Latency counts from the moment each was due."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from bench.errors import CannotRun

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


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the smallest figure that at least this share of all figures does not exceed."""
    if not figures:
        raise CannotRun("there are no latencies")
    ordered = sorted(figures)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def crowding(timed: Sequence[Timed], table: Timetable, window_ms: float) -> float:
    """Return how many times as many requests as on average were due within the fullest window. Even arrivals give 1."""
    due = sorted(each.due_ms for each in timed)
    fullest = max(bisect_left(due, start + window_ms) - first for first, start in enumerate(due))
    return fullest / max(1.0, table.per_second * window_ms / 1000)


def offered_share(timed: Sequence[Timed], table: Timetable, seconds: float) -> float:
    """Return how much of what was due in a time was sent in it: less than all when every client waits for an answer."""
    due = [each for each in timed if each.due_ms <= seconds * 1000]
    return sum(each.sent_ms <= seconds * 1000 for each in due) / max(len(due), round(table.per_second * seconds))
