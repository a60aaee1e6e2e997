"""What the catalogue reads from Postgres survives both layers unchanged."""

from functools import partial

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.availability.pages import Loaders
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.figures import read_figures, sold_out_events
from boxoffice.catalog.listing import list_dates, list_events
from tests.availability.catalogue import Catalogue
from tests.availability.processes import process, told
from tests.world import DATE, Type, put_event


class Shop(Catalogue):
    """The real catalogue."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self._engine = engine

    def loaders(self) -> Loaders:
        return Loaders(
            describe_event=partial(describe_event, self._engine),
            list_events=partial(list_events, self._engine),
            sold_out_events=partial(sold_out_events, self._engine),
            list_dates=partial(list_dates, self._engine),
            read_figures=partial(read_figures, self._engine),
        )


async def test_real_answers_are_shared(pool: asyncpg.Pool, engine: AsyncEngine, redis_url: str) -> None:
    event_id = (await put_event(pool, max_tickets=997, shards=16, types=[Type(limit=600, shards=4), Type(limit=None)]))[
        0
    ]
    unread = Catalogue()
    async with process(redis_url, catalogue=Shop(engine)) as one, process(redis_url, catalogue=unread) as other:
        described = await one.memory.event_description(event_id)
        dates = (await one.memory.dates_page(event_id, DATE, None, 20, None)).value
        events = await one.memory.events_page(20, None, None)
        await told(one)
        assert [listed.event.id for listed in events.events] == [event_id]
        assert [(figures.capacity, [of.available for of in figures.types]) for figures in dates.dates] == [
            (997, [600, 997])
        ]
        assert await other.memory.event_description(event_id) == described
        assert (await other.memory.dates_page(event_id, DATE, None, 20, None)).value == dates
        assert await other.memory.events_page(20, None, None) == events
        assert unread.readings == 0
