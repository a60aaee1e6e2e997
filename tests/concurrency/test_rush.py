"""The rush: 997 tickets, eight services, 64 buyers with random wishes; what is sold is exactly what there is."""

import asyncpg
import pytest

from tests.concurrency.buyers import KINDS, rush
from tests.concurrency.conftest import Eight
from tests.concurrency.rush_ledger import Ledger
from tests.concurrency.rush_sale import LIMIT_OF_TYPE, LIMITS, TICKETS, assert_sold_exactly, put_rush


@pytest.mark.parametrize(("seed", "wishes"), [(0, (1, 1)), (1, (6, 1)), (2, (1, 6)), (3, (1, 1)), (4, (6, 1))])
async def test_a_rush_sells_exactly_everything(
    eight: Eight, truth: asyncpg.Pool, seed: int, wishes: tuple[int, int]
) -> None:
    date_key = await put_rush(truth)
    ledger = Ledger(TICKETS, LIMITS)
    await rush(eight.services, date_key, ledger, seed=seed, wishes=wishes)
    await assert_sold_exactly(truth, eight.database_url, date_key, ledger)
    assert ledger.outcomes["refused"] > 0
    for kind, wish in zip(KINDS, wishes, strict=True):
        if wish > 1:
            assert ledger.held_of(kind) == LIMIT_OF_TYPE, "the type that nearly everyone wants is sold out"
