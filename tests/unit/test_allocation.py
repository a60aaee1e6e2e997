"""Which shards to take from: pure, so checked for every small case."""

import random
from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from boxoffice.booking.allocation import Counter, own_shards, preferred_order
from tests.world import rooms_of

NAMES = st.integers(0, 2**64 - 1).map("{:016x}".format)
PROCESSES = st.lists(NAMES, min_size=1, max_size=12, unique=True)
SHARDS = st.integers(1, 40)
ROOMS = st.lists(st.integers(0, 9), min_size=1, max_size=8)


@given(rooms=ROOMS, quantity=st.integers(1, 60))
def test_a_take_fits_exactly_when_the_sum_does(rooms: list[int], quantity: int) -> None:
    counter = Counter(rooms, range(len(rooms)))
    taken = counter.take(quantity)
    assert (taken is not None) == (quantity <= sum(rooms))
    if taken is not None:
        assert len(taken) == quantity
        for shard, units in Tally(taken).items():
            assert units <= rooms[shard]
        assert counter.left == sum(counter.rooms) == sum(rooms) - quantity
        counter.give(taken)
    assert (counter.rooms, counter.left) == (rooms, sum(rooms))


@given(rooms=ROOMS, quantity=st.integers(1, 9))
def test_one_shard_is_preferred_over_a_split(rooms: list[int], quantity: int) -> None:
    taken = Counter(rooms, range(len(rooms))).take(quantity)
    fitting = [shard for shard, room in enumerate(rooms) if room >= quantity]
    if fitting:
        assert taken == [fitting[0]] * quantity


def test_no_limit_always_fits_in_the_preferred_shard() -> None:
    counter = Counter([None, None, None], [2, 0, 1])
    assert counter.take(1_000) == [2] * 1_000
    counter.set_room(2, None)
    counter.limit_room(2, 0)
    assert counter.take(1) == [2]


def test_lines_are_taken_together_or_not_at_all() -> None:
    rooms = rooms_of([3, 3], {1: [2, 2], 2: [None]})
    assert rooms.take([(1, 5)]) is None
    assert rooms.take([(1, 4), (2, 3)]) is None
    assert rooms.take([(3, 1)]) is None
    assert (rooms.total.left, rooms.types[1].left) == (6, 4)
    taken = rooms.take([(1, 4), (2, 2)])
    assert taken == ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0])
    rooms.give([(1, 4), (2, 2)], *taken)
    assert (rooms.total.rooms, rooms.types[1].rooms) == ([3, 3], [2, 2])


def test_each_line_goes_back_to_the_shards_that_it_came_from() -> None:
    rooms = rooms_of([9], {1: [1, 0], 2: [0, 2], 3: [3, 0]})
    lines = [(1, 1), (2, 2), (3, 3)]
    taken = rooms.take(lines)
    assert taken == ([0] * 6, [0, 1, 1, 0, 0, 0])
    rooms.give(lines, *taken)
    assert {kind: counter.rooms for kind, counter in rooms.types.items()} == {1: [1, 0], 2: [0, 2], 3: [3, 0]}


def test_rooms_are_as_they_were_made_and_nobody_doubts_them() -> None:
    rooms = rooms_of([2, 3], {1: [None]})
    assert (rooms.version, rooms.doubted) == (1, False)
    assert (rooms.total.rooms, rooms.total.left) == ([2, 3], 5)
    assert (rooms.types[1].rooms, rooms.types[1].limited) == ([0], False)


def test_what_is_learned_of_unknown_shards_is_left_alone() -> None:
    counter = Counter([1, 1], [0, 1])
    for unknown in (2, 7):
        counter.set_room(unknown, 5)
        counter.open(unknown, 5)
        counter.limit_room(unknown, 0)
    assert (counter.rooms, counter.left) == ([1, 1], 2)
    counter.set_room(0, 4)
    counter.limit_room(1, 0)
    counter.limit_room(0, 9)
    assert (counter.rooms, counter.left) == ([4, 0], 4)


@given(processes=PROCESSES, shards=SHARDS)
def test_processes_begin_with_shards_of_their_own(processes: Sequence[str], shards: int) -> None:
    dealt = own_shards(processes, "total", shards)
    assert set(dealt) == set(processes)
    owned = Tally(shard for own in dealt.values() for shard in own)
    if shards >= len(processes):
        assert owned == dict.fromkeys(range(shards), 1), "each shard has one owner"
        assert spread_of(map(len, dealt.values())) <= 1
    else:
        assert {len(own) for own in dealt.values()} == {1}
        assert set(owned) == set(range(shards))
        assert spread_of(owned.values()) <= 1, "the processes share the rows evenly"


