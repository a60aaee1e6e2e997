"""Histograms as the generator writes them, and their percentiles: plain functions of values."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from stress.values import Bucket, Distribution, Latency

Histogram = Mapping[int, int]
"""How many answers took at most so many microseconds, and longer than the next smaller bound."""


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """Add histograms up, bucket by bucket."""
    total: Counter[int] = Counter()
    for each in histograms:
        total.update(each)
    return total


def percentile_ms(histogram: Histogram, share: float) -> float:
    """Return the bound, in ms, of the bucket that holds the slowest of this share of all; 0 when there is nothing."""
    wanted = math.ceil(share * sum(histogram.values()))
    seen = 0
    for bound in sorted(histogram):
        seen += histogram[bound]
        if seen >= wanted:
            return bound / 1000
    return 0.0


def latency_of(histogram: Histogram) -> Latency:
    """Return the percentiles that are kept."""
    p50, p95, p99 = (percentile_ms(histogram, share) for share in (0.5, 0.95, 0.99))
    return Latency(count=sum(histogram.values()), p50_ms=p50, p95_ms=p95, p99_ms=p99)


def distribution_of(histogram: Histogram) -> Distribution:
    """Return the percentiles and the buckets, ascending; those without answers are left out."""
    buckets = [Bucket(ms_max=bound / 1000, count=histogram[bound]) for bound in sorted(histogram) if histogram[bound]]
    return Distribution(latency=latency_of(histogram), buckets=buckets)


def shares_up_to(buckets: Sequence[Bucket]) -> Sequence[tuple[float, float]]:
    """Return for each bucket its bound in ms and the share of all answers that took at most that."""
    total = sum(each.count for each in buckets) or 1
    seen = 0
    places = []
    for each in buckets:
        seen += each.count
        places.append((each.ms_max, seen / total))
    return places
