"""Which shards to take tickets from: plain functions of values.

A ticket takes one unit from a shard of the date's total and one from a shard of its type, independently of each other.
So a request fits exactly when the total and each of its types have enough room over all their shards.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from hashlib import blake2b
from typing import Generic, TypeVar

Holder = TypeVar("Holder", bound=Hashable)
UNLIMITED = 2**31 - 1


class Counter:
    """What one process believes is left in the shards of one limit; wrong guesses cost a repeat, never a ticket.

    Rooms are units by shard id; a limit that does not exist has None for each. `order` lists the shards in the order in
    which this process prefers them.
    """

    __slots__ = ("left", "limited", "order", "rooms")

    def __init__(self, rooms: Sequence[int | None], order: Sequence[int]) -> None:
        self.limited = None not in rooms
        self.rooms = [0 if room is None else room for room in rooms]
        self.left = sum(self.rooms) if self.limited else UNLIMITED
        self.order = order

    def take(self, quantity: int) -> list[int] | None:
        """Take units: return the shard of each, or None (and take nothing) when fewer are left.

        One shard that holds the whole quantity is preferred over a split, so that a hold touches few rows.
        """
        if not self.limited:
            return [self.order[0]] * quantity
        if quantity > self.left:
            return None
        self.left -= quantity
        for shard in self.order:
            if self.rooms[shard] >= quantity:
                self.rooms[shard] -= quantity
                return [shard] * quantity
        return self._split(quantity)

    def _split(self, quantity: int) -> list[int]:
        taken: list[int] = []
        for shard in self.order:
            part = min(self.rooms[shard], quantity - len(taken))
            self.rooms[shard] -= part
            taken += [shard] * part
        return taken

    def give(self, shards: Sequence[int]) -> None:
        """Undo a take."""
        for shard in shards:
            self.open(shard, 1)

    def open(self, shard: int, quantity: int) -> None:
        """Learn that units went back to a shard; one that this counter does not know is left alone."""
        if self.limited and shard < len(self.rooms):
            self.rooms[shard] += quantity
            self.left += quantity

    def set_room(self, shard: int, room: int | None) -> None:
        """Learn what is left in one shard; one that this counter does not know is left alone."""
        if self.limited and room is not None and shard < len(self.rooms):
            self.left += room - self.rooms[shard]
            self.rooms[shard] = room

    def limit_room(self, shard: int, room: int) -> None:
        """Learn that a shard has no more than this."""
        if shard < len(self.rooms) and room < self.rooms[shard]:
            self.set_room(shard, room)


class Rooms:
    """What one process believes is left of one date, in total and by type, as of one version of the date.

    It is doubted from when a plan failed and a full pass replaced what was believed, until a plan has held.
    """

    __slots__ = ("doubted", "total", "types", "version")

    def __init__(self, version: int | None, total: Counter, types: Mapping[int, Counter]) -> None:
        self.version = version
        self.total = total
        self.types = types
        self.doubted = False

    def take(self, lines: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]] | None:
        """Take all lines or nothing: return for each ticket, in order of the lines, its two shards."""
        if not self.fits(lines):
            return None
        total = self.total.take(sum(quantity for _, quantity in lines))
        of_types = [self.types[ticket_type].take(quantity) for ticket_type, quantity in lines]
        return total or [], [shard for part in of_types for shard in part or ()]

    def fits(self, lines: Sequence[tuple[int, int]]) -> bool:
        """Tell whether all lines could be taken, were there nobody else. Each type stands in one line."""
        return sum(quantity for _, quantity in lines) <= self.total.left and all(
            ticket_type in self.types and quantity <= self.types[ticket_type].left for ticket_type, quantity in lines
        )

    def give(self, lines: Sequence[tuple[int, int]], total: Sequence[int], of_types: Sequence[int]) -> None:
        """Undo a take."""
        self.total.give(total)
        start = 0
        for ticket_type, quantity in lines:
            self.types[ticket_type].give(of_types[start : start + quantity])
            start += quantity


def preferred_order(process: str, processes: Collection[str], counter: str, shards: int) -> list[int]:
    """Order the shards of a counter for one of the live processes: its own first, then those of the others.

    Of the others' it begins with those that their owners come to last: there it meets them latest, and there what it
    believes is left is likeliest to be true.
    """
    dealt = own_shards(processes, counter, shards)
    place = {shard: turn for own in dealt.values() for turn, shard in enumerate(own)}
    others = set(range(shards)).difference(dealt[process])
    return dealt[process] + sorted(
        others, key=lambda shard: (place[shard], _weight(process, counter, shard)), reverse=True
    )


def own_shards(processes: Collection[str], counter: str, shards: int) -> dict[str, list[int]]:
    """Deal the shards of a counter out to the live processes: those of each, in the order in which it prefers them.

    Whoever asks with the same processes gets the same answer. Shards that are not fewer than the processes have one
    owner each, and the processes equally many to within one; fewer shards are shared, one to a process, by equally many
    processes to within one. The pairs are taken by rendezvous hashing, greatest weight first, as far as both still have
    room: so most of what a process had stays with it when another joins or leaves.
    """
    pairs = sorted(
        ((_weight(process, counter, shard), process, shard) for process in processes for shard in range(shards)),
        reverse=True,
    )
    units = max(len(processes), shards)
    of_process, of_shard = _Portions(units, processes), _Portions(units, range(shards))
    dealt: dict[str, list[int]] = {process: [] for process in processes}
    for _, process, shard in pairs:
        if of_process.has_room(process) and of_shard.has_room(shard):
            of_process.fill(process)
            of_shard.fill(shard)
            dealt[process].append(shard)
    return dealt


class _Portions(Generic[Holder]):
    """Room for a number of units at several holders, for equally many at each, to within one."""

    __slots__ = ("_filled", "_larger_left", "_size")

    def __init__(self, units: int, holders: Collection[Holder]) -> None:
        self._size, self._larger_left = divmod(units, len(holders))
        self._filled = dict.fromkeys(holders, 0)

    def has_room(self, holder: Holder) -> bool:
        filled = self._filled[holder]
        return filled < self._size or (filled == self._size and self._larger_left > 0)

    def fill(self, holder: Holder) -> None:
        self._larger_left -= self._filled[holder] == self._size
        self._filled[holder] += 1


def _weight(process: str, counter: str, shard: int) -> bytes:
    return blake2b(f"{process} {counter} {shard}".encode(), digest_size=8).digest()
