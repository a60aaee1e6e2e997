"""/admin: what is for sale. Every route needs the admin token."""

import datetime as dt

import msgspec
from msgspec import UNSET, UnsetType

from boxoffice.api.admin_examples import EVENT, NEW_EVENT, ONE_BY_ONE, WEEKLY, WEEKLY_DATES, WEEKLY_IN_VIENNA
from boxoffice.api.admin_messages import (
    ChangeGiven,
    DateGiven,
    DatesAdded,
    EventDescribed,
    EventGiven,
    NewDates,
    NewTicketType,
    Recurrence,
    TicketTypeItem,
    TicketTypes,
    TypeChangeGiven,
    event_described,
    ticket_type_item,
)
from boxoffice.api.admin_view_messages import DateItem, RecurrenceDates, RecurrenceGiven
from boxoffice.api.bodies import read_body
from boxoffice.api.call import NO_STORE, Answer, Call, json_answer
from boxoffice.api.operation import Granted, Operation
from boxoffice.api.paths import event_id_of, parse_time
from boxoffice.catalog.change import change_event
from boxoffice.catalog.check import check_dates, check_zone
from boxoffice.catalog.create import create_event, create_ticket_type
from boxoffice.catalog.dates import add_dates
from boxoffice.catalog.describe import describe_event, list_ticket_types
from boxoffice.catalog.recurrence import dates_of_recurrence
from boxoffice.catalog.values import Change, DateAndTime, NewEvent, NewType, TypeChange
from boxoffice.errors import BelowSold, DateExists, InvalidRequest, NotFound

_new_ticket_type: msgspec.json.Decoder[NewTicketType] = msgspec.json.Decoder(NewTicketType)
_new_event: msgspec.json.Decoder[EventGiven] = msgspec.json.Decoder(EventGiven)
_new_dates: msgspec.json.Decoder[NewDates] = msgspec.json.Decoder(NewDates)
_change: msgspec.json.Decoder[ChangeGiven] = msgspec.json.Decoder(ChangeGiven)
_recurrence: msgspec.json.Decoder[RecurrenceGiven] = msgspec.json.Decoder(RecurrenceGiven)


async def add_ticket_type(call: Call) -> Answer:
    """Make a ticket type that events can offer."""
    given = read_body(call, _new_ticket_type)
    made = await create_ticket_type(call.office.engine, given.name)
    return json_answer(201, ticket_type_item(made), NO_STORE)


async def show_ticket_types(call: Call) -> Answer:
    """List all ticket types by id."""
    found = await list_ticket_types(call.office.reading)
    return json_answer(200, TicketTypes(ticket_types=[ticket_type_item(one) for one in found]), NO_STORE)


async def add_event(call: Call) -> Answer:
    """Make an event with its dates, all or nothing."""
    given = read_body(call, _new_event)
    types = tuple(
        NewType(ticket_type_id=one.tickettype_id, max=one.max, num_shards=one.num_shards) for one in given.ticket_types
    )
    event = NewEvent(
        name=given.name,
        max_tickets=given.max_tickets,
        num_shards=given.num_shards,
        time_zone=given.time_zone,
        ticket_types=types,
        dates=dates_given(given.dates, given.recurrence, given.time_zone),
    )
    made = await create_event(call.office.engine, event)
    call.office.memory.catalog_changed(made.id)
    return json_answer(201, event_described(made), NO_STORE)


async def add_event_dates(call: Call) -> Answer:
    """Add dates to an event, all or nothing."""
    event_id = event_id_of(call)
    given = read_body(call, _new_dates)
    event = await describe_event(call.office.engine, event_id)
    if event is None:
        raise NotFound("There is no such event.")
    dates = dates_given(given.dates, given.recurrence, event.time_zone)
    if not dates:
        raise InvalidRequest("The body must name at least one date, in dates or by recurrence.")
    added = await add_dates(call.office.engine, event_id, dates)
    call.office.memory.catalog_changed(event_id)
    return json_answer(201, DatesAdded(added=added), NO_STORE)


async def change(call: Call) -> Answer:
    """Change an event and all its dates, or none of them."""
    office = call.office
    event_id = event_id_of(call)
    wanted = change_wanted(read_body(call, _change))
    changed = await change_event(office.engine, event_id, wanted, expire_overdue=office.selling.expire_overdue)
    office.event_changed(event_id)
    return json_answer(200, event_described(changed), NO_STORE)


async def preview(call: Call) -> Answer:
    """Answer with the dates that a recurrence would make; nothing is kept."""
    given = read_body(call, _recurrence)
    dates = dates_given(UNSET, given, given.time_zone)
    check_dates(dates)
    items = [DateItem(date=one.date, start_time=one.start_time) for one in dates]
    return json_answer(200, RecurrenceDates(dates=items), NO_STORE)