def spread_of(sizes: Iterable[int]) -> int:
    known = list(sizes)
    return max(known) - min(known)


@given(processes=PROCESSES, shards=SHARDS, chance=st.randoms(use_true_random=False))
def test_every_process_deals_the_same(processes: Sequence[str], shards: int, chance: random.Random) -> None:
    shuffled = chance.sample(processes, len(processes))
    assert own_shards(shuffled, "type", shards) == own_shards(processes, "type", shards)


@given(processes=PROCESSES, shards=SHARDS)
def test_an_order_begins_with_the_own_shards_and_leaves_out_none(processes: Sequence[str], shards: int) -> None:
    dealt = own_shards(processes, "total", shards)
    for process in processes:
        order = preferred_order(process, processes, "total", shards)
        assert sorted(order) == list(range(shards))
        assert order[: len(dealt[process])] == dealt[process]


@given(one=NAMES, other=NAMES, shards=st.integers(2, 32))
def test_the_shards_of_others_are_tried_from_their_owners_last(one: str, other: str, shards: int) -> None:
    assume(one != other)
    processes, dealt = [one, other], own_shards([one, other], "total", shards)
    assert preferred_order(one, processes, "total", shards) == dealt[one] + dealt[other][::-1]


def test_processes_of_two_versions_side_by_side_deal_alike() -> None:
    """The deal is agreed on without a word: another one would have old and new processes begin with the same rows."""
    first, second, third = roster_of(3, 0)
    assert own_shards([first, second, third], "total", 8) == {first: [5, 2, 3], second: [6, 4], third: [0, 1, 7]}
    assert own_shards([first, second], "type", 5) == {first: [4, 1, 3], second: [0, 2]}


def test_shards_that_others_come_to_at_the_same_turn_are_tried_in_an_order_of_one_s_own() -> None:
    processes = roster_of(8, 0)
    tried = {
        (process, counter): preferred_order(process, processes, counter, 8)[1:]
        for process in processes
        for counter in ("total", "type")
    }
    alike = [pair for pair in combinations(tried, 2) if are_alike(*map(tried.__getitem__, pair))]
    assert alike == []


def are_alike(one: Sequence[int], other: Sequence[int]) -> bool:
    """Tell whether the shards that stand in both orders stand in the same order in both."""
    return [shard for shard in one if shard in other] == [shard for shard in other if shard in one]


@pytest.mark.parametrize("counter", ["total", "type"])
def test_two_processes_and_two_shards(counter: str) -> None:
    for number in range(50):
        one, other = roster_of(2, number)
        orders = {tuple(preferred_order(process, [one, other], counter, 2)) for process in (one, other)}
        assert orders == {(0, 1), (1, 0)}


def test_a_process_alone_has_an_order_of_its_own() -> None:
    orders = {tuple(preferred_order(name, [name], "total", 16)) for name in roster_of(50, 0)}
    assert len(orders) == 50


@pytest.mark.parametrize(
    ("shards", "before", "moved_max"),
    [(4, 2, 2.0), (16, 1, 8.0), (16, 2, 6.5), (16, 4, 4.7), (16, 8, 3.2), (64, 4, 17.0)],
)
def test_few_shards_move_when_a_process_joins_or_leaves(shards: int, before: int, moved_max: float) -> None:
    """`moved_max` bounds the mean; balance alone asks for a newcomer's share, a fresh deal would move nearly all."""
    share = shards // (before + 1)
    fresh_deal = shards * before / (before + 1)
    assert share <= moved_max <= max(share, fresh_deal * 0.75)
    moved = [moved_by_a_newcomer(shards, roster_of(before + 1, number)) for number in range(100)]
    assert min(moved) >= share
    assert sum(moved) / len(moved) <= moved_max


def moved_by_a_newcomer(shards: int, processes: Sequence[str]) -> int:
    """Count the shards whose owner is another one without the last process than with it."""
    without, joined = (owners(own_shards(some, "total", shards)) for some in (processes[:-1], processes))
    return sum(without[shard] != joined[shard] for shard in range(shards))


def owners(dealt: Mapping[str, Sequence[int]]) -> Mapping[int, str]:
    return {shard: process for process, own in dealt.items() for shard in own}


def roster_of(processes: int, number: int) -> Sequence[str]:
    """Name some processes, others for each number."""
    return [f"{1_000 * number + process:016x}" for process in range(processes)]
