"""What is for sale and what is left of it, remembered in two layers (layered.py) and read from the catalogue otherwise.

Descriptions live `catalog_ms_max`, pages with figures `availability_ms_max`. A change made in this process shows in it
at once; a change of the catalogue made elsewhere shows when its message arrives, or at the end of that life.
"""

import math
from datetime import date
from typing import NamedTuple

import msgspec

from boxoffice.availability import keys
from boxoffice.availability.layered import Aged, Key, Layered, Layers
from boxoffice.availability.messages import CatalogChanged, Message, encode
from boxoffice.availability.pages import DatesPage, EventsPage, ListedEvent, Loaders
from boxoffice.catalog.values import DateAndTime, EventCursor, EventDescription
from boxoffice.settings import Settings

DESCRIPTIONS_MAX = 10_000
DATES_PAGES_MAX = 2_000
EVENTS_PAGES_MAX = 500

_encode_asked = msgspec.msgpack.Encoder().encode


class EventPage(NamedTuple):
    """An event and some of its dates, as memory gave them."""

    event_id: int
    described: Aged[EventDescription]
    dates: Aged[DatesPage]


def event_key(event_id: int) -> Key:
    """Return the name of an event's description in memory."""
    return Key(event_id, b"")


class Memory:
    """One process's memory of the catalogue. Reads wait for one load at most, and raise what it raises, Overloaded
    when Postgres is away; a failure is not remembered."""

    def __init__(self, *, layers: Layers, settings: Settings, load: Loaders) -> None:
        self._load = load
        self._shared = layers.shared
        self._scripts = layers.scripts
        self._clock = layers.clock
        self._descriptions = Layered(
            layers,
            name="description",
            kind=EventDescription,
            life_ms=settings.catalog_ms_max,
            entries_max=DESCRIPTIONS_MAX,
        )
        self._dates = Layered(
            layers,
            name="dates",
            kind=DatesPage,
            life_ms=settings.availability_ms_max,
            entries_max=DATES_PAGES_MAX,
        )
        self._events = Layered(
            layers,
            name="events",
            kind=EventsPage,
            life_ms=settings.availability_ms_max,
            entries_max=EVENTS_PAGES_MAX,
        )
        layers.shared.hear(self)

    async def event_description(self, event_id: int) -> EventDescription | None:
        """Return what an event offers, at most `catalog_ms_max` old; None, never remembered, when there is no such."""
        aged = await self._described(event_id)
        return aged.value if aged is not None else None

    async def event_description_anew(self, event_id: int) -> EventDescription | None:
        """Return what an event offers as the database says after this call began."""
        aged = await self._descriptions.read_anew(event_key(event_id), lambda: self._load.describe_event(event_id))
        return aged.value if aged is not None else None

    async def events_page(self, limit: int, after: EventCursor | None, name_contains: str | None) -> EventsPage:
        """Return up to `limit` events behind `after`, at most `availability_ms_max` old."""
        key = Key(keys.ALL_EVENTS, _encode_asked((limit, after, name_contains)))
        aged = await self._events.read(key, lambda: self._load_events(limit, after, name_contains))
        assert aged is not None  # noqa: S101 - a page may be empty but there always is one
        return aged.value

    async def event_page(
        self, event_id: int, from_: date | None, to: date | None, limit: int, after: DateAndTime | None
    ) -> EventPage | None:
        """Return an event with up to `limit` of its dates behind `after`; None, never remembered, when there is none.

        What is left of the dates is at most `availability_ms_max` old, all else at most `catalog_ms_max`.
        """
        described = await self._described(event_id)
        if described is None:
            return None
        return EventPage(event_id, described, await self.dates_page(event_id, from_, to, limit, after))

    async def dates_page(
        self, event_id: int, from_: date | None, to: date | None, limit: int, after: DateAndTime | None
    ) -> Aged[DatesPage]:
        """Return up to `limit` dates behind `after` with what is left, at most `availability_ms_max` old."""
        key = Key(event_id, _encode_asked((from_, to, limit, after)))
        aged = await self._dates.read(key, lambda: self._load_dates(event_id, from_, to, limit, after))
        assert aged is not None  # noqa: S101 - a page may be empty but there always is one
        return aged

    def still_shows(self, page: EventPage) -> bool:
        """Tell whether a page that was given may be given again: none of it is too old, and nothing has changed."""
        event_id, described, dates = page
        return self._dates.still_shows(event_id, dates) and self._descriptions.still_shows(event_id, described)

    def age_ms(self, dates: Aged[DatesPage]) -> int:
        """Return how old the figures are at most: since before the database was read, also through the other layer,
        rounded up."""
        return math.ceil((self._clock() - dates.read_at) * 1000)

    async def _described(self, event_id: int) -> Aged[EventDescription] | None:
        return await self._descriptions.read(event_key(event_id), lambda: self._load.describe_event(event_id))

    def catalog_changed(self, event_id: int) -> None:
        """Take in that an event was added or changed, after the commit: here at once, elsewhere by message."""
        self._drop_event(event_id)
        message = CatalogChanged(self._shared.origin, event_id)
        described = self._descriptions.shared_key(event_key(event_id))
        self._shared.tell(self._scripts.change, (described,), (keys.CHANNEL, encode(message)))

    def figures_changed(self, event_id: int) -> None:
        """Take in that tickets of an event went back on sale here: its figures in this process are read anew."""
        self._dates.changed(event_id)

    def heard(self, message: Message) -> None:
        """Take in what another process says."""
        if isinstance(message, CatalogChanged):
            self._drop_event(message.event_id)

    def missed(self) -> None:
        """Take in that changes may have been missed: nothing that was read before now is shown any more."""
        for layered in (self._descriptions, self._dates, self._events):
            layered.missed()

    def _drop_event(self, event_id: int) -> None:
        self._descriptions.changed(event_id)
        self._dates.changed(event_id)
        self._events.changed(keys.ALL_EVENTS)

    async def _load_events(self, limit: int, after: EventCursor | None, name_contains: str | None) -> EventsPage:
        found = await self._load.list_events(limit + 1, after, name_contains)
        shown = found[:limit]
        sold_out = await self._load.sold_out_events([event.id for event in shown]) if shown else ()
        return EventsPage(
            events=tuple(ListedEvent(event=event, sold_out=event.id in sold_out) for event in shown),
            next=EventCursor(shown[-1].first_date, shown[-1].id) if len(found) > limit else None,
        )

    async def _load_dates(
        self, event_id: int, from_: date | None, to: date | None, limit: int, after: DateAndTime | None
    ) -> DatesPage:
        found = await self._load.list_dates(event_id, from_, to, limit + 1, after)
        shown = found[:limit]
        figures = await self._load.read_figures(event_id, shown) if shown else ()
        return DatesPage(dates=tuple(figures), next=shown[-1] if len(found) > limit else None)
