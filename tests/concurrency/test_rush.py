"""The rush: 997 tickets, eight services, 64 buyers with random wishes; what is sold is exactly what there is."""

import asyncpg
import pytest

from tests.concurrency.buyers import KINDS, Buyer, rush
from tests.concurrency.conftest import Eight
from tests.concurrency.rush_ledger import Ledger
from tests.concurrency.rush_line import closing
from tests.concurrency.rush_sale import (
    LIMIT_OF_TYPE,
    LIMITS,
    TICKETS,
    assert_all_acknowledged,
    assert_sold_exactly,
    put_rush,
)


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


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tickets SET id = gen_random_uuid() WHERE event_id = $1 AND ticket_type = 2",
        "UPDATE tickets SET ticket_type = 3 - ticket_type WHERE event_id = $1 AND ticket_type = 2",
        "DELETE FROM tickets WHERE event_id = $1 AND ticket_type = 2",
        "UPDATE tickets SET reservation_id = (SELECT id FROM reservation WHERE event_id = $1 ORDER BY id LIMIT 1)"
        " WHERE event_id = $1",
    ],
)
async def test_control_a_ticket_that_is_not_as_acknowledged_is_found(
    eight: Eight, truth: asyncpg.Pool, change: str
) -> None:
    date_key = await put_rush(truth)
    ledger = Ledger(TICKETS, LIMITS)
    buyer = Buyer(0, 0, eight.services, date_key, ledger)
    async with closing([buyer.line]):
        assert [await buyer.ask({1: 2, 2: 1}), await buyer.ask({1: 1})] == ["held", "held"]
    await assert_all_acknowledged(truth, date_key, ledger)
    await truth.execute(change, date_key.event_id)
    with pytest.raises(AssertionError, match="|".join(ledger.reservations)):
        await assert_all_acknowledged(truth, date_key, ledger)
