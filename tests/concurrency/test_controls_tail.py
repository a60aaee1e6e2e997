"""The exact tail: a refusal rests on a full pass over the database. With it everything is sold; on the guess it is not.

Each office is a process's worth of selling, with connections, guess and marks of its own.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg
import pytest

from boxoffice.booking.allocation import Counter
from boxoffice.booking.audit import audit
from boxoffice.booking.values import FullPass
from boxoffice.errors import SoldOut
from boxoffice.guess import Guess
from boxoffice.hold_flight import ReadWholeDate
from boxoffice.settings import Settings
from boxoffice.values import DateKey
from tests.booking.conftest import Office, exact, open_office, wanted
from tests.world import Type, put_event, sums_of

OFFICES = 4
BUYERS = 24
TICKETS = 97
SHARDS = 8


@dataclass(frozen=True, slots=True)
class Believing:
    """In place of the full pass: what the guess believes, as though it had been read."""

    guess: Guess

    async def __call__(self, pool: asyncpg.Pool, date_key: DateKey) -> FullPass | None:
        rooms = self.guess.rooms_of(date_key)
        assert rooms is not None
        return FullPass(
            past=False,
            version=rooms.version or 1,
            overdue=False,
            total=believed(rooms.total),
            types={ticket_type: believed(counter) for ticket_type, counter in rooms.types.items()},
        )


def believed(counter: Counter) -> Sequence[int]:
    assert counter.limited
    return counter.rooms


async def rush(settings: Settings, full_pass_of: Callable[[Guess], ReadWholeDate], seed: int) -> int:
    """Let buyers ask for 1 to 4 tickets until one ticket of the date is refused; return how many were sold."""
    async with AsyncExitStack() as at_end:
        offices = [await open_office(settings, at_end, full_pass_of) for _ in range(OFFICES)]
        types = [Type(limit=TICKETS, shards=SHARDS)]
        date_key = await put_event(offices[0].pool, max_tickets=TICKETS, shards=SHARDS, types=types)
        await asyncio.gather(
            *(buy(offices[number % OFFICES], date_key, random.Random(100 * seed + number)) for number in range(BUYERS))
        )
        return (await sums_of(offices[0].pool, date_key.event_id)).tickets


async def buy(office: Office, date_key: DateKey, chance: random.Random) -> None:
    """Buy, and ask for less when refused, until one ticket is refused; let one hold in four go again."""
    quantity = chance.randint(1, 4)
    while quantity:
        try:
            held = await office.selling.hold(wanted(date_key, (1, quantity)))
        except SoldOut:
            quantity -= 1
            continue
        if chance.random() < 0.25:
            await office.selling.release(date_key.event_id, held.reservation.id)
        quantity = chance.randint(1, 4)


@pytest.mark.parametrize("seed", range(3))
async def test_a_rush_sells_everything(settings: Settings, database_url: str, seed: int) -> None:
    assert await rush(settings, exact, seed) == TICKETS
    assert (await audit(database_url)).clean


async def test_control_refusals_on_the_guess_leave_tickets_unsold(settings: Settings, database_url: str) -> None:
    sold = [await rush(settings, Believing, seed) for seed in range(3)]
    assert min(sold) < TICKETS
    assert max(sold) <= TICKETS
    assert (await audit(database_url)).clean
