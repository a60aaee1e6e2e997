"""A full pass takes its time: whom it may refuse when it is back, and what others are told meanwhile."""

import asyncio
import time
from contextlib import AsyncExitStack

import asyncpg
import pytest
from msgspec import structs

from boxoffice.booking.full_pass import read_whole_date
from boxoffice.booking.values import FullPass
from boxoffice.errors import SoldOut
from boxoffice.settings import Settings
from boxoffice.values import DateKey
from tests.booking.conftest import OpenOffice, open_office, wanted
from tests.waiting import until
from tests.world import put_event, sums_of


async def test_a_pass_that_came_back_too_late_refuses_nobody(settings: Settings) -> None:
    """What it did not see may have been given back longer ago than a refusal may be old: it is made once more."""
    settings = structs.replace(settings, exhausted_ms_max=1)
    async with AsyncExitStack() as at_end:
        other = await open_office(settings, at_end)
        date_key = await put_event(other.pool, max_tickets=1)
        taken = await other.selling.hold(wanted(date_key, (1, 1)))

        async def first_one_is_late(pool: asyncpg.Pool, date_key: DateKey) -> FullPass | None:
            whole = await read_whole_date(pool, date_key)
            if shop.flights.counts.passes == 1:
                read_at = time.monotonic()
                await other.selling.release(date_key.event_id, taken.reservation.id)
                await until(lambda: time.monotonic() - read_at > settings.exhausted_ms_max / 1000)
            return whole

        shop = await open_office(settings, at_end, lambda guess: first_one_is_late)
        await shop.selling.hold(wanted(date_key, (1, 1)))
        assert (shop.flights.counts.passes, shop.flights.counts.sold_out_by_pass) == (2, 0)
        assert (await sums_of(shop.pool, date_key.event_id)).tickets == 1


async def test_who_repeats_a_key_takes_no_room_from_others(settings: Settings) -> None:
    """A repeat is planned like any hold. As its key is taken, its room is there for others: they need no pass."""
    one_by_one = structs.replace(settings, flight_requests_max=1)  # flights of one date at the same time
    read, go_on = asyncio.Event(), asyncio.Event()

    async def first_one_waits(pool: asyncpg.Pool, date_key: DateKey) -> FullPass | None:
        whole = await read_whole_date(pool, date_key)
        if not read.is_set():
            read.set()
            await go_on.wait()
        return whole

    async with AsyncExitStack() as at_end:
        shop = await open_office(one_by_one, at_end, lambda guess: first_one_waits)
        date_key = await put_event(shop.pool, max_tickets=4)
        made = await shop.selling.hold(wanted(date_key, (1, 2), key="k"))
        repeat = asyncio.create_task(shop.selling.hold(wanted(date_key, (1, 2), key="k")))
        await until(read.is_set, seconds_max=30)
        await shop.selling.hold(wanted(date_key, (1, 2)))
        passes = shop.flights.counts.passes
        go_on.set()
        again = await repeat
        assert passes == 1
        assert (again.replayed, again.reservation) == (True, made.reservation)
        assert (await sums_of(shop.pool, date_key.event_id)).tickets == 4


async def test_a_mark_refuses_nobody_who_has_a_key(office: OpenOffice, settings: Settings) -> None:
    shop = await office(structs.replace(settings, exhausted_ms_max=60_000))  # the mark does not end by itself
    date_key = await put_event(shop.pool, max_tickets=2)
    made = await shop.selling.hold(wanted(date_key, (1, 2), key="k"))
    with pytest.raises(SoldOut):
        await shop.selling.hold(wanted(date_key, (1, 1)))
    again = await shop.selling.hold(wanted(date_key, (1, 2), key="k"))
    assert (again.replayed, again.reservation) == (True, made.reservation)
    passes = shop.flights.counts.passes
    with pytest.raises(SoldOut):
        await shop.selling.hold(wanted(date_key, (1, 1), key="another"))
    assert shop.flights.counts.passes == passes + 1
