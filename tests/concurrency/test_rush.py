"""The rush: 997 tickets, eight services, 64 buyers with random wishes; what is sold is exactly what there is."""

import asyncpg
import pytest

from tests.concurrency.buyers import rush
from tests.concurrency.conftest import Eight
from tests.concurrency.rush_ledger import Ledger
from tests.concurrency.rush_sale import LIMITS, TICKETS, assert_sold_exactly, put_rush


@pytest.mark.parametrize("seed", range(5))
async def test_a_rush_sells_exactly_everything(eight: Eight, truth: asyncpg.Pool, seed: int) -> None:
    date_key = await put_rush(truth)
    ledger = Ledger(TICKETS, LIMITS)
    await rush(eight.services, date_key, ledger, seed=seed)
    await assert_sold_exactly(truth, eight.database_url, date_key, ledger)
    assert ledger.outcomes["refused"] > 0
