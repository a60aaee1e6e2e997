"""Guess, book, learn: what buyers are told is true, whoever asks and however many at once."""

import asyncio
import datetime as dt
import random

import asyncpg
import pytest
from msgspec import structs

from boxoffice.booking.values import Held
from boxoffice.errors import DatePast, IdempotencyKeyReused, InvalidRequest, NotFound, ReservationGone, SoldOut
from boxoffice.settings import Settings
from boxoffice.values import DateKey
from tests.booking.conftest import Office, OpenOffice, wanted
from tests.waiting import until
from tests.world import STARTS_AT, Type, a_day_before, make_overdue, put_date, put_event, sums_of


async def test_a_hold_answers_what_the_database_holds(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=10, shards=3, types=[Type(limit=6, shards=2), Type(limit=None)])
    held = await shop.selling.hold(wanted(date_key, (1, 5), (2, 2)))
    assert not held.replayed
    assert await shop.selling.find(date_key.event_id, held.reservation.id) == held.reservation
    assert [ticket.ticket_type for ticket in held.reservation.tickets] == [1] * 5 + [2] * 2
    assert (await sums_of(shop.pool, date_key.event_id)).tickets == 7


@pytest.mark.one_node
async def test_an_uncontended_hold_is_one_round_trip(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=100, shards=4)
    await shop.selling.hold(wanted(date_key, (1, 1)))
    await shop.pool.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    before = await statements(shop.pool)
    for _ in range(10):
        await shop.selling.hold(wanted(date_key, (1, 2)))
    assert await statements(shop.pool) - before == 10
    assert shop.flights.counts.passes == 0


async def statements(pool: asyncpg.Pool) -> int:
    """Count all statements that clients sent so far, the driver's own too; foreign-key checks are not sent."""
    calls: int = await pool.fetchval(
        "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements"
        " WHERE toplevel AND query !~ 'pg_stat_statements'"
    )
    return calls


async def test_a_refusal_says_what_is_left_and_what_is_left_can_be_had(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=10, shards=4, types=[Type(limit=6, shards=4), Type(limit=None)])
    await shop.selling.hold(wanted(date_key, (1, 4)))
    with pytest.raises(SoldOut) as refusal:
        await shop.selling.hold(wanted(date_key, (1, 3)))
    assert (refusal.value.left.available, refusal.value.left.types) == (6, {1: 2, 2: 6})
    await shop.selling.hold(wanted(date_key, (1, 2), (2, 4)))
    assert (await sums_of(shop.pool, date_key.event_id)).tickets == 10
    with pytest.raises(SoldOut) as refusal:
        await shop.selling.hold(wanted(date_key, (2, 1)))
    assert (refusal.value.left.available, refusal.value.left.types) == (0, {1: 0, 2: 0})


async def test_what_was_paid_long_ago_is_sold_and_not_overdue(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=4)
    held = await shop.selling.hold(wanted(date_key, (1, 4)))
    await shop.selling.pay(date_key.event_id, held.reservation.id, "paid")
    await shop.pool.execute(
        f"UPDATE reservation SET created_at = {a_day_before('created_at')}, paid_at = {a_day_before('paid_at')},"  # noqa: S608 - columns of ours
        f" expires_at = {a_day_before('expires_at')}"
    )
    with pytest.raises(SoldOut):
        await shop.selling.hold(wanted(date_key, (1, 1)))
    assert shop.flights.counts.passes == 1


async def test_refusals_after_the_first_ask_nobody(office: OpenOffice, settings: Settings) -> None:
    shop = await office(structs.replace(settings, exhausted_ms_max=10_000))
    date_key = await put_event(shop.pool, max_tickets=1)
    await shop.selling.hold(wanted(date_key, (1, 1)))
    results = await asyncio.gather(
        *(shop.selling.hold(wanted(date_key, (1, 1))) for _ in range(100)), return_exceptions=True
    )
    assert all(isinstance(result, SoldOut) for result in results)
    assert shop.flights.counts.passes == 1


async def test_what_one_process_gives_back_another_one_sells(office: OpenOffice, settings: Settings) -> None:
    lasting = structs.replace(settings, exhausted_ms_max=60_000)  # the mark does not end by itself
    first, second = await office(lasting), await office(lasting)
    date_key = await put_event(first.pool, max_tickets=4, shards=2)
    held = await first.selling.hold(wanted(date_key, (1, 4)))
    for shop in (first, second):
        with pytest.raises(SoldOut):
            await shop.selling.hold(wanted(date_key, (1, 1)))
    await first.selling.release(date_key.event_id, held.reservation.id)
    await first.selling.hold(wanted(date_key, (1, 1)))
    await until(lambda: second.marks.refuses(date_key, 1, [(1, 1)]) is None)
    await second.selling.hold(wanted(date_key, (1, 3)))
    assert (await sums_of(first.pool, date_key.event_id)).tickets == 4


