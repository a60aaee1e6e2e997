"""What is left of a date, and what does not fit into it: plain functions of what a full pass saw."""

import pytest

from boxoffice.availability.values import DateRoom, by_counter, cannot_hold, exhausted_shards, figures_of, left_of
from boxoffice.values import DateKey, GivenBack, Left
from tests.world import DATE, START

KEY = DateKey(7, DATE, START)
ROOM = DateRoom(total=[4, 0, 3], types={1: [5, 0], 2: [None, None], 3: [9]})


def test_of_a_type_there_is_never_more_left_than_of_the_date() -> None:
    assert left_of(ROOM) == Left(available=7, types={1: 5, 2: 7, 3: 7})


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ([(1, 5)], False),
        ([(1, 6)], True),
        ([(2, 7)], False),
        ([(2, 8)], True),
        ([(1, 5), (2, 2)], False),
        ([(1, 5), (2, 3)], True),
        ([(4, 7)], False),
        ([(4, 1), (1, 6)], True),
        ([(1, 6), (4, 1)], True),
    ],
)
def test_a_request_is_too_large_for_the_date_or_for_one_of_its_types(
    lines: list[tuple[int, int]], refused: bool
) -> None:
    assert cannot_hold(left_of(ROOM), sum(quantity for _, quantity in lines), lines) == refused


def test_a_shard_is_exhausted_for_what_is_more_than_it_has() -> None:
    assert exhausted_shards(ROOM, 4) == ((None, 1, 1), (None, 2, 4), (1, 1, 1))
    assert exhausted_shards(ROOM, 5) == ((None, 0, 5), (None, 1, 1), (None, 2, 4), (1, 1, 1))
    assert exhausted_shards(ROOM, 0) == ()


def test_figures_are_told_shard_by_shard_and_read_back() -> None:
    given = GivenBack(date_key=KEY, total={0: 2, 3: 1}, types={(1, 0): 2, (2, 5): 1})
    figures = figures_of(given)
    assert figures == ((None, 0, 2), (None, 3, 1), (1, 0, 2), (2, 5, 1))
    assert by_counter(figures) == (given.total, given.types)