def dates_given(
    dates: list[DateGiven] | UnsetType, recurrence: Recurrence | UnsetType, time_zone: str
) -> tuple[DateAndTime, ...]:
    """Return the dates of a body, none when it names none. Raises InvalidRequest for both ways at once."""
    if dates is not UNSET and recurrence is not UNSET:
        raise InvalidRequest("The body may have dates or recurrence, not both.")
    if recurrence is not UNSET:
        start_time = _given_time(recurrence.start_time)
        check_zone(time_zone)
        return tuple(dates_of_recurrence(recurrence.rrule, recurrence.first_date, start_time, time_zone=time_zone))
    if dates is UNSET:
        return ()
    return tuple(DateAndTime(date=one.date, start_time=_given_time(one.start_time)) for one in dates)


def change_wanted(given: ChangeGiven) -> Change:
    """Return the change that a body asks for."""
    return Change(
        name=None if given.name is UNSET else given.name,
        max_tickets=None if given.max_tickets is UNSET else given.max_tickets,
        num_shards=None if given.num_shards is UNSET else given.num_shards,
        ticket_types=() if given.ticket_types is UNSET else tuple(_type_change(one) for one in given.ticket_types),
    )


def _type_change(given: TypeChangeGiven) -> TypeChange:
    num_shards = None if given.num_shards is UNSET else given.num_shards
    return TypeChange(ticket_type_id=given.tickettype_id, max=given.max, num_shards=num_shards)


def _given_time(text: str) -> dt.time:
    """A pattern has let the text through, but its `$` also matches before a line's end."""
    time = parse_time(text)
    if time is None:
        raise InvalidRequest("startTime must be HH:MM or HH:MM:SS.")
    return time


OPERATIONS = (
    Operation(
        method="POST",
        path="/admin/ticket-types",
        handler=add_ticket_type,
        name="createTicketType",
        group="Admin",
        admin=True,
        summary="Make a ticket type",
        body=NewTicketType,
        body_examples={"adult": {"name": "Adult"}},
        granted=(Granted(status=201, description="Made.", kind=TicketTypeItem, example={"id": 1, "name": "Adult"}),),
    ),
    Operation(
        method="GET",
        path="/admin/ticket-types",
        handler=show_ticket_types,
        name="listTicketTypes",
        group="Admin",
        admin=True,
        summary="List ticket types",
        granted=(
            Granted(
                status=200,
                description="All of them.",
                kind=TicketTypes,
                example={"ticketTypes": [{"id": 1, "name": "Adult"}]},
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/admin/events",
        handler=add_event,
        name="createEvent",
        group="Admin",
        admin=True,
        summary="Make an event",
        description="With its dates one by one, by a recurrence (RFC 5545), or none yet; all or nothing.",
        body=EventGiven,
        body_examples={"one by one": {**NEW_EVENT, **ONE_BY_ONE}, "every week": {**NEW_EVENT, **WEEKLY}},
        granted=(Granted(status=201, description="Made.", kind=EventDescribed, example=EVENT),),
    ),
    Operation(
        method="PATCH",
        path="/admin/events/{event_id}",
        handler=change,
        name="changeEvent",
        group="Admin",
        admin=True,
        summary="Change an event",
        description=(
            "Holds for all of its dates, or fails for all. What is not named stays; ticket types that are named change,"
            " new ones are added."
        ),
        body=ChangeGiven,
        body_examples={"more seats over more shards": {"maxTickets": 1200, "numShards": 16}},
        granted=(Granted(status=200, description="Changed.", kind=EventDescribed, example=EVENT),),
        problems=(BelowSold,),
    ),
    Operation(
        method="POST",
        path="/admin/events/{event_id}/dates",
        handler=add_event_dates,
        name="addDates",
        group="Admin",
        admin=True,
        summary="Add dates to an event",
        description="One by one or by a recurrence; all or nothing.",
        body=NewDates,
        body_examples={"one by one": ONE_BY_ONE, "every week": WEEKLY},
        granted=(Granted(status=201, description="Added.", kind=DatesAdded, example={"added": 10}),),
        problems=(DateExists,),
    ),
    Operation(
        method="POST",
        path="/admin/recurrence",
        handler=preview,
        name="previewRecurrence",
        group="Admin",
        admin=True,
        summary="Preview the dates of a recurrence",
        description="Makes nothing; answers as making the dates would.",
        body=RecurrenceGiven,
        body_examples={"every week": WEEKLY_IN_VIENNA},
        granted=(Granted(status=200, description="The dates.", kind=RecurrenceDates, example=WEEKLY_DATES),),
        asks_database=False,
    ),
)
