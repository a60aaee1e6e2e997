"""The judge of refusals: how old, at least, was the look at the date on which each rests?

It knows what buyers know of one date: when they sent what, and when they were answered. A hold is certainly in force
from its answer until its release is asked for, and possibly from its request until its release is answered. A refusal
is true at a moment when what is possibly in force leaves no room for it. Where there was no such moment while it was
under way, it rests on a look that was made at the last such moment before, or earlier still.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.concurrency.rush_ledger import Lines

Span: TypeAlias = tuple[float, float, Lines]


@dataclass(slots=True, kw_only=True)
class Stay:
    """One hold: when it was asked for and answered, and when its release was asked for and answered."""

    lines: Lines
    sent_at: float
    held_at: float
    leaving_at: float = math.inf
    gone_at: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A hold that was refused."""

    lines: Lines
    sent_at: float
    answered_at: float


class Judge:
    """Judges the answers to holds of one date, whose limits never changed, by all of its holds."""

    def __init__(self, capacity: int, limits: Lines, stays: Sequence[Stay]) -> None:
        self._capacity = capacity
        self._limits = limits
        self._possible = _Occupancy((stay.sent_at, stay.gone_at, stay.lines) for stay in stays)
        self._certain = _Occupancy(
            (stay.held_at, stay.leaving_at, stay.lines) for stay in stays if stay.held_at < stay.leaving_at
        )

    def age_at_least(self, refusal: Refusal) -> float:
        """Return the least age, in seconds, of what a refusal rests on: 0 where it may have been true when it was
        answered, infinite where it was never true."""
        for end, level in self._possible.back_from(refusal.answered_at):
            if not self._has_room(level, refusal.lines):
                return max(0.0, refusal.sent_at - end)
        return math.inf

    def is_too_much(self, stay: Stay) -> bool:
        """Tell whether a hold was answered 201 though what was certainly in force all the time left it no room."""
        levels = self._certain.between(stay.sent_at, stay.held_at)
        return not any(self._has_room(level, stay.lines) for level in levels)

    def _has_room(self, level: Mapping[int, int], lines: Lines) -> bool:
        whole = sum(level.values()) + sum(lines.values()) <= self._capacity
        return whole and all(level.get(kind, 0) + units <= self._limits[kind] for kind, units in lines.items())


class _Occupancy:
    """Tickets in force by type, as they changed: `levels[n]` from `moments[n]` until the next one."""

    def __init__(self, spans: Iterable[Span]) -> None:
        changes: list[tuple[float, int, Lines]] = []
        for begin, end, lines in spans:
            changes += [(begin, 1, lines), (end, -1, lines)]
        changes.sort(key=lambda change: change[:2])
        self._moments = [-math.inf]
        self._levels: list[Mapping[int, int]] = [{}]
        level = Counter[int]()
        for moment, sign, lines in changes:
            level.update({kind: sign * units for kind, units in lines.items()})
            self._moments.append(moment)
            self._levels.append(dict(level))

    def back_from(self, moment: float) -> Iterable[tuple[float, Mapping[int, int]]]:
        """Return the levels before a moment, the last first, each with the moment until which it lasted."""
        end = moment
        for place in range(bisect_left(self._moments, moment) - 1, -1, -1):
            yield end, self._levels[place]
            end = self._moments[place]

    def between(self, begin: float, end: float) -> Sequence[Mapping[int, int]]:
        """Return all levels that there were between two moments."""
        return self._levels[bisect_right(self._moments, begin) - 1 : bisect_left(self._moments, end)]
