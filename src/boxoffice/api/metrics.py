"""Counts for Prometheus: requests by route, method and status, and whatever other parts register.

Each process answers for itself: behind several workers a scrape reaches one of them, chosen by the kernel. Sum over
scrapes of separate ports, or run one worker per instance, where whole numbers are needed.
"""

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from boxoffice.api.call import Answer, Call


class Metrics:
    """The registry of one process. Others add their own collectors to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "boxoffice_http_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self._by_outcome: dict[tuple[str, str, int], Counter] = {}

    def count(self, route: str, method: str, status: int) -> None:
        """Count one answer. `route` is a path's template and `method` one it knows, so that the names stay few."""
        outcome = (route, method, status)
        counter = self._by_outcome.get(outcome)
        if counter is None:
            counter = self._by_outcome[outcome] = self._requests.labels(route, method, str(status))
        counter.inc()


async def show_metrics(call: Call) -> Answer:
    """Answer with everything this process counted, in Prometheus's text format."""
    content_type = CONTENT_TYPE_PLAIN_0_0_4.encode()
    body = generate_latest(call.office.metrics.registry)
    return Answer(200, body, [(b"content-type", content_type), (b"cache-control", b"no-store")])
