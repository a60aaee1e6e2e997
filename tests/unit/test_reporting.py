"""Shards are grouped by what is left in them, for a bounded part of the dates."""

from collections.abc import Iterator

from boxoffice.api.metrics import Metrics, joined
from boxoffice.booking.allocation import Counter, Rooms
from boxoffice.counting import Histogram
from boxoffice.reporting import SHARDS_LOOKED_AT_MAX, read_shards
from tests.api.scrape import Scrape


def rooms_of(total: list[int | None], **types: list[int | None]) -> Rooms:
    """A date with these units left in the shards of its total and of each type."""
    counters = [Counter(rooms, list(range(len(rooms)))) for rooms in (total, *types.values())]
    return Rooms(1, counters[0], dict(enumerate(counters[1:])))


def shards_of(*latest: Rooms) -> Scrape:
    metrics = Metrics()
    metrics.add(lambda: read_shards(len(latest), iter(latest)))
    return Scrape(metrics.exposition().decode())


def test_shards_are_grouped_by_the_units_left() -> None:
    count = shards_of(
        rooms_of([0, 1, 9, 10, 99, 100, 999, 1000, 123_456]),
        rooms_of([0, 0], adult=[5, 0], child=[None, None]),
    )
    assert count.by("boxoffice_shards", "left", limit="total") == {
        "0": 3,
        "1-9": 2,
        "10-99": 2,
        "100-999": 2,
        "1000+": 2,
    }
    assert count.by("boxoffice_shards", "left", limit="type") == {"0": 1, "1-9": 1}
    assert count("boxoffice_dates_exhausted") == 1
    assert count("boxoffice_dates_remembered") == 2


def test_of_many_dates_only_the_latest_are_looked_at() -> None:
    taken = 0

    def dates() -> Iterator[Rooms]:
        nonlocal taken
        for _ in range(10 * SHARDS_LOOKED_AT_MAX):
            taken += 1
            yield rooms_of([1] * 10)

    metrics = Metrics()
    metrics.add(lambda: read_shards(10 * SHARDS_LOOKED_AT_MAX, dates()))
    count = Scrape(metrics.exposition().decode())
    assert count("boxoffice_shards") == SHARDS_LOOKED_AT_MAX
    assert taken <= SHARDS_LOOKED_AT_MAX / 10 + 1
    assert count("boxoffice_dates_remembered") == 10 * SHARDS_LOOKED_AT_MAX


def test_several_expositions_become_one_with_each_family_once() -> None:
    expositions = []
    for number in (3, 4):
        metrics, seconds = Metrics(), Histogram((1,))
        seconds.add(number)
        metrics.add(lambda seconds=seconds: [("boxoffice_flight_seconds", ("hold",), seconds)])  # type: ignore[misc]  # bound now
        for _ in range(number):
            metrics.count("/events", "GET", 200)
        expositions.append(metrics.exposition().replace(b'process="0"', b'process="%d"' % number))
    count = Scrape(joined(expositions).decode())
    assert count.by("boxoffice_http_requests_total", "process", route="/events") == {"3": 3, "4": 4}
    assert count("boxoffice_flight_seconds_bucket", le="1.0") == 0
    assert count("boxoffice_flight_seconds_bucket", le="+Inf") == 2
    assert count("boxoffice_flight_seconds_sum") == 7
    names = [family.name for family in count.families]
    assert len(names) == len(set(names))


def test_a_metric_that_is_not_declared_fails() -> None:
    metrics = Metrics()
    metrics.add(lambda: [("boxoffice_surprises", (), 1)])
    try:
        metrics.exposition()
    except KeyError:
        return
    raise AssertionError("it was shown")
