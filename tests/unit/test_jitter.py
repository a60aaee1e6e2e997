"""Jitter spreads over all of its range, and never leaves it."""

import pytest

from boxoffice.jitter import jittered

DRAWS = 2_000


@pytest.mark.parametrize(
    ("bounds", "least", "most"),
    [((), 5.0, 10.0), ((0.8,), 8.0, 10.0), ((2.0, 3.0), 20.0, 30.0), ((1.0, 1.0), 10.0, 10.0)],
)
def test_it_draws_a_part_between_the_bounds(bounds: tuple[float, ...], least: float, most: float) -> None:
    drawn = [jittered(10.0, *bounds) for _ in range(DRAWS)]
    assert least <= min(drawn) <= least + 0.1 * (most - least)
    assert most - 0.1 * (most - least) <= max(drawn) <= most
