"""The guess: what this process believes is left in each shard, date by date.

Modes of a date: unknown (nothing remembered), assumed (as if nothing were sold, from the event's description), learned
(from booking statements and full passes). A wrong guess costs a repeat, never a ticket and never a refusal.

All counters with as many shards share one list, the order in which this process tries them. When another process joins
or leaves, the lists change in place, and with them every date that is remembered.
"""

import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from boxoffice.booking.allocation import Counter, Rooms, own_shards, preferred_order
from boxoffice.booking.values import FullPass, Moved
from boxoffice.catalog.spread import spread
from boxoffice.catalog.values import EventDescription
from boxoffice.values import DateKey, GivenBack

_TOTAL = "total"
_TYPE = "type"


class Order(list[int]):
    """The shards of a counter as this process tries them: its own come first, and take turns at being the first.

    So a date's shards fill evenly, and plans that are under way at once begin at different rows.
    """

    def deal(self, process: str, processes: Sequence[str], counter: str, shards: int) -> None:
        """Share the shards out among these processes."""
        self[:] = preferred_order(process, processes, counter, shards)
        self._own = len(own_shards(processes, counter, shards)[process])

    def turn(self) -> None:
        """Begin with the next of the own shards."""
        if self._own > 1:
            self.insert(self._own - 1, self.pop(0))


class Guess:
    """Rooms of the dates that this process sells, the least recently used forgotten beyond `dates_max`."""

    def __init__(self, dates_max: int, process: str | None = None) -> None:
        self._dates: OrderedDict[DateKey, Rooms] = OrderedDict()
        self._dates_max = dates_max
        self._orders: dict[tuple[str, int], Order] = {}
        self.process = process or os.urandom(8).hex()
        self.processes: Sequence[str] = (self.process,)

    def learn_processes(self, processes: Iterable[str]) -> None:
        """Share all shards with these live processes from now on, those of remembered dates too."""
        self.processes = sorted({self.process, *processes})
        for (counter, shards), order in self._orders.items():
            order.deal(self.process, self.processes, counter, shards)

    def turn(self) -> None:
        """Have the next plan begin with other shards than the one before it."""
        for order in self._orders.values():
            order.turn()

    def own_shards(self, ticket_type: int | None, shards: int) -> Mapping[str, Sequence[int]]:
        """Return the shards that each live process begins with: of a total (None) or a type with so many shards."""
        return own_shards(self.processes, _TOTAL if ticket_type is None else _TYPE, shards)

    def __len__(self) -> int:
        return len(self._dates)

    def latest(self) -> Iterator[Rooms]:
        """Yield what is remembered of each date, the one that was asked for last first."""
        return reversed(self._dates.values())

    def rooms_of(self, date_key: DateKey) -> Rooms | None:
        """Return what is remembered of a date, to take from; None when it is unknown."""
        rooms = self._dates.get(date_key)
        if rooms is not None:
            self._dates.move_to_end(date_key)
        return rooms

    def assume(self, date_key: DateKey, event: EventDescription) -> Rooms:
        """Begin a date as if nothing were sold of it: the cheapest first guess, corrected by the first refusal."""
        types = {offered.ticket_type_id: spread(offered.max, offered.num_shards) for offered in event.ticket_types}
        return self._remember(date_key, None, spread(event.max_tickets, event.num_shards), types)

    def learn_pass(self, date_key: DateKey, whole: FullPass) -> Rooms:
        """Replace the guess by what a full pass read."""
        rooms = self._remember(date_key, whole.version, whole.total, whole.types)
        rooms.doubted = True
        return rooms

    def learn_moved(self, date_key: DateKey, moved: Moved) -> None:
        """Correct the shards that a booking moved; a date that was changed meanwhile is forgotten."""
        rooms = self._dates.get(date_key)
        if rooms is None:
            return
        if rooms.version is None:
            rooms.version = moved.version
        if rooms.version != moved.version:
            del self._dates[date_key]
            return
        rooms.doubted = False
        for shard, room in moved.total.items():
            rooms.total.set_room(shard, room)
        for (ticket_type, shard), room_of_type in moved.types.items():
            rooms.types[ticket_type].set_room(shard, room_of_type)

    def learn_given_back(self, given: GivenBack) -> None:
        """Open the shards that units went back to."""
        rooms = self._dates.get(given.date_key)
        if rooms is None:
            return
        for shard, quantity in given.total.items():
            rooms.total.open(shard, quantity)
        for (ticket_type, shard), quantity in given.types.items():
            if ticket_type in rooms.types:
                rooms.types[ticket_type].open(shard, quantity)

    def learn_exhausted(
        self, date_key: DateKey, total: Mapping[int, int], types: Mapping[tuple[int, int], int]
    ) -> None:
        """Leave out shards that another process found too full: smallest refused quantity by shard."""
        rooms = self._dates.get(date_key)
        if rooms is None:
            return
        for shard, refused in total.items():
            rooms.total.limit_room(shard, refused - 1)
        for (ticket_type, shard), refused in types.items():
            if ticket_type in rooms.types:
                rooms.types[ticket_type].limit_room(shard, refused - 1)

    def forget(self, date_keys: Iterable[DateKey]) -> None:
        """Drop what is remembered of these dates."""
        for date_key in date_keys:
            self._dates.pop(date_key, None)

    def forget_event(self, event_id: int) -> None:
        """Drop what is remembered of an event's dates: it was changed."""
        self.forget(self.dates_of(event_id))

    def dates_of(self, event_id: int) -> Sequence[DateKey]:
        """Return the dates of an event of which anything is remembered."""
        return [date_key for date_key in self._dates if date_key.event_id == event_id]

    def _remember(
        self,
        date_key: DateKey,
        version: int | None,
        total: Sequence[int | None],
        types: Mapping[int, Sequence[int | None]],
    ) -> Rooms:
        rooms = Rooms(
            version,
            Counter(total, self._order(_TOTAL, len(total))),
            {ticket_type: Counter(shards, self._order(_TYPE, len(shards))) for ticket_type, shards in types.items()},
        )
        self._dates[date_key] = rooms
        self._dates.move_to_end(date_key)
        if len(self._dates) > self._dates_max:
            self._dates.popitem(last=False)
        return rooms

    def _order(self, counter: str, shards: int) -> Sequence[int]:
        order = self._orders.get((counter, shards))
        if order is None:
            order = self._orders[counter, shards] = Order()
            order.deal(self.process, self.processes, counter, shards)
        return order
