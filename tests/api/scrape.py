"""What /metrics says, read as Prometheus reads it."""

from collections.abc import Iterator

import httpx
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.waiting import until


class Scrape:
    """One answer of /metrics; raises ValueError when Prometheus could not read it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: tuple[Metric, ...] = tuple(text_string_to_metric_families(text))

    def samples(self, name: str, **labels: str) -> Iterator[Sample]:
        """Yield the samples of this name that have these labels, of all processes."""
        for family in self.families:
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    yield sample

    def __call__(self, name: str, **labels: str) -> float:
        """Return the sum of those samples; fail when there is none."""
        values = [sample.value for sample in self.samples(name, **labels)]
        assert values, f"{name} {labels} is not there"
        return sum(values)

    def by(self, name: str, label: str, **labels: str) -> dict[str, float]:
        """Return the numbers that are not 0, by one of their labels, summed over all others."""
        sums: dict[str, float] = {}
        for sample in self.samples(name, **labels):
            sums[sample.labels[label]] = sums.get(sample.labels[label], 0) + sample.value
        assert sums, f"{name} {labels} is not there"
        return {value: number for value, number in sums.items() if number}


async def scrape(client: httpx.AsyncClient) -> Scrape:
    """Ask for the metrics."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return Scrape(answer.text)


async def counted(client: httpx.AsyncClient, name: str, **labels: str) -> float:
    """Return one number of /metrics."""
    return (await scrape(client))(name, **labels)


async def until_shared(*clients: httpx.AsyncClient) -> None:
    """Return when the processes of these clients share by Redis: where the machine is busy, they begin without it."""

    async def shared() -> bool:
        return all([await counted(client, "boxoffice_redis_present") for client in clients])

    await until(shared)


async def in_flight(client: httpx.AsyncClient) -> bool:
    return await counted(client, "boxoffice_flight_requests_count", kind="hold") > 0
