"""Counts for Prometheus: requests by route, method and status, and whatever other parts have counted.

Each process answers for itself: behind several workers a scrape reaches one of them, chosen by the kernel. Run one
worker per instance, each with a port of its own, where whole numbers are needed.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4.encode()


class Metrics:
    """The registry of one process. Others add their own collectors to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "boxoffice_http_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self._gone = Counter(
            "boxoffice_http_clients_gone", "Clients that left before they were answered.", registry=self.registry
        )
        self._by_outcome: dict[tuple[str, str, int], Counter] = {}

    def count(self, route: str, method: str, status: int) -> None:
        """Count one answer. `route` is a path's template and `method` one it knows, so that the names stay few."""
        outcome = (route, method, status)
        counter = self._by_outcome.get(outcome)
        if counter is None:
            counter = self._by_outcome[outcome] = self._requests.labels(route, method, str(status))
        counter.inc()

    def count_gone(self) -> None:
        """Count one client that left before it was answered."""
        self._gone.inc()

    def add_counts(self, prefix: str, read: Callable[[], Mapping[str, int]]) -> None:
        """Show numbers that another part counts by itself; they are read when somebody asks."""
        self.registry.register(_Counts(prefix, read))

    def add_gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Show a number that goes up and down; it is read when somebody asks."""
        Gauge(name, description, registry=self.registry).set_function(read)

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


class _Counts(Collector):
    def __init__(self, prefix: str, read: Callable[[], Mapping[str, int]]) -> None:
        self._prefix = prefix
        self._read = read

    def collect(self) -> Iterator[CounterMetricFamily]:
        for name, value in self._read().items():
            words = name.replace("_", " ")
            yield CounterMetricFamily(f"{self._prefix}_{name}", f"{words.capitalize()}, since the start.", value=value)
