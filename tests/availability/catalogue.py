"""A catalogue in this process that counts how often it is read: the outer edge of availability."""

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence

from boxoffice.availability.pages import Loaders
from boxoffice.catalog.values import (
    DateAndTime,
    DateFigures,
    EventCursor,
    EventDescription,
    EventSummary,
    OfferedType,
    TypeFigures,
)

FIRST = dt.date(2030, 5, 1)
START = dt.time(20, 0)


class Catalogue:
    """Events by id with a name each, `dates` dates per event, `available` tickets left on each.

    Every reading waits until the `open` of its beginning is set; `failure` is raised instead of an answer.
    """

    def __init__(self, *event_ids: int, dates: int = 3) -> None:
        self.names = {event_id: f"Event {event_id}" for event_id in event_ids}
        self.available = 10
        self.dates = dates
        self.readings = 0
        self.open = asyncio.Event()
        self.open.set()
        self.failure: Exception | None = None

    def loaders(self) -> Loaders:
        return Loaders(
            describe_event=self.describe_event,
            list_events=self.list_events,
            sold_out_events=self.sold_out_events,
            list_dates=self.list_dates,
            read_figures=self.read_figures,
        )

    async def describe_event(self, event_id: int) -> EventDescription | None:
        name = self.names.get(event_id)
        await self._read()
        if name is None:
            return None
        offered = OfferedType(ticket_type_id=1, name="Normal", max=None, num_shards=2)
        return EventDescription(
            id=event_id, name=name, time_zone="UTC", max_tickets=10, num_shards=2, ticket_types=(offered,)
        )

    async def list_events(
        self, limit: int, after: EventCursor | None, name_contains: str | None
    ) -> Sequence[EventSummary]:
        await self._read()
        behind = after.event_id if after else 0
        found = [event_id for event_id in sorted(self.names) if event_id > behind]
        return [
            EventSummary(id=event_id, name=self.names[event_id], time_zone="UTC", first_date=FIRST, last_date=FIRST)
            for event_id in found
            if (name_contains or "") in self.names[event_id]
        ][:limit]

    async def sold_out_events(self, event_ids: Sequence[int]) -> Collection[int]:
        return set(event_ids) if self.available == 0 else set()

    async def list_dates(
        self, event_id: int, from_: dt.date | None, to: dt.date | None, limit: int, after: DateAndTime | None
    ) -> Sequence[DateAndTime]:
        await self._read()
        days = [DateAndTime(FIRST + dt.timedelta(days=day), START) for day in range(self.dates)]
        return [day for day in days if after is None or day > after][:limit]

    async def read_figures(self, event_id: int, dates: Sequence[DateAndTime]) -> Sequence[DateFigures]:
        figures = TypeFigures(ticket_type_id=1, name="Normal", capacity=None, available=self.available)
        return [
            DateFigures(
                date=one.date, start_time=one.start_time, capacity=10, available=self.available, types=(figures,)
            )
            for one in dates
        ]

    async def _read(self) -> None:
        self.readings += 1
        gate = self.open
        await gate.wait()
        if self.failure is not None:
            raise self.failure
