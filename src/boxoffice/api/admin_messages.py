"""What admins send and what they get; see messages.py for the rest."""

import datetime as dt
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from boxoffice.api.messages import Count, GivenTime, Id, Message, Name, Shards
from boxoffice.catalog.values import EventDescription, TicketType


class NewTicketType(Message):
    """A ticket type to be made."""

    name: Name


class TicketTypeItem(Message):
    """A ticket type."""

    id: Id
    name: str


class TicketTypes(Message):
    """All ticket types, by id."""

    ticket_types: list[TicketTypeItem]


class OfferedTypeGiven(Message):
    """A type that a new event offers; no `max`: limited by the event's total alone; no `numShards`: the event's."""

    tickettype_id: Id
    max: Count | None = None
    num_shards: Shards | None = None


class DateGiven(Message):
    """A date to be added."""

    date: dt.date
    start_time: GivenTime


class Recurrence(Message):
    """Dates by a rule of RFC 5545; the first date is always one of them."""

    rrule: Annotated[str, Meta(min_length=1, max_length=2_000, examples=["FREQ=WEEKLY;COUNT=10"])]
    first_date: dt.date
    start_time: GivenTime


class NewDates(Message):
    """Dates to be added: one by one, or by a recurrence."""

    dates: list[DateGiven] | UnsetType = UNSET
    recurrence: Recurrence | UnsetType = UNSET


class EventGiven(Message, kw_only=True):
    """An event to be made, with its dates one by one or by a recurrence."""

    name: Name
    max_tickets: Count
    num_shards: Shards
    time_zone: Annotated[str, Meta(min_length=1, max_length=100, examples=["Europe/Vienna"])] = "UTC"
    ticket_types: Annotated[list[OfferedTypeGiven], Meta(min_length=1)]
    dates: list[DateGiven] | UnsetType = UNSET
    recurrence: Recurrence | UnsetType = UNSET


class OfferedTypeItem(Message):
    """A type that an event offers."""

    tickettype_id: Id
    name: str
    max: Count | None
    num_shards: Shards


class EventDescribed(Message):
    """An event as it is sold."""

    id: Id
    name: str
    time_zone: str
    max_tickets: Count
    num_shards: Shards
    ticket_types: list[OfferedTypeItem]


class DatesAdded(Message):
    """How many dates were added."""

    added: Annotated[int, Meta(ge=0)]


class TypeChangeGiven(Message):
    """A change to a type that the event offers, or a type to be offered; what is not named stays."""

    tickettype_id: Id
    max: Count | UnsetType | None = UNSET
    num_shards: Shards | UnsetType = UNSET


class ChangeGiven(Message):
    """A change to an event and all its dates; what is not named stays."""

    name: Name | UnsetType = UNSET
    max_tickets: Count | UnsetType = UNSET
    num_shards: Shards | UnsetType = UNSET
    ticket_types: list[TypeChangeGiven] | UnsetType = UNSET


def event_described(event: EventDescription) -> EventDescribed:
    """Return an event as the admin routes show it."""
    types = [
        OfferedTypeItem(
            tickettype_id=offered.ticket_type_id, name=offered.name, max=offered.max, num_shards=offered.num_shards
        )
        for offered in event.ticket_types
    ]
    return EventDescribed(
        id=event.id,
        name=event.name,
        time_zone=event.time_zone,
        max_tickets=event.max_tickets,
        num_shards=event.num_shards,
        ticket_types=types,
    )


def ticket_type_item(ticket_type: TicketType) -> TicketTypeItem:
    """Return a ticket type as the admin routes show it."""
    return TicketTypeItem(id=ticket_type.id, name=ticket_type.name)
