"""Every operation of the API: the one table from which requests are routed and the OpenAPI document is made."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated

from msgspec import Meta

from boxoffice.api import examples, messages
from boxoffice.api.admin import add_event, add_event_dates, add_ticket_type, change, show_ticket_types
from boxoffice.api.events import list_events, show_event
from boxoffice.api.health import show_live, show_ready
from boxoffice.api.holds import hold
from boxoffice.api.metrics import show_metrics
from boxoffice.api.openapi import show_openapi
from boxoffice.api.operation import Granted, Operation, Parameter
from boxoffice.api.pages import show_docs, show_docs_file, show_problem
from boxoffice.api.queries import LIMIT_DEFAULT, LIMIT_MAX, SEARCH_CHARACTERS_MAX
from boxoffice.api.reservations import pay, release, show_reservation
from boxoffice.errors import (
    AlreadyPaid,
    BelowSold,
    DateExists,
    DatePast,
    IdempotencyKeyReused,
    InvalidRequest,
    RateLimited,
    ReservationGone,
    SoldOut,
)

Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX)]
WholeSeconds = Annotated[int, Meta(ge=0)]
Key = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,255}$")]
Search = Annotated[str, Meta(max_length=SEARCH_CHARACTERS_MAX)]

LIMIT = Parameter(name="limit", description=f"Entries per page; {LIMIT_DEFAULT} when left out.", kind=Limit, example=20)
CURSOR = Parameter(name="cursor", description="`next` of the page before; opaque.", kind=str)
SEARCH = Parameter(name="q", description="Part of the name, in any case.", kind=Search, example="opera")
FROM = Parameter(
    name="from", description="First local date, inclusive; reaches past ones. Without it: only what is ahead.", kind=dt.date
)
TO = Parameter(name="to", description="Last local date, inclusive.", kind=dt.date)
LINK = Parameter(name="Link", description='The next page, `rel="next"` (RFC 8288); none on the last page.', kind=str)
ETAG = Parameter(name="ETag", description="Of this body; send it as If-None-Match.", kind=str, required=True)
AGE = Parameter(
    name="Availability-Age-Ms",
    description="Milliseconds since the figures were read from the database, at most.",
    kind=WholeSeconds,
    required=True,
    example=120,
)
LOCATION = Parameter(name="Location", description="Path of the reservation.", kind=str, required=True)
REPLAYED = Parameter(
    name="Idempotent-Replayed", description="`true` when an earlier request with this key made the hold.", kind=str
)
IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    description="Makes the hold repeatable for as long as its reservation lives; belongs to the event.",
    kind=Key,
    example="order-1138",
)
IF_NONE_MATCH = Parameter(name="If-None-Match", description="An ETag that the client has already.", kind=str)

SELLING = (
    Operation(
        method="POST",
        path="/events/{event_id}/{date}/{start_time}",
        handler=hold,
        name="holdTickets",
        group="Tickets",
        summary="Hold tickets",
        description="Holds all of the tickets for a minute while the buyer pays, or none. Unpaid, they go back on sale.",
        headers=(IDEMPOTENCY_KEY,),
        body=messages.HoldLines,
        body_examples={"two adults, one child": examples.HOLD},
        granted=(Granted(status=201, description="Held.", kind=messages.HoldMade, headers=(LOCATION, REPLAYED), example=examples.HELD),),
        problems=(SoldOut, DatePast, IdempotencyKeyReused, RateLimited),
    ),
    Operation(
        method="POST",
        path="/reservation/{reservation_id}",
        handler=pay,
        name="payReservation",
        group="Tickets",
        summary="Pay a reservation",
        description="Sets the payment reference, which makes the hold a sale. Repeatable with the same reference.",
        body=messages.Payment,
        body_examples={"a number": {"paymentReference": 124351234}, "text": {"paymentReference": "ch_3Nk2"}},
        granted=(Granted(status=200, description="Paid.", kind=messages.ReservationState, example=examples.PAID),),
        problems=(AlreadyPaid, ReservationGone),
    ),
    Operation(
        method="GET",
        path="/reservation/{reservation_id}",
        handler=show_reservation,
        name="getReservation",
        group="Tickets",
        summary="Look at a reservation",
        granted=(Granted(status=200, description="Held or paid.", kind=messages.ReservationState, example=examples.PAID),),
        problems=(ReservationGone,),
    ),
    Operation(
        method="DELETE",
        path="/reservation/{reservation_id}",
        handler=release,
        name="releaseReservation",
        group="Tickets",
        summary="Let a hold go",
        description="The tickets are back on sale when the answer arrives.",
        granted=(Granted(status=204, description="Let go."),),
        problems=(AlreadyPaid, ReservationGone),
    ),
)
LISTS = (
    Operation(
        method="GET",
        path="/events",
        handler=list_events,
        name="listEvents",
        group="Events",
        summary="List events",
        description="Events that still have a date ahead, by first date and id.",
        query=(LIMIT, CURSOR, SEARCH),
        headers=(IF_NONE_MATCH,),
        granted=(
            Granted(status=200, description="A page.", kind=messages.EventsPage, headers=(LINK, ETAG), example=examples.EVENTS),
            Granted(status=304, description="Unchanged.", headers=(LINK, ETAG)),
        ),
    ),
    Operation(
        method="GET",
        path="/events/{event_id}",
        handler=show_event,
        name="getEvent",
        group="Events",
        summary="List an event's dates and what is left of them",
        query=(FROM, TO, LIMIT, CURSOR),
        headers=(IF_NONE_MATCH,),
        granted=(
            Granted(status=200, description="A page.", kind=messages.DatesPage, headers=(LINK, ETAG, AGE), example=examples.DATES),
            Granted(status=304, description="Unchanged.", headers=(LINK, ETAG, AGE)),
        ),
    ),
)
ADMIN = (
    Operation(
        method="POST",
        path="/admin/ticket-types",
        handler=add_ticket_type,
        name="createTicketType",
        group="Admin",
        admin=True,
        summary="Make a ticket type",
        body=messages.NewTicketType,
        body_examples={"adult": {"name": "Adult"}},
        granted=(Granted(status=201, description="Made.", kind=messages.TicketTypeItem, example={"id": 1, "name": "Adult"}),),
    ),
    Operation(
        method="GET",
        path="/admin/ticket-types",
        handler=show_ticket_types,
        name="listTicketTypes",
        group="Admin",
        admin=True,
        summary="List ticket types",
        granted=(Granted(status=200, description="All of them.", kind=messages.TicketTypes, example=examples.TICKET_TYPES),),
    ),
    Operation(
        method="POST",
        path="/admin/events",
        handler=add_event,
        name="createEvent",
        group="Admin",
        admin=True,
        summary="Make an event",
        description="With its dates one by one or by a recurrence (RFC 5545); all or nothing.",
        body=messages.EventGiven,
        body_examples=examples.NEW_EVENTS,
        granted=(Granted(status=201, description="Made.", kind=messages.EventDescribed, example=examples.EVENT),),
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
        body=messages.NewDates,
        body_examples=examples.NEW_DATES,
        granted=(Granted(status=201, description="Added.", kind=messages.DatesAdded, example={"added": 10}),),
        problems=(DateExists,),
    ),
    Operation(
        method="PATCH",
        path="/admin/events/{event_id}",
        handler=change,
        name="changeEvent",
        group="Admin",
        admin=True,
        summary="Change an event",
        description="Holds for all of its dates, or fails for all. Types that are named change, new ones are added.",
        body=messages.ChangeGiven,
        body_examples={"more seats over more shards": {"maxTickets": 1200, "numShards": 16}},
        granted=(Granted(status=200, description="Changed.", kind=messages.EventDescribed, example=examples.EVENT),),
        problems=(BelowSold,),
    ),
)


def page(path: str, handler: Callable[..., Awaitable[object]], name: str, summary: str, media_type: str) -> Operation:
    ...
