"""Changes hold for all dates or none, and no ticket, counter or limit is ever a unit off."""

from random import Random

import asyncpg
import pytest
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.change import change_event
from boxoffice.catalog.dates import add_dates
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.values import Change, EventDescription, NewType, OfferedType, TypeChange
from boxoffice.errors import BelowSold, InvalidRequest, NotFound, Overloaded
from boxoffice.tables import SHARDS_MAX, TICKETS_MAX
from tests.catalog.shop import (
    change,
    counters_of,
    days_ahead,
    free_labels,
    make_event,
    make_types,
    rooms,
    sell,
    statements_counted,
)

DATES = days_ahead(-1, 1, 2)


async def make_sold_event(engine: AsyncEngine, pool: asyncpg.Pool, random: Random) -> EventDescription:
    """An event of 97 over 16 shards with three types, its dates sold to different degrees."""
    normal, discount, guest = await make_types(engine, "Normal", "Discount", "Guest")
    types = [
        NewType(ticket_type_id=normal, max=60, num_shards=16),
        NewType(ticket_type_id=discount, max=60, num_shards=4),
        NewType(ticket_type_id=guest, num_shards=5),
    ]
    event = await make_event(engine, max_tickets=97, num_shards=16, types=types, dates=DATES)
    for date, count in zip(DATES, (0, 7, 25), strict=True):
        for ticket_type in (normal, discount, guest):
            labels = await free_labels(pool, event.id, date, ticket_type, count, random)
            await sell(pool, event.id, date, labels, paid=random.random() < 0.5)
    await counters_of(pool, event.id)
    return event


async def sold_by_date(pool: asyncpg.Pool, event_id: int) -> list[tuple[object, ...]]:
    rows = await pool.fetch(
        "SELECT date, ticket_type, count(*) FROM tickets WHERE event_id = $1 GROUP BY 1, 2 ORDER BY 1, 2", event_id
    )
    return [tuple(row) for row in rows]


async def versions(pool: asyncpg.Pool, event_id: int) -> list[int]:
    rows = await pool.fetch("SELECT version FROM event_date WHERE event_id = $1 ORDER BY date", event_id)
    return [row["version"] for row in rows]


@pytest.mark.parametrize("seed", range(3))
async def test_sixteen_to_three_to_forty_shards(engine: AsyncEngine, pool: asyncpg.Pool, seed: int) -> None:
    event = await make_sold_event(engine, pool, Random(seed))
    normal, discount, guest = (one.ticket_type_id for one in event.ticket_types)
    sold = await sold_by_date(pool, event.id)
    for version, num_shards in enumerate((3, 40, 1, 256), start=2):
        types = tuple(TypeChange(ticket_type_id=one, num_shards=num_shards) for one in (normal, discount, guest))
        changed = await change(engine, event.id, Change(num_shards=num_shards, ticket_types=types))
        assert changed == await describe_event(engine, event.id)
        assert [changed.num_shards, *(one.num_shards for one in changed.ticket_types)] == [num_shards] * 4
        assert [one.max for one in changed.ticket_types] == [60, 60, None]
        counters = await counters_of(pool, event.id)
        for (_, ticket_type), row in counters.items():
            if ticket_type != guest:
                assert max(rooms(row)) - min(rooms(row)) <= 1
        assert await sold_by_date(pool, event.id) == sold
        assert await versions(pool, event.id) == [version] * 3


