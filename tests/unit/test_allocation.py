"""Which shards to take from: pure, so checked for every small case."""

from collections import Counter as Tally

from hypothesis import given
from hypothesis import strategies as st

from boxoffice.booking.allocation import Counter, preferred_order
from tests.world import rooms_of

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


def test_what_is_learned_of_unknown_shards_is_left_alone() -> None:
    counter = Counter([1, 1], [0, 1])
    counter.set_room(7, 5)
    counter.open(7, 5)
    counter.limit_room(7, 0)
    assert (counter.rooms, counter.left) == ([1, 1], 2)
    counter.set_room(0, 4)
    counter.limit_room(1, 0)
    counter.limit_room(0, 9)
    assert (counter.rooms, counter.left) == ([4, 0], 4)


@given(shards=st.integers(1, 256), processes=st.integers(2, 4))
def test_processes_prefer_different_shards(shards: int, processes: int) -> None:
    orders = [preferred_order(bytes([number]) * 16, b"total", shards) for number in range(processes)]
    for order in orders:
        assert sorted(order) == list(range(shards))
    if shards >= 128:
        assert len({tuple(order) for order in orders}) == processes
