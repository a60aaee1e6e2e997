"""Since when older knowledge of something no longer counts; bounded, and safe to forget."""

import time
from collections.abc import Callable, Hashable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
"""Seconds that only ever grow, as time.monotonic counts them; never the time of day."""

monotonic: Clock = time.monotonic


class Moments:
    """The last moment at which each subject changed.

    Holds at most `subjects_max` of them. A moment that is forgotten counts for every subject from then on: forgetting
    can make younger knowledge be thrown away, never older knowledge be believed.
    """

    __slots__ = ("_floor", "_moments", "_subjects_max")

    def __init__(self, subjects_max: int) -> None:
        self._moments: dict[Hashable, float] = {}
        self._floor = float("-inf")
        self._subjects_max = subjects_max

    def __len__(self) -> int:
        return len(self._moments)

    def note(self, subject: Hashable, moment: float) -> None:
        """Remember that the subject changed at this moment, which is the latest so far."""
        self._moments.pop(subject, None)
        self._moments[subject] = moment
        if len(self._moments) > self._subjects_max:
            self._floor = max(self._floor, self._moments.pop(next(iter(self._moments))))

    def note_all(self, moment: float) -> None:
        """Remember that everything may have changed up to this moment."""
        self._moments.clear()
        self._floor = max(self._floor, moment)

    def last(self, *subjects: Hashable) -> float:
        """Return the last moment at which any of the subjects changed; minus infinity when none ever did."""
        last = self._floor
        for subject in subjects:
            moment = self._moments.get(subject, last)
            if moment > last:
                last = moment
        return last