async def test_overdue_holds_are_sold_again_without_a_sweeper(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=6, shards=3, types=[Type(limit=6, shards=2)])
    old = await shop.selling.hold(wanted(date_key, (1, 6), key="mine"))
    await make_overdue(shop.pool, date_key.event_id)
    new = await shop.selling.hold(wanted(date_key, (1, 6), key="mine"))
    assert new.reservation.id != old.reservation.id
    assert not new.replayed
    with pytest.raises(ReservationGone):
        await shop.selling.find(date_key.event_id, old.reservation.id)


async def test_one_key_at_once_from_three_processes_on_the_last_tickets(office: OpenOffice) -> None:
    shops = [await office() for _ in range(3)]
    date_key = await put_event(shops[0].pool, max_tickets=5, shards=4, types=[Type(limit=5, shards=2)])
    results = await asyncio.gather(
        *(shops[n % 3].selling.hold(wanted(date_key, (1, 5), key="only-once")) for n in range(50))
    )
    assert len({held.reservation.id for held in results}) == 1
    assert [held.replayed for held in results].count(False) == 1
    assert len({str(held.reservation) for held in results}) == 1
    assert (await sums_of(shops[0].pool, date_key.event_id)).tickets == 5


async def test_a_key_belongs_to_its_request(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=5, types=[Type(limit=None), Type(limit=None)])
    held = await shop.selling.hold(wanted(date_key, (1, 5), key="k"))
    for other in (wanted(date_key, (1, 4), key="k"), wanted(date_key, (1, 4), (2, 1), key="k")):
        with pytest.raises(IdempotencyKeyReused):
            await shop.selling.hold(other)
    await shop.selling.pay(date_key.event_id, held.reservation.id, "ref")
    again = await shop.selling.hold(wanted(date_key, (1, 5), key="k"))
    assert again.replayed
    with pytest.raises(SoldOut):
        await shop.selling.hold(wanted(date_key, (1, 1), key="another"))


async def test_what_cannot_be_sold_says_why(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=5)
    past = await put_event(shop.pool, max_tickets=5, starts_at=STARTS_AT - dt.timedelta(days=800))
    with pytest.raises(NotFound):
        await shop.selling.hold(wanted(date_key._replace(event_id=99), (1, 1)))
    with pytest.raises(NotFound):
        await shop.selling.hold(wanted(date_key._replace(start_time=dt.time(1)), (1, 1)))
    with pytest.raises(InvalidRequest):
        await shop.selling.hold(wanted(date_key, (7, 1)))
    with pytest.raises(DatePast):
        await shop.selling.hold(wanted(past, (1, 1), key="k"))
    assert [len(shop.guess.dates_of(one.event_id)) for one in (date_key, past)] == [0, 0]


async def test_a_process_that_meets_a_date_first_leaves_out_the_shards_known_to_be_full(
    office: OpenOffice, settings: Settings
) -> None:
    first = await office()
    date_key = await put_event(first.pool, max_tickets=40, shards=40)
    await first.selling.hold(wanted(date_key, (1, 39)))
    with pytest.raises(SoldOut):
        await first.selling.hold(wanted(date_key, (1, 2)))
    await until(lambda: shards_known(first, date_key))
    second = await office()
    await second.selling.hold(wanted(date_key, (1, 1)))
    assert (second.flights.counts.plans_failed, second.flights.counts.passes) == (0, 0)


async def shards_known(shop: Office, date_key: DateKey) -> bool:
    total, _ = await shop.marks.exhausted_shards(date_key)
    return len(total) == 40


@pytest.mark.parametrize("seed", range(3))
async def test_a_rush_from_four_processes_sells_exactly_everything(office: OpenOffice, seed: int) -> None:
    shops = [await office() for _ in range(4)]
    date_key = await put_event(
        shops[0].pool, max_tickets=197, shards=16, types=[Type(limit=120, shards=4), Type(limit=120, shards=4)]
    )
    refused_one_of = set[int]()

    async def buyer(number: int) -> int:
        chooser = random.Random(seed * 1000 + number)
        bought = 0
        while refused_one_of != {1, 2}:
            first = chooser.randint(0, 3)
            lines = [(kind, units) for kind, units in ((1, first), (2, chooser.randint(0 if first else 1, 3))) if units]
            while lines:
                try:
                    held = await shops[number % 4].selling.hold(wanted(date_key, *lines))
                except SoldOut:
                    if sum(units for _, units in lines) == 1:
                        refused_one_of.add(lines[0][0])
                    lines = [(kind, units - 1) for kind, units in lines if units > 1]
                else:
                    bought += len(held.reservation.tickets)
                    break
        return bought

    assert sum(await asyncio.gather(*(buyer(number) for number in range(32)))) == 197
    sums = await sums_of(shops[0].pool, date_key.event_id)
    assert sums.tickets == 197
    for kind in (1, 2):
        assert sum(units for (ticket_type, _), units in sums.types.items() if ticket_type == kind) <= 120


