"""From the moments of answers to figures: how fast it sold, how long not at all, how long until all was as before."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

WINDOW_SECONDS = 1.0


def rate(moments: Sequence[float], begin: float, end: float) -> float:
    """Return how many of these moments, in order, lie in a stretch of time, per second."""
    return (bisect_left(moments, end) - bisect_left(moments, begin)) / (end - begin)


def longest_silence(moments: Sequence[float], begin: float, end: float) -> float:
    """Return the longest time without any, in a stretch."""
    within = [begin, *moments[bisect_left(moments, begin) : bisect_left(moments, end)], end]
    return max(later - earlier for earlier, later in pairwise(within))


def seconds_to_recovery(moments: Sequence[float], ended_at: float, wanted: float) -> float | None:
    """Return how long after `ended_at` a window of a second begins that has the wanted rate; or None.

    Each window is whole: one that has not passed yet, going by the last moment, says nothing.
    """
    last = moments[-1] if moments else ended_at
    candidates = [ended_at, *moments[bisect_left(moments, ended_at) :]]
    for begin in candidates:
        if begin + WINDOW_SECONDS > last:
            return None
        if rate(moments, begin, begin + WINDOW_SECONDS) >= wanted:
            return begin - ended_at
    return None
