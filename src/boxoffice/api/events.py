"""GET /events and GET /events/{event_id}: what is for sale and what is left of it, from memory."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated, NamedTuple

from msgspec import Meta

from boxoffice.api import messages
from boxoffice.api.call import NO_CACHE, Answer, Call, json_answer
from boxoffice.api.cursors import AfterDate, AfterEvent, write_cursor
from boxoffice.api.messages import DateAvailability, EventItem, TypeAvailability
from boxoffice.api.operation import Granted, Operation, Parameter
from boxoffice.api.parameters import CACHE_CONTROL, CURSOR, ETAG, FROM, IF_NONE_MATCH, LIMIT, LINK, TO
from boxoffice.api.paths import event_id_of
from boxoffice.api.queries import SEARCH_CHARACTERS_MAX, Query
from boxoffice.api.shown import Page, Shown
from boxoffice.availability.memory import EventPage
from boxoffice.availability.pages import DatesPage, EventsPage, ListedEvent
from boxoffice.catalog.values import DateAndTime, DateFigures, EventCursor, EventDescription
from boxoffice.errors import NotFound

AGE = Parameter(
    name="Availability-Age-Ms",
    description="Milliseconds, at most, since the figures were read from the database.",
    kind=Annotated[int, Meta(ge=0)],
    required=True,
)


class EventsAsked(NamedTuple):
    """Which page of the list of events is asked for."""

    limit: int
    after: EventCursor | None
    name_contains: str | None
    query: Query


class DatesAsked(NamedTuple):
    """Which page of an event's dates is asked for."""

    first: dt.date | None
    last: dt.date | None
    limit: int
    after: DateAndTime | None
    query: Query


async def list_events(call: Call) -> Answer:
    """List events that still have a date ahead, by first date and id; a page at a time."""
    last = _events_shown.last(call)
    asked = last.asked if last else _events_asked(call)
    page = await call.office.memory.events_page(asked.limit, asked.after, asked.name_contains)
    if last is None or last.made_of is not page:
        last = _events_shown.keep(call, asked, page, _events_answer(page, asked.query))
    return last.again(call)


def show_event(call: Call) -> Answer | Awaitable[Answer]:
    """List an event's dates with what is left of them; a page at a time. The age of the figures is in a header."""
    last = _dates_shown.last(call)
    if last is not None and call.office.memory.still_shows(last.made_of):
        return _aged(call, last)
    return _show_event(call, last)


async def _show_event(call: Call, last: Page[DatesAsked, EventPage] | None) -> Answer:
    """Make the page anew."""
    event_id = event_id_of(call)
    asked = last.asked if last else _dates_asked(call)
    page = await call.office.memory.event_page(event_id, asked.first, asked.last, asked.limit, asked.after)
    if page is None:
        raise NotFound("There is no such event.")
    answer = _dates_answer(page.described.value, page.dates.value, asked.query)
    return _aged(call, _dates_shown.keep(call, asked, page, answer))


def _aged(call: Call, page: Page[DatesAsked, EventPage]) -> Answer:
    return page.again(call, ("availability-age-ms", str(call.office.memory.age_ms(page.made_of.dates))))


def _events_asked(call: Call) -> EventsAsked:
    query = Query(call)
    after = query.after(AfterEvent)
    place = None if after is None else EventCursor(after.first_date, after.event_id)
    return EventsAsked(query.limit(), place, query.search(), query)


def _dates_asked(call: Call) -> DatesAsked:
    query = Query(call)
    first, last = query.range()
    after = query.after(AfterDate)
    place = None if after is None else DateAndTime(after.date, after.start_time)
    return DatesAsked(first, last, query.limit(), place, query)


_events_shown: Shown[EventsAsked, EventsPage] = Shown()
_dates_shown: Shown[DatesAsked, EventPage] = Shown()


def _events_answer(page: EventsPage, query: Query) -> Answer:
    cursor = None if page.next is None else write_cursor(AfterEvent(*page.next))
    sent = messages.EventsPage(events=[_event_item(listed) for listed in page.events], next=cursor)
    return json_answer(200, sent, NO_CACHE, *query.next_link(cursor))


def _dates_answer(event: EventDescription, page: DatesPage, query: Query) -> Answer:
    cursor = None if page.next is None else write_cursor(AfterDate(*page.next))
    sent = messages.DatesPage(
        id=event.id,
        name=event.name,
        time_zone=event.time_zone,
        dates=[_date_availability(date) for date in page.dates],
        next=cursor,
    )
    return json_answer(200, sent, NO_CACHE, *query.next_link(cursor))


def _event_item(listed: ListedEvent) -> EventItem:
    event = listed.event
    return EventItem(
        id=event.id,
        name=event.name,
        time_zone=event.time_zone,
        first_date=event.first_date,
        last_date=event.last_date,
        sold_out=listed.sold_out,
    )


def _date_availability(figures: DateFigures) -> DateAvailability:
    types = [
        TypeAvailability(
            tickettype_id=kind.ticket_type_id, name=kind.name, capacity=kind.capacity, available=kind.available
        )
        for kind in figures.types
    ]
    return DateAvailability(
        date=figures.date,
        start_time=figures.start_time,
        capacity=figures.capacity,
        available=figures.available,
        ticket_types=types,
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/events",
        handler=list_events,
        name="listEvents",
        group="Events",
        summary="List events",
        description="Events that still have a date ahead, by (firstDate, id); stable while events are added.",
        query=(
            LIMIT,
            CURSOR,
            Parameter(
                name="q",
                description="Part of the name, in any case.",
                kind=Annotated[str, Meta(max_length=SEARCH_CHARACTERS_MAX)],
            ),
        ),
        headers=(IF_NONE_MATCH,),
        granted=(
            Granted(
                status=200,
                description="A page.",
                kind=messages.EventsPage,
                headers=(LINK, ETAG, CACHE_CONTROL),
                example={
                    "events": [
                        {
                            "id": 1,
                            "name": "The Magic Flute",
                            "timeZone": "Europe/Vienna",
                            "firstDate": "2026-12-24",
                            "lastDate": "2027-02-25",
                            "soldOut": False,
                        }
                    ],
                    "next": None,
                },
            ),
            Granted(status=304, description="Unchanged.", headers=(LINK, ETAG, CACHE_CONTROL)),
        ),
    ),
    Operation(
        method="GET",
        path="/events/{event_id}",
        handler=show_event,
        name="getEvent",
        group="Events",
        summary="List an event's dates and what is left of them",
        description=(
            "By (date, startTime). `available` of a date is its capacity less what is held and paid; of a ticket type"
            " the smaller of its own room and the date's. A type without a limit of its own has `capacity` null."
        ),
        query=(FROM, TO, LIMIT, CURSOR),
        headers=(IF_NONE_MATCH,),
        granted=(
            Granted(
                status=200,
                description="A page.",
                kind=messages.DatesPage,
                headers=(LINK, ETAG, CACHE_CONTROL, AGE),
                example={
                    "id": 1,
                    "name": "The Magic Flute",
                    "timeZone": "Europe/Vienna",
                    "dates": [
                        {
                            "date": "2026-12-24",
                            "startTime": "20:00:00",
                            "capacity": 1000,
                            "available": 412,
                            "ticketTypes": [
                                {"tickettypeId": 1, "name": "Adult", "capacity": 900, "available": 390},
                                {"tickettypeId": 2, "name": "Child", "capacity": None, "available": 412},
                            ],
                        }
                    ],
                    "next": None,
                },
            ),
            Granted(status=304, description="Unchanged.", headers=(LINK, ETAG, CACHE_CONTROL, AGE)),
        ),
    ),
)
