"""What is true after a run: the reservations, the tickets, and the audit's verdict, whatever anybody was told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from boxoffice.values import DateKey
from stress.events import Events
from stress.values import Audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A reservation that is there: whether it is paid, and how many tickets are its own."""

    paid: bool
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was found when the last hold had expired: what is left, and what was removed meanwhile (None: not seen)."""

    reservations: Mapping[str, Booked]
    tickets: Mapping[DateKey, int]
    removed: int | None


class Witness(Protocol):
    """Whoever can tell what is true: the database, or the admin routes of a service whose database is not ours."""

    def wait_for_holds(self, events: Events) -> None:
        """Return when no unpaid hold is left of the events. Raises CannotRun when some never go."""
        ...

    def reservations(self, events: Events) -> Mapping[str, Booked]:
        """Return the live reservations of the events by their public ids."""
        ...

    def tickets(self, events: Events) -> Mapping[DateKey, int]:
        """Return how many tickets each date has, held and paid."""
        ...

    def removed(self) -> int | None:
        """Return how many reservations were ever removed, let go or expired; None where that is not seen."""
        ...

    def audit(self, events: Events, when: str) -> Audit:
        """Recount the events and compare."""
        ...
