"""/admin, to look at: an event, the shards and reservations of a date, counts as they rise, the audit's verdict."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from boxoffice.api.admin_examples import AUDIT, EVENT, LIVE, RESERVATIONS, SHARDS
from boxoffice.api.admin_messages import EventDescribed, event_described
from boxoffice.api.admin_view_messages import (
    AuditChecked,
    AuditFinding,
    AuditVerdict,
    DateShards,
    LiveCounts,
    ReservationItem,
    ReservationsPage,
    TicketsOfType,
    TotalShard,
    TypeShard,
    TypeShards,
)
from boxoffice.api.call import NO_STORE, Answer, Call, json_answer
from boxoffice.api.cursors import AfterReservation, write_cursor
from boxoffice.api.live_counts import live_counts
from boxoffice.api.messages import Message
from boxoffice.api.operation import Granted, Operation, Parameter
from boxoffice.api.parameters import CURSOR, LIMIT, LINK
from boxoffice.api.paths import date_key_of, event_id_of
from boxoffice.api.queries import Query
from boxoffice.api.resource import Handler
from boxoffice.catalog import values
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.reservations import list_reservations
from boxoffice.catalog.shards import read_shards
from boxoffice.errors import NotFound
from boxoffice.guess import Guess
from boxoffice.identifiers import reservation_name
from boxoffice.values import DateKey


class ExhaustedMarks(NamedTuple):
    """The smallest quantity that each marked shard refuses: of the total by shard, of the types by type and shard."""

    total: Mapping[int, int]
    types: Mapping[tuple[int, int], int]


async def show_event(call: Call) -> Answer:
    """Answer with an event as it is sold."""
    event = await describe_event(call.office.reading, event_id_of(call))
    if event is None:
        raise NotFound("There is no such event.")
    return json_answer(200, event_described(event), NO_STORE)


async def show_shards(call: Call) -> Answer:
    """Answer with all shards of a date at one moment, who prefers them, and which of them are marked as exhausted."""
    date_key = date_key_of(call)
    found = await read_shards(call.office.reading, date_key)
    if found is None:
        raise NotFound("There is no such date.")
    exhausted = ExhaustedMarks(*await call.office.marks.exhausted_shards(date_key))
    return json_answer(200, _date_shards(date_key, found, exhausted, call.office.guess), NO_STORE)


async def show_live(call: Call) -> Answer:
    """Answer with what the processes behind this port counted since they began."""
    exposition = await call.office.metrics.whole_exposition()
    return json_answer(200, live_counts(exposition, dt.datetime.now(tz=dt.UTC)), NO_STORE)


async def show_reservations(call: Call) -> Answer:
    """List the live reservations of a date, the latest first; a page at a time."""
    date_key = date_key_of(call)
    query = Query(call)
    limit, after, state = query.limit(), query.after(AfterReservation), query.state()
    found = await list_reservations(
        call.office.reading,
        date_key,
        limit + 1,
        None if after is None else after.id,
        paid=None if state is None else state == "paid",
    )
    shown = found[:limit]
    cursor = write_cursor(AfterReservation(shown[-1].id)) if len(found) > limit else None
    page = ReservationsPage(reservations=[_reservation_item(date_key.event_id, one) for one in shown], next=cursor)
    return json_answer(200, page, NO_STORE, *query.next_link(cursor))


async def show_audit(call: Call) -> Answer:
    """Recount an event, compare, and answer with the verdict."""
    report = await call.office.selling.audit(event_id_of(call))
    if report is None:
        raise NotFound("There is no such event.")
    verdict = AuditVerdict(
        clean=report.clean,
        findings=[AuditFinding(check=one.check, text=str(one)) for one in report.differences],
        notes=list(report.notes),
        checked=AuditChecked(dates=report.dates, reservations=report.reservations, tickets=report.tickets),
    )
    return json_answer(200, verdict, NO_STORE)


def _date_shards(date_key: DateKey, found: values.DateCounters, exhausted: ExhaustedMarks, guess: Guess) -> DateShards:
    available = sum(shard.room or 0 for shard in found.total)
    owners = _owners(guess, None, len(found.total))
    return DateShards(
        event_id=date_key.event_id,
        name=found.name,
        time_zone=found.time_zone,
        date=date_key.date,
        start_time=date_key.start_time,
        capacity=sum(shard.max or 0 for shard in found.total),
        available=available,
        total=[
            TotalShard(
                shard=number,
                current=shard.current,
                max=shard.max or 0,
                exhausted=exhausted.total.get(number) == 1,
                process=owners.get(number),
            )
            for number, shard in enumerate(found.total)
        ],
        ticket_types=[_type_shards(one, available, exhausted, guess) for one in found.types],
        processes=list(guess.processes),
    )


def _type_shards(found: values.TypeCounter, available: int, exhausted: ExhaustedMarks, guess: Guess) -> TypeShards:
    rooms = [shard.room for shard in found.shards]
    maxima = [shard.max for shard in found.shards if shard.max is not None]
    owners = _owners(guess, found.ticket_type_id, len(found.shards))
    return TypeShards(
        tickettype_id=found.ticket_type_id,
        name=found.name,
        capacity=sum(maxima) if len(maxima) == len(rooms) else None,
        available=min(available, sum(available if room is None else room for room in rooms)),
        shards=[
            TypeShard(
                shard=number,
                current=shard.current,
                max=shard.max,
                exhausted=exhausted.types.get((found.ticket_type_id, number)) == 1,
                process=owners.get(number),
            )
            for number, shard in enumerate(found.shards)
        ],
    )


def _owners(guess: Guess, ticket_type: int | None, shards: int) -> Mapping[int, str]:
    """Return the process that prefers each shard; of several the first by name."""
    dealt = guess.own_shards(ticket_type, shards)
    return {shard: process for process in sorted(dealt, reverse=True) for shard in dealt[process]}


def _reservation_item(event_id: int, booked: values.Booked) -> ReservationItem:
    state: Literal["held", "paid"] = "held" if booked.paid_at is None else "paid"
    return ReservationItem(
        reservation_id=reservation_name(event_id, booked.id),
        state=state,
        created_at=booked.created_at,
        expires_at=booked.expires_at,
        paid_at=booked.paid_at,
        payment_reference=booked.payment_ref,
        tickets=[TicketsOfType(tickettype_id=kind, quantity=quantity) for kind, quantity in booked.quantities],
    )


def _view(
    path: str,
    *,
    name: str,
    handler: Handler,
    summary: str,
    description: str,
    kind: type[Message],
    example: Mapping[str, object],
    query: Sequence[Parameter] = (),
    asks_database: bool = True,
) -> Operation:
    return Operation(
        method="GET",
        path=path,
        handler=handler,
        name=name,
        group="Admin",
        admin=True,
        summary=summary,
        description=description,
        query=query,
        granted=(
            Granted(status=200, description="As it is.", kind=kind, example=example, headers=(LINK,) if query else ()),
        ),
        asks_database=asks_database,
    )


STATE = Parameter(
    name="state", description="Only those of this state; both when left out.", kind=Literal["held", "paid"]
)
DATE_PATH = "/admin/events/{event_id}/{date}/{start_time}"
OPERATIONS = (
    _view(
        "/admin/events/{event_id}",
        name="describeEvent",
        handler=show_event,
        summary="Look at an event",
        description="Its limits, shards and types, as `PATCH` answers with them.",
        kind=EventDescribed,
        example=EVENT,
    ),
    _view(
        f"{DATE_PATH}/shards",
        name="getShards",
        handler=show_shards,
        summary="Look at all shards of a date",
        description="`current` and `max` are read from the database at one moment; marks and processes are as known.",
        kind=DateShards,
        example=SHARDS,
    ),
    _view(
        f"{DATE_PATH}/reservations",
        name="listReservations",
        handler=show_reservations,
        summary="List the reservations of a date",
        description="Those held and paid, the latest first.",
        kind=ReservationsPage,
        example=RESERVATIONS,
        query=(LIMIT, CURSOR, STATE),
    ),
    _view(
        "/admin/events/{event_id}/audit",
        name="auditEvent",
        handler=show_audit,
        summary="Audit an event",
        description="Recounts it at one moment and compares, as `boxoffice audit` does; given up after half a minute.",
        kind=AuditVerdict,
        example=AUDIT,
    ),
    _view(
        "/admin/live",
        name="getLiveCounts",
        handler=show_live,
        summary="Counts of the processes behind this port",
        description=(
            "Since each of them began, summed up. Take differences to see what goes on; a process that was replaced"
            " takes its counts with it."
        ),
        kind=LiveCounts,
        example=LIVE,
        asks_database=False,
    ),
)
