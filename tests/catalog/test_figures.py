"""What is left, as the counters say it, in a bounded number of statements."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.figures import read_figures, sold_out_events
from boxoffice.catalog.values import DateAndTime, DateFigures, NewType, TypeFigures
from tests.catalog.shop import days_ahead, make_event, make_types, sell, statements_counted


async def types_left(engine: AsyncEngine, event_id: int, date: DateAndTime) -> tuple[int, list[int]]:
    figures = (await read_figures(engine, event_id, [date]))[0]
    return figures.available, [one.available for one in figures.types]


async def test_figures_of_a_date_and_its_types(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    normal, discount = await make_types(engine, "Normal", "Discount")
    types = [NewType(ticket_type_id=normal), NewType(ticket_type_id=discount, max=6, num_shards=2)]
    sold, other = days_ahead(1, 2)
    event = await make_event(engine, max_tickets=10, num_shards=3, types=types, dates=[sold, other])
    await sell(pool, event.id, sold, [(normal, 0, 0), (normal, 1, 1), (discount, 2, 1)], paid=True)
    await sell(pool, event.id, sold, [(discount, 2, 1)])
    first, second = await read_figures(engine, event.id, [other, sold, sold, *days_ahead(7)])
    assert first == DateFigures(
        date=sold.date,
        start_time=sold.start_time,
        capacity=10,
        available=6,
        types=(
            TypeFigures(ticket_type_id=normal, name="Normal", capacity=None, available=6),
            TypeFigures(ticket_type_id=discount, name="Discount", capacity=6, available=4),
        ),
    )
    assert (second.date, second.available, [one.available for one in second.types]) == (other.date, 10, [10, 6])


async def test_a_type_has_no_more_than_its_date(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    normal, discount = await make_types(engine, "Normal", "Discount")
    types = [NewType(ticket_type_id=one, max=4, num_shards=1) for one in (normal, discount)]
    (date,) = days_ahead(1)
    event = await make_event(engine, max_tickets=5, num_shards=1, types=types, dates=[date])
    await sell(pool, event.id, date, [(normal, 0, 0)] * 3)
    assert await types_left(engine, event.id, date) == (2, [1, 2])
    await sell(pool, event.id, date, [(discount, 0, 0)] * 2)
    assert await types_left(engine, event.id, date) == (0, [0, 0])


async def test_figures_of_nothing(engine: AsyncEngine) -> None:
    event = await make_event(engine, dates=days_ahead(1))
    assert await read_figures(engine, event.id, []) == []
    assert await read_figures(engine, event.id + 1, days_ahead(1)) == []


async def test_sold_out_means_nothing_left_on_any_date_ahead(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    (normal,) = await make_types(engine, "Normal")
    dates = days_ahead(-2, 1, 2)
    limited = [NewType(ticket_type_id=normal, max=2, num_shards=2)]
    by_total = await make_event(engine, max_tickets=2, num_shards=2, dates=dates)
    by_type = await make_event(engine, max_tickets=9, num_shards=2, types=limited, dates=dates)
    ids = [by_total.id, by_type.id]
    for date in dates[1:]:
        assert await sold_out_events(engine, ids) == set()
        for event in (by_total, by_type):
            offered = event.ticket_types[0].ticket_type_id
            await sell(pool, event.id, date, [(offered, 0, 0)])
            assert event.id not in await sold_out_events(engine, ids)
            await sell(pool, event.id, date, [(offered, 1, 1)])
    assert await sold_out_events(engine, ids) == set(ids)
    assert await sold_out_events(engine, []) == set()


async def test_figures_take_one_statement_however_many_dates(engine: AsyncEngine) -> None:
    event, without_dates = await make_event(engine, dates=days_ahead(*range(1, 51))), await make_event(engine)
    with statements_counted(engine) as sent:
        assert len(await read_figures(engine, event.id, days_ahead(*range(1, 51)))) == 50
        assert await sold_out_events(engine, [event.id, without_dates.id]) == {without_dates.id}
    assert len(sent) == 2
