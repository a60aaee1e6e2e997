"""What the guess is told and what it answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from boxoffice.values import DateKey, GivenBack, Left

ShardFigure: TypeAlias = tuple[int | None, int, int]
"""Something about a counter shard of a date: ticket type id, None for the total; shard id; a number of units."""


class Epoch(NamedTuple):
    """When a full pass began, as Redis counts it; without `name`, Redis was away and the pass stays in this process."""

    number: int
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRoom:
    """The rooms of a date at one moment, shard by shard from 0: in total, and by ticket type, None for no limit."""

    total: Sequence[int]
    types: Mapping[int, Sequence[int | None]]


class Learner(Protocol):
    """Whoever guesses rooms in this process and wants to hear what others saw. No call waits or raises."""

    def learn_given_back(self, given: GivenBack) -> None:
        """Take in that units went back to these shards."""

    def learn_exhausted(
        self, date_key: DateKey, total: Mapping[int, int], types: Mapping[tuple[int, int], int]
    ) -> None:
        """Take in the smallest quantity that each of these shards refuses."""

    def forget(self, date_keys: Iterable[DateKey]) -> None:
        """Take in that nothing is known of these dates any more."""

    def forget_event(self, event_id: int) -> None:
        """Take in that nothing is known of the event's dates any more."""


def left_of(room: DateRoom) -> Left:
    """Return what is left of a date; of a type never more than of the date."""
    available = sum(room.total)
    return Left(
        available=available,
        types={ticket_type: _left_of_type(rooms, available) for ticket_type, rooms in room.types.items()},
    )


def _left_of_type(rooms: Sequence[int | None], available: int) -> int:
    return min(available, sum(available if room is None else room for room in rooms))


def cannot_hold(left: Left, total: int, lines: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a request is too large for what is left; a type that is not known here is bound by the total."""
    if total > left.available:
        return True
    types = left.types
    for ticket_type, quantity in lines:
        room = types.get(ticket_type)
        if room is not None and quantity > room:
            return True
    return False


def exhausted_shards(room: DateRoom, quantity_max: int) -> tuple[ShardFigure, ...]:
    """Return the shards that refuse a quantity up to `quantity_max`: type or None, shard, smallest refused quantity."""
    total = [(None, shard, left + 1) for shard, left in enumerate(room.total) if left < quantity_max]
    types = [
        (ticket_type, shard, left + 1)
        for ticket_type, rooms in room.types.items()
        for shard, left in enumerate(rooms)
        if left is not None and left < quantity_max
    ]
    return (*total, *types)


def figures_of(given: GivenBack) -> tuple[ShardFigure, ...]:
    """Return the units that went back, shard by shard."""
    total = [(None, shard, units) for shard, units in given.total.items()]
    return (*total, *((ticket_type, shard, units) for (ticket_type, shard), units in given.types.items()))


def by_counter(figures: Iterable[ShardFigure]) -> tuple[Mapping[int, int], Mapping[tuple[int, int], int]]:
    """Return the figures of the total by shard, and those of the types by type and shard."""
    total: dict[int, int] = {}
    types: dict[tuple[int, int], int] = {}
    for ticket_type, shard, number in figures:
        if ticket_type is None:
            total[shard] = number
        else:
            types[ticket_type, shard] = number
    return total, types
