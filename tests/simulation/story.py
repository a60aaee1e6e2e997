"""What clients were told, and when: all that the auditor knows of what the services did.

Names of reservations are the part of the public id behind the hyphen; types are counted from 0, as in the scenario.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.simulation.event_model import Offer
from tests.simulation.operations import Change, Lines, Operation

HoldOutcome: TypeAlias = Literal["held", "replayed", "refused", "other tickets", "busy", "unknown"]
UseOutcome: TypeAlias = Literal["done", "gone", "paid otherwise", "busy", "unknown"]
ChangeOutcome: TypeAlias = Literal["done", "below sold", "busy", "unknown"]
Verb: TypeAlias = Literal["pay", "release", "look"]
Tickets: TypeAlias = frozenset[tuple[str, int]]
"""Tickets by id, each with the place of its type."""


class Untrue(Exception):  # noqa: N818 - it says what is wrong with an answer
    """An answer that cannot be right, whatever happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One request and its answer; `answered_at` is infinite where the outcome is unknown."""

    operation: Operation
    sent_at: float
    answered_at: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTold(Told):
    """A hold; `name`, deadline and tickets where there is one."""

    date: int
    lines: Lines
    key: int
    outcome: HoldOutcome
    name: str = ""
    expires_at: float = math.inf
    tickets: Tickets = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTold(Told):
    """Something done with a reservation. `reference` is what was offered by a payment, or seen by a look (None: held);
    of a look that saw the reservation, `tickets` are what it saw."""

    verb: Verb
    name: str
    outcome: UseOutcome
    reference: str | None = None
    tickets: Tickets | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold(Told):
    """A change, and the offer after it or what was sold."""

    operation: Change
    outcome: ChangeOutcome
    offer: Offer | None = None
    sold: int = 0


@dataclass(slots=True, kw_only=True)
class Story:
    """Everything that was told, and each answer that cannot be right."""

    told: list[Told] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    skipped: int = 0
    """Operations without the hold that they belong to."""

    @property
    def holds(self) -> list[HoldTold]:
        """What was told of holds."""
        return [one for one in self.told if isinstance(one, HoldTold)]

    @property
    def uses(self) -> list[UseTold]:
        """What was told of reservations."""
        return [one for one in self.told if isinstance(one, UseTold)]

    @property
    def changes(self) -> list[ChangeTold]:
        """What was told of changes."""
        return [one for one in self.told if isinstance(one, ChangeTold)]

    def outcomes(self) -> Counter[tuple[str, str]]:
        """Count what was told, by kind of operation and outcome."""
        counted = Counter[tuple[str, str]]()
        told: list[HoldTold | UseTold | ChangeTold] = [*self.holds, *self.uses, *self.changes]
        for one in told:
            counted[type(one.operation).__name__.lower(), one.outcome] += 1
        return counted
