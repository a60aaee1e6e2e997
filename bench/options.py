"""How long and how hard to measure: what the command line may change."""

from typing import Literal, TypeAlias

import msgspec

Generator: TypeAlias = Literal["wrk", "k6"]
"""What sends the load; wrk stands for h2load too, where the loop is open."""

PAIRS_MIN = 7
SECONDS_MIN = 10.0


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A run's options; every figure keeps those it was measured with."""

    pairs: int = PAIRS_MIN
    seconds: float = SECONDS_MIN
    workers: int = 1
    connections: int = 256
    generator: Generator = "wrk"

    @property
    def short(self) -> bool:
        """Whether this is less than the targets ask for."""
        return self.pairs < PAIRS_MIN or self.seconds < SECONDS_MIN

    @property
    def long_seconds(self) -> float:
        """How long the overloads last: 30 s at full length."""
        return 3 * self.seconds

    @property
    def repeats(self) -> int:
        """How often a figure that only sets the scene, or a point of a curve, is measured."""
        return min(3, self.pairs)
