"""What Prometheus is told: what the parts of this process have counted, and of all processes behind one port together.

Counting costs an addition; everything else is done when somebody asks. Each process labels its samples with its number
and tells the process that was scraped, at that moment (siblings.py); nothing is kept of a process that is no more.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isinf
from typing import TypeAlias

from prometheus_client import Metric, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from boxoffice.api.metric_families import FAMILIES
from boxoffice.counting import Histogram
from boxoffice.siblings import Siblings, Told

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SCRAPE = "boxoffice_scrape_processes"

Reading: TypeAlias = tuple[str, tuple[str, ...], float | Histogram]
"""A family's name, the values of its labels, and what was counted."""
Read: TypeAlias = Callable[[], Iterable[Reading]]


class Metrics:
    """The metrics of one process; `siblings` are the others behind its port."""

    def __init__(self, siblings: Siblings | None = None) -> None:
        self._siblings = siblings or Siblings()
        self._answers: dict[tuple[str, str, int], int] = {}
        self._gone = 0
        self._reads: list[Read] = [self._read_own]

    def count(self, route: str, method: str, status: int) -> None:
        """Count one answer. `route` is a path's template and `method` one it knows, so that the names stay few."""
        outcome = (route, method, status)
        self._answers[outcome] = self._answers.get(outcome, 0) + 1

    def count_gone(self) -> None:
        """Count one client that left before it was answered."""
        self._gone += 1

    def add(self, read: Read) -> None:
        """Show what another part counts by itself; it is read when somebody asks, and must not wait."""
        self._reads.append(read)

    async def open(self) -> None:
        """From now on tell the other processes behind this port what was counted here."""
        await self._siblings.open(self.exposition)

    async def close(self) -> None:
        """Tell them no more."""
        await self._siblings.close()

    def exposition(self) -> bytes:
        """Return what this process counted, in Prometheus's text format."""
        return generate_latest(_Labelled(self._collect, str(self._siblings.number)))

    async def whole_exposition(self) -> bytes:
        """Return what all processes behind this port counted, each as of now. Waits for those that are slow to tell,
        for a bounded time; one that is silent is missing, and the answer says so."""
        told = await self._siblings.ask()
        own = self.exposition()
        return joined([own, *told.texts]) + _summary(told)

    def _collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for read in self._reads:
            for name, labels, value in read():
                _add_samples(families, name, labels, value)
        yield from families.values()
        yield from ProcessCollector(registry=None).collect()

    def _read_own(self) -> Iterator[Reading]:
        for (route, method, status), answers in self._answers.items():
            yield "boxoffice_http_requests", (route, method, str(status)), answers
        yield "boxoffice_http_clients_gone", (), self._gone


class _Labelled(Collector):
    def __init__(self, collect: Callable[[], Iterable[Metric]], process: str) -> None:
        self._collect = collect
        self._process = process

    def collect(self) -> Iterator[Metric]:
        for metric in self._collect():
            metric.samples = [
                sample._replace(labels={**sample.labels, "process": self._process}) for sample in metric.samples
            ]
            yield metric


def _add_samples(families: dict[str, Metric], name: str, values: tuple[str, ...], value: float | Histogram) -> None:
    """Add what was read to its family. Raises KeyError for a metric that is not declared."""
    family = FAMILIES[name]
    metric = families.get(name)
    if metric is None:
        metric = families[name] = Metric(name, family.help, family.kind)
    labels = dict(zip(family.labels, values, strict=True))
    if not isinstance(value, Histogram):
        metric.add_sample(family.shown_name, labels, value)
        return
    for bound, count in value.cumulated():
        metric.add_sample(f"{name}_bucket", {**labels, "le": "+Inf" if isinf(bound) else str(float(bound))}, count)
    metric.add_sample(f"{name}_count", labels, value.count)
    metric.add_sample(f"{name}_sum", labels, value.total)


def joined(expositions: Sequence[bytes]) -> bytes:
    """Return several expositions as one: each family once, with the samples of all."""
    samples: dict[bytes, list[bytes]] = {}
    for exposition in expositions:
        for part in exposition.split(b"# HELP ")[1:]:
            said, kind, lines = part.split(b"\n", 2)
            samples.setdefault(b"# HELP %b\n%b\n" % (said, kind), []).append(lines)
    return b"".join(header + b"".join(lines) for header, lines in samples.items())


def _summary(told: Told) -> bytes:
    """Say how many processes the answer speaks of. It belongs to the scrape, so it has no label `process`."""
    families: dict[str, Metric] = {}
    _add_samples(families, SCRAPE, ("answered",), 1 + len(told.texts))
    _add_samples(families, SCRAPE, ("silent",), told.silent)
    return generate_latest(_Fixed(families.values()))


class _Fixed(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
