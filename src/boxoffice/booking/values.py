"""What booking is asked for and what it answers."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from boxoffice.values import DateKey, Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request to hold tickets: (ticket type, quantity) lines, each type once, sorted by type.

    `gone` tells whether the client has left; it is asked before the request is booked.
    """

    date_key: DateKey
    lines: tuple[tuple[int, int], ...]
    idempotency_key: str | None = None
    gone: Callable[[], bool] | None = None

    @property
    def total(self) -> int:
        """Units over all lines."""
        return sum(quantity for _, quantity in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A hold that stands; replayed when an earlier request with the same key made it."""

    reservation: Reservation
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What one booking statement left behind: the date's version and the room of each counter shard it moved."""

    version: int | None
    total: Mapping[int, int]
    types: Mapping[tuple[int, int], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The reservations that one booking statement made, all at one moment."""

    ids: frozenset[UUID]
    created_at: dt.datetime | None
    expires_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FullPass:
    """Everything that can decide a refusal on a date, as it stood at one moment; None stands for no limit."""

    past: bool
    version: int
    overdue: bool
    total: Sequence[int]
    types: Mapping[int, Sequence[int | None]]
