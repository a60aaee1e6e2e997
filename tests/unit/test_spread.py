"""Limits spread over shards: exact sums, even parts, never below what is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.catalog.spread import fold, rebalance, spread
from boxoffice.tables import SHARDS_MAX, TICKETS_MAX

shard_counts = st.integers(1, SHARDS_MAX)
all_currents = st.lists(st.integers(0, 10_000), min_size=1, max_size=SHARDS_MAX)


def known(maxima: list[int | None]) -> list[int]:
    assert None not in maxima
    return [one for one in maxima if one is not None]


def test_a_thousand_over_three_is_all_of_it() -> None:
    assert spread(1000, 3) == [334, 333, 333]


def test_no_limit_stays_none() -> None:
    assert spread(None, 3) == [None, None, None]
    assert rebalance([5, 0], None) == [None, None]


@given(limit=st.integers(0, TICKETS_MAX), shards=shard_counts)
def test_spread_is_exact_and_even(limit: int, shards: int) -> None:
    maxima = known(spread(limit, shards))
    assert len(maxima) == shards
    assert sum(maxima) == limit
    assert max(maxima) - min(maxima) <= 1


@given(currents=all_currents, shards=shard_counts)
def test_fold_loses_no_ticket(currents: list[int], shards: int) -> None:
    folded = fold(currents, shards)
    assert len(folded) == shards
    assert sum(folded) == sum(currents)


@given(currents=all_currents)
def test_fold_adds_each_vanished_shard_to_its_rest(currents: list[int]) -> None:
    assert fold(currents, len(currents)) == currents
    assert fold(currents, 3) == [sum(currents[0::3]), sum(currents[1::3]), sum(currents[2::3])]


@given(currents=all_currents, free=st.integers(0, TICKETS_MAX))
def test_rebalance_is_exact_with_even_room(currents: list[int], free: int) -> None:
    limit = sum(currents) + free
    maxima = known(rebalance(currents, limit))
    rooms = [shard_max - current for shard_max, current in zip(maxima, currents, strict=True)]
    assert sum(maxima) == limit
    assert min(rooms) >= 0
    assert max(rooms) - min(rooms) <= 1


@given(currents=all_currents)
def test_rebalance_refuses_a_limit_below_what_is_taken(currents: list[int]) -> None:
    with pytest.raises(ValueError, match="taken"):
        rebalance(currents, sum(currents) - 1)
