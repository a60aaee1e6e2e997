"""Light counts: numbers that the parts of a process add to, and that metrics read when somebody asks.

A process has one event loop, so nothing here takes a lock: an addition costs a few tens of nanoseconds, where a counter
of Prometheus's client costs several hundred. All of them begin at zero with the process and only grow.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import get_args

from boxoffice.errors import Overloaded, OverloadReason, Problem, SoldOut

FLIGHT_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
REASONS: tuple[OverloadReason, ...] = get_args(OverloadReason)

_ANY_VERB = ("overloaded", "failed")
_OF_RESERVATIONS = ("reservation_gone", *_ANY_VERB)
HOLD_OUTCOMES = (
    "held",
    "replayed",
    "sold_out_by_mark",
    "sold_out_by_pass",
    "date_past",
    "not_found",
    "invalid_request",
    "idempotency_key_reused",
    "client_left",
    *_ANY_VERB,
)
PAYMENT_OUTCOMES = ("paid", "already_paid", *_OF_RESERVATIONS)
RELEASE_OUTCOMES = ("released", "already_paid", *_OF_RESERVATIONS)
FIND_OUTCOMES = ("found", *_OF_RESERVATIONS)


class Histogram:
    """How many values lay at or below each bound; `bounds` ascend, and a value beyond the last one is counted too."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)

    def cumulated(self) -> Iterator[tuple[float, int]]:
        """Yield each bound, infinity last, with the number of values at or below it."""
        return zip((*self.bounds, float("inf")), accumulate(self.counts), strict=True)


class Traffic:
    """Requests of one kind (holds, payments, releases, finds): how each ended, and the flights that carried them."""

    __slots__ = ("flight_seconds", "flight_sizes", "flights", "outcomes", "overloads", "wait_seconds")

    def __init__(self) -> None:
        self.outcomes: dict[str, int] = {}
        self.overloads = dict.fromkeys(REASONS, 0)
        self.flights = 0
        self.flight_sizes = Histogram(FLIGHT_SIZES)
        self.flight_seconds = Histogram(SECONDS)
        self.wait_seconds = Histogram(SECONDS)

    def ended(self, outcome: str) -> None:
        """Count a request by how it ended."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def refused(self, error: Exception) -> None:
        """Count a request that ended with this error. What is sold out is counted where it is found out, by source."""
        if isinstance(error, SoldOut):
            return
        if isinstance(error, Overloaded) and error.reason != "client_left":
            self.overloads[error.reason] += 1
        self.ended(_outcome_of(error))

    def took_off(self, requests: int, waited: float) -> None:
        """Count a flight that leaves, and for how many seconds its first request waited for it."""
        self.flights += 1
        self.flight_sizes.add(requests)
        self.wait_seconds.add(waited)

    def landed(self, seconds: float) -> None:
        """Count the end of a flight, whatever it brought."""
        self.flight_seconds.add(seconds)

    @property
    def flights_in_air(self) -> int:
        """Flights that have left and have not landed."""
        return self.flights - self.flight_seconds.count


def _outcome_of(error: Exception) -> str:
    if isinstance(error, Overloaded) and error.reason == "client_left":
        return "client_left"
    return error.slug.replace("-", "_") if isinstance(error, Problem) else "failed"
