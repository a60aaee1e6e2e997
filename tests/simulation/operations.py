"""What clients and an admin do in a simulation: plain values that name each other by number.

A payment, a release, a look or a repeat belongs to a hold, which it names by number. It waits for that one's answer,
and where no hold was made, it belongs to the last one before that was. So any operation may be left out, and the others
still make sense: that is how a failure is made small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.simulation.event_model import Counters, Offer

Lines: TypeAlias = tuple[tuple[int, int], ...]
"""Places of types, counted from 0, and how many tickets of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something that one client asks one service for; where `cut_after_ms` is given, it does not wait for the answer.

    A client does its own operations in order of number.
    """

    number: int
    client: int
    service: int
    cut_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Operation):
    """Ask for tickets of a date, which is counted from 0; with an Idempotency-Key where `key` is not 0."""

    date: int
    lines: Lines
    key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(Operation):
    """Ask for the same as a hold did, with its key; `at_once` without waiting for its answer; or for other tickets."""

    of: int
    at_once: bool
    other_lines: Lines | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Operation):
    """Do something with a hold: at once, or so many ms after its deadline (before it, where that is below 0)."""

    of: int
    after_deadline_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Use):
    """Pay for a hold."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Use):
    """Let a hold go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Use):
    """Look at a hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Operation):
    """Change limits and shards of the event."""

    changes: tuple[Counters, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All that happens to one event: what it offers on how many dates, and what its clients do."""

    seed: int
    offer: Offer
    dates: int
    clients: int
    operations: Sequence[Operation]