async def test_a_type_reshards_alone(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_sold_event(engine, pool, Random(7))
    before = await counters_of(pool, event.id)
    changed_type = event.ticket_types[1].ticket_type_id
    await change(engine, event.id, Change(ticket_types=(TypeChange(ticket_type_id=changed_type, num_shards=2),)))
    after = await counters_of(pool, event.id)
    assert {key for key in after if after[key] != before[key]} == {(date, changed_type) for date in DATES}


async def test_limits_go_up_and_down_to_what_is_sold(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_sold_event(engine, pool, Random(1))
    for limit in (TICKETS_MAX, 75, 76, 100):
        assert (await change(engine, event.id, Change(max_tickets=limit))).max_tickets == limit
        counters = await counters_of(pool, event.id)
        for date in DATES:
            assert max(rooms(counters[date, None])) - min(rooms(counters[date, None])) <= 1


async def test_below_what_is_sold_changes_nothing(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_sold_event(engine, pool, Random(2))
    before = await counters_of(pool, event.id)
    of_type = TypeChange(ticket_type_id=event.ticket_types[0].ticket_type_id, max=24)
    for wanted, sold in (
        (Change(max_tickets=74, num_shards=2, name="New"), 75),
        (Change(max_tickets=500, name="New", ticket_types=(of_type,)), 25),
    ):
        with pytest.raises(BelowSold) as refused:
            await change(engine, event.id, wanted)
        assert refused.value.sold == sold
        assert await describe_event(engine, event.id) == event
        assert await counters_of(pool, event.id) == before
        assert await versions(pool, event.id) == [1, 1, 1]


async def test_a_limit_comes_and_goes(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_sold_event(engine, pool, Random(3))
    normal, _, guest = (one.ticket_type_id for one in event.ticket_types)
    for of_normal, of_guest in ((None, 25), (25, None), (None, 30)):
        types = (TypeChange(ticket_type_id=normal, max=of_normal), TypeChange(ticket_type_id=guest, max=of_guest))
        changed = await change(engine, event.id, Change(ticket_types=types))
        assert (changed.ticket_types[0].max, changed.ticket_types[2].max) == (of_normal, of_guest)
        await counters_of(pool, event.id)
    with pytest.raises(BelowSold) as refused:
        await change(engine, event.id, Change(ticket_types=(TypeChange(ticket_type_id=normal, max=0),)))
    assert refused.value.sold == 25


async def test_a_new_type_is_offered_on_every_date(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_sold_event(engine, pool, Random(4))
    late, later = await make_types(engine, "Late", "Later")
    types = (TypeChange(ticket_type_id=late, max=5, num_shards=2), TypeChange(ticket_type_id=later, max=UNSET))
    changed = await change(engine, event.id, Change(num_shards=7, ticket_types=types))
    assert changed.ticket_types == (
        *event.ticket_types,
        OfferedType(ticket_type_id=late, name="Late", max=5, num_shards=2),
        OfferedType(ticket_type_id=later, name="Later", max=None, num_shards=7),
    )
    assert await describe_event(engine, event.id) == changed
    counters = await counters_of(pool, event.id)
    assert counters[DATES[1], late]["maxima"] == [3, 2]


async def test_a_name_alone_touches_no_counter(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_event(engine, dates=DATES)
    assert (await change(engine, event.id, Change(name="New"))).name == "New"
    await change(engine, event.id, Change(max_tickets=event.max_tickets, num_shards=event.num_shards))
    assert await versions(pool, event.id) == [1, 1, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        Change(name=""),
        Change(max_tickets=-1),
        Change(max_tickets=TICKETS_MAX + 1),
        Change(num_shards=0),
        Change(num_shards=SHARDS_MAX + 1),
        Change(ticket_types=(TypeChange(ticket_type_id=1), TypeChange(ticket_type_id=1))),
        Change(name="New", ticket_types=(TypeChange(ticket_type_id=99),)),
        Change(ticket_types=(TypeChange(ticket_type_id=0),)),
        Change(ticket_types=(TypeChange(ticket_type_id=1, max=-1),)),
        Change(ticket_types=(TypeChange(ticket_type_id=1, num_shards=0),)),
        Change(ticket_types=tuple(TypeChange(ticket_type_id=number) for number in range(2, 102))),
    ],
    ids=lambda wrong: repr(wrong)[:60],
)
async def test_what_cannot_be_is_refused(engine: AsyncEngine, wrong: Change) -> None:
    event = await make_event(engine, dates=DATES)
    await make_types(engine, *(f"Type {number}" for number in range(2, 98)))
    with pytest.raises(InvalidRequest):
        await change(engine, event.id, wrong)
    assert await describe_event(engine, event.id) == event


async def test_an_event_keeps_its_number_of_types_within_bounds(engine: AsyncEngine) -> None:
    event = await make_event(engine)
    added = await make_types(engine, *(f"Type {number}" for number in range(100)))
    with pytest.raises(InvalidRequest, match="at most"):
        await change(engine, event.id, Change(ticket_types=tuple(TypeChange(ticket_type_id=one) for one in added)))


@pytest.mark.parametrize("event_id", [1, 0, 2**63])
async def test_there_must_be_an_event(engine: AsyncEngine, event_id: int) -> None:
    with pytest.raises(NotFound):
        await change(engine, event_id, Change(name="New"))


async def test_overdue_holds_are_expired_first_and_not_counted_as_sold(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    (date,) = days_ahead(1)
    event = await make_event(engine, max_tickets=10, num_shards=2, dates=[date])
    label = (event.ticket_types[0].ticket_type_id, 0, 0)
    await sell(pool, event.id, date, [label] * 2, paid=True)
    await sell(pool, event.id, date, [label] * 3, overdue=True)
    expired: list[int] = []

    async def expire(event_id: int) -> None:
        expired.append(event_id)
        if len(expired) == 2:
            await give_back_overdue(pool, event_id)

    assert (await change_event(engine, event.id, Change(max_tickets=2), expire)).max_tickets == 2
    assert expired == [event.id] * 2
    counters = await counters_of(pool, event.id)
    assert sum(counters[date, None]["currents"]) == 2


async def test_overdue_holds_that_stay_end_in_an_honest_answer(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    (date,) = days_ahead(1)
    event = await make_event(engine, max_tickets=10, num_shards=2, dates=[date])
    await sell(pool, event.id, date, [(event.ticket_types[0].ticket_type_id, 0, 0)] * 3, overdue=True)
    with pytest.raises(Overloaded):
        await change(engine, event.id, Change(max_tickets=2))
    assert await describe_event(engine, event.id) == event


async def give_back_overdue(pool: asyncpg.Pool, event_id: int) -> None:
    """Give back the overdue tickets of an event whose tickets all sit in shard 0."""
    await pool.execute(
        """
        WITH overdue AS (
            SELECT id FROM reservation WHERE event_id = $1 AND paid_at IS NULL AND expires_at <= now()
        ), given_back AS (
            DELETE FROM tickets WHERE event_id = $1 AND reservation_id IN (SELECT id FROM overdue) RETURNING id
        ), of_types AS (
            UPDATE consumption_tt SET shard_current = shard_current - (SELECT count(*) FROM given_back)
            WHERE event_id = $1 AND shard_id = 0
        )
        UPDATE consumption SET shard_current = shard_current - (SELECT count(*) FROM given_back)
        WHERE event_id = $1 AND shard_id = 0
        """,
        event_id,
    )


async def test_dates_added_later_follow_the_change(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_sold_event(engine, pool, Random(5))
    await change(engine, event.id, Change(max_tickets=1000, num_shards=3))
    await add_dates(engine, event.id, days_ahead(9))
    counters = await counters_of(pool, event.id)
    assert counters[days_ahead(9)[0], None]["maxima"] == [334, 333, 333]


async def test_many_dates_take_as_many_statements_as_few(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    few = await make_event(engine, num_shards=64, dates=days_ahead(1))
    many = await make_event(engine, num_shards=64, dates=days_ahead(*range(300)))
    wanted = Change(max_tickets=64, num_shards=63)
    with statements_counted(engine) as for_few:
        await change(engine, few.id, wanted)
    with statements_counted(engine) as for_many:
        await change(engine, many.id, wanted)
    assert len(for_many) == len(for_few)
    await counters_of(pool, many.id)


async def test_more_counters_than_one_transaction_may_write(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    types = [
        NewType(ticket_type_id=one) for one in await make_types(engine, *(f"Type {number}" for number in range(100)))
    ]
    dates = days_ahead(*range(80))
    event = await make_event(engine, max_tickets=300, num_shards=1, types=types, dates=dates)
    wanted = tuple(TypeChange(ticket_type_id=one.ticket_type_id, num_shards=256) for one in types)
    with pytest.raises(InvalidRequest, match="too many"):
        await change(engine, event.id, Change(ticket_types=wanted))
    assert await describe_event(engine, event.id) == event


async def test_more_counters_than_one_statement_writes(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_event(engine, max_tickets=300, num_shards=2, dates=days_ahead(*range(100)))
    await change(engine, event.id, Change(num_shards=256))
    await counters_of(pool, event.id)