async def test_one_hold_after_the_other_fills_the_shards_evenly(office: OpenOffice) -> None:
    shop = await office()
    date_key = await put_event(shop.pool, max_tickets=40, shards=4, types=[Type(limit=40, shards=2)])
    for _ in range(4):
        await shop.selling.hold(wanted(date_key, (1, 2)))
    sums = await sums_of(shop.pool, date_key.event_id)
    assert (sums.total, sums.types) == (dict.fromkeys(range(4), 2), {(1, 0): 4, (1, 1): 4})


async def test_dates_that_wait_together_are_booked_together(office: OpenOffice, settings: Settings) -> None:
    shop = await office(structs.replace(settings, database_connections_max=1))
    first = await put_event(shop.pool, max_tickets=100, shards=2, types=[Type(limit=50, shards=2)])
    dates = [first, *[await put_date(shop.pool, first, days=days) for days in range(1, 6)]]
    await shop.selling.hold(wanted(first, (1, 1)))
    held = await asyncio.gather(*(shop.selling.hold(wanted(key, (1, 2))) for _ in range(3) for key in dates))
    assert [(one.reservation.date, len(one.reservation.tickets)) for one in held] == [
        (key.date, 2) for key in dates
    ] * 3
    assert shop.flights.counts.flights == 2
    assert (shop.flights.counts.plans_failed, shop.flights.counts.passes) == (0, 0)
    assert (await sums_of(shop.pool, first.event_id)).tickets == 37


async def test_a_date_that_is_sold_out_or_gone_fails_alone(office: OpenOffice, settings: Settings) -> None:
    shop = await office(structs.replace(settings, database_connections_max=1))
    first = await put_event(shop.pool, max_tickets=4, shards=2)
    full, open_, last = [await put_date(shop.pool, first, days=days) for days in (1, 2, 3)]
    gone = first._replace(date=first.date + dt.timedelta(days=9))
    other = await office()
    await other.selling.hold(wanted(full, (1, 4)))
    await other.selling.hold(wanted(last, (1, 3)))
    await shop.selling.hold(wanted(first, (1, 1)))
    asked = [wanted(first, (1, 1)), wanted(full, (1, 1)), wanted(gone, (1, 1)), wanted(open_, (1, 2))]
    asked += [wanted(last, (1, 1), key="k"), wanted(last, (1, 1)), wanted(open_, (1, 2))]
    answers = await asyncio.gather(*(shop.selling.hold(one) for one in asked), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Held, SoldOut, NotFound, Held, Held, SoldOut, Held]
    assert (await sums_of(shop.pool, first.event_id)).tickets == 14


async def test_a_repeated_key_is_replayed_beside_other_dates(office: OpenOffice, settings: Settings) -> None:
    shop = await office(structs.replace(settings, database_connections_max=1))
    first = await put_event(shop.pool, max_tickets=10)
    second = await put_date(shop.pool, first, days=1)
    made = await shop.selling.hold(wanted(second, (1, 2), key="k"))
    asked = [wanted(first, (1, 1)), wanted(first, (1, 1)), wanted(second, (1, 2), key="k"), wanted(second, (1, 1))]
    answers = await asyncio.gather(*(shop.selling.hold(one) for one in asked))
    assert [answer.replayed for answer in answers] == [False, False, True, False]
    assert answers[2].reservation == made.reservation
    assert (await sums_of(shop.pool, first.event_id)).tickets == 5


async def test_a_date_in_doubt_grounds_nobody_else(office: OpenOffice, settings: Settings) -> None:
    """A date of which others sell the last tickets is booked by itself until its guess has proved right."""
    shop = await office(structs.replace(settings, database_connections_max=1))
    other = await office()
    doubted = await put_event(shop.pool, max_tickets=12)
    calm = await put_date(shop.pool, doubted, days=1)
    await asyncio.gather(*(shop.selling.hold(wanted(key, (1, 1))) for key in (calm, calm, doubted)))
    await other.selling.hold(wanted(doubted, (1, 10)))
    refused, *_ = await asyncio.gather(
        *(shop.selling.hold(wanted(*one)) for one in ((doubted, (1, 2)), (calm, (1, 1)))), return_exceptions=True
    )
    assert isinstance(refused, SoldOut)
    before = shop.flights.counts.plans_failed
    await other.selling.hold(wanted(doubted, (1, 1)))
    await until(lambda: marks_end(shop, doubted))
    asked = [(calm, (1, 1)), (doubted, (1, 1)), (calm, (1, 1)), (doubted, (1, 1))]
    answers = await asyncio.gather(*(shop.selling.hold(wanted(*one)) for one in asked), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Held, SoldOut, Held, SoldOut]
    assert shop.flights.counts.plans_failed == before + 1


def marks_end(shop: Office, date_key: DateKey) -> bool:
    """Tell whether no mark refuses a ticket of this date any more."""
    return shop.marks.refuses(date_key, 1, [(1, 1)]) is None
