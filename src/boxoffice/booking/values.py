"""What booking is asked for and what it answers."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from boxoffice.values import DateKey, Reservation


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
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
        lines = self.lines
        return lines[0][1] if len(lines) == 1 else sum([quantity for _, quantity in lines])


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A hold that stands; replayed when an earlier request with the same key made it."""

    reservation: Reservation
    replayed: bool = False


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What one booking statement left behind of a date: its version and the room of each counter shard it moved."""

    version: int | None
    total: dict[int, int]
    types: dict[tuple[int, int], int | None]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The reservations that one booking statement made, all at one moment."""

    ids: frozenset[UUID]
    created_at: dt.datetime | None
    expires_at: dt.datetime | None


class FullPass(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can decide a refusal on a date, as it stood at one moment; None stands for no limit."""

    past: bool
    version: int
    overdue: bool
    total: Sequence[int]
    types: Mapping[int, Sequence[int | None]]
