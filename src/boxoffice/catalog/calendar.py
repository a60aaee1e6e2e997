"""The verb that imports an iCalendar file: each UID becomes an event, or gives its event the dates that are missing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import Text

from boxoffice.catalog.calendar_series import Series, read_series
from boxoffice.catalog.check import COUNTERS_PER_CALL_MAX, DATES_PER_CALL_MAX, check_limit, check_name, check_shards
from boxoffice.catalog.create import insert_event, insert_ticket_type
from boxoffice.catalog.dates import insert_dates
from boxoffice.catalog.lock import lock_event
from boxoffice.catalog.values import DateAndTime, EventDescription, NewEvent, NewType
from boxoffice.errors import CannotStart, InvalidRequest, UnreadableCalendar
from boxoffice.tables import EventImport, TicketType

CALENDAR_BYTES_MAX = 50_000_000

# One import at a time. Two of one UID would each find it new and make two events; a unique constraint on uid cannot
# stand in their way, because every key begins with event_id. Nobody else waits for this lock: selling goes on.
LOCK_IMPORTS = text("SELECT pg_advisory_xact_lock(hashtextextended('boxoffice import', 0))")


class NamedType(NamedTuple):
    """A ticket type as the command line gives it: by name; without max it is limited by the event's total alone."""

    name: str
    max: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedEvent:
    """What became of one UID; without event_id it has no date to sell, so that there is no event."""

    uid: str
    name: str
    event_id: int | None
    created: bool
    dates_added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file: its events in the order of the file."""

    events: tuple[ImportedEvent, ...]

    @property
    def events_created(self) -> int:
        """How many events are new."""
        return sum(event.created for event in self.events)

    @property
    def dates_added(self) -> int:
        """How many dates are new, those of new events included."""
        return sum(event.dates_added for event in self.events)


def parse_ticket_type(given: str) -> NamedType:
    """Read NAME or NAME:MAX; the name may hold colons, if MAX follows. Raises InvalidRequest."""
    name, colon, most = given.rpartition(":")
    if not colon:
        name = given
    elif not (most.isascii() and most.isdecimal() and len(most) <= 10):
        raise InvalidRequest(f"ticket type {given!r}: NAME or NAME:MAX is expected, MAX a whole number")
    named = NamedType(name.strip(), int(most) if colon else None)
    check_name(named.name)
    if named.max is not None:
        check_limit("max", named.max)
    return named


async def import_calendar(
    engine: AsyncEngine,
    calendar: Path | bytes,
    *,
    max_tickets: int,
    num_shards: int,
    ticket_types: Sequence[NamedType],
    until: dt.date | None = None,
) -> ImportReport:
    """Import all of a calendar file, or nothing of it. Repeatable: dates that are there stay as they are.

    Limits, shards and types are those of new events; an event that is there keeps its own. Types are found by name,
    or created. Waits for other imports. Raises UnreadableCalendar, InvalidRequest, CannotStart.
    """
    found = read_series(_content(calendar), until)
    model = _model(max_tickets, num_shards, ticket_types)
    async with engine.begin() as connection:
        await connection.execute(LOCK_IMPORTS)
        return await import_series(connection, found, model, ticket_types)


async def import_series(
    connection: AsyncConnection, found: Sequence[Series], model: NewEvent, ticket_types: Sequence[NamedType]
) -> ImportReport:
    """Do so in the caller's transaction, which holds LOCK_IMPORTS: it looks for each UID before it adds its event."""
    known = await _known_events(connection, [series.uid for series in found])
    if any(series.dates and series.uid not in known for series in found):
        model = replace(model, ticket_types=await _types_by_name(connection, ticket_types))
    imported: list[ImportedEvent] = []
    for series in found:
        imported.append(await _import_one(connection, series, known.get(series.uid), model))
        event_id = imported[-1].event_id
        if event_id is not None:
            known[series.uid] = event_id
    return ImportReport(events=tuple(imported))


def _content(calendar: Path | bytes) -> bytes:
    if isinstance(calendar, bytes):
        content = calendar
    else:
        try:
            with calendar.open("rb") as file:
                content = file.read(CALENDAR_BYTES_MAX + 1)
        except OSError as error:
            raise CannotStart(f"{calendar}: {error.strerror or error}") from error
    if len(content) > CALENDAR_BYTES_MAX:
        raise CannotStart(f"a calendar file has at most {CALENDAR_BYTES_MAX:,} bytes")
    return content


def _model(max_tickets: int, num_shards: int, ticket_types: Sequence[NamedType]) -> NewEvent:
    """Return the event that all new ones follow, checked, so that what fails later is the calendar's."""
    check_limit("maxTickets", max_tickets)
    check_shards(num_shards)
    if not ticket_types:
        raise InvalidRequest("An event offers at least one ticket type.")
    for name, most in ticket_types:
        check_name(name)
        if most is not None:
            check_limit("max", most)
    if len({name for name, _ in ticket_types}) < len(ticket_types):
        raise InvalidRequest("A ticket type is named twice.")
    return NewEvent(name="", max_tickets=max_tickets, num_shards=num_shards, ticket_types=())


async def _known_events(connection: AsyncConnection, uids: Sequence[str]) -> dict[str, int]:
    """Return the events that were imported from these UIDs."""
    wanted = bindparam("uids", list(uids), type_=ARRAY(Text()))
    rows = await connection.execute(
        select(EventImport.uid, EventImport.event_id).where(EventImport.uid == wanted.any_())
    )
    return {row.uid: row.event_id for row in rows}


async def _types_by_name(connection: AsyncConnection, named: Sequence[NamedType]) -> tuple[NewType, ...]:
    """Return the types to offer; of several types of one name the oldest is taken."""
    names = bindparam("names", [name for name, _ in named], type_=ARRAY(Text()))
    rows = await connection.execute(
        select(TicketType.name, TicketType.id).where(TicketType.name == names.any_()).order_by(TicketType.id.desc())
    )
    ids: Mapping[str, int] = {row.name: row.id for row in rows}
    return tuple(
        [
            NewType(
                ticket_type_id=ids[name] if name in ids else (await insert_ticket_type(connection, name)).id, max=most
            )
            for name, most in named
        ]
    )


async def _import_one(
    connection: AsyncConnection, series: Series, event_id: int | None, model: NewEvent
) -> ImportedEvent:
    created = event_id is None
    if created and not series.dates:
        return ImportedEvent(uid=series.uid, name=series.name, event_id=None, created=False, dates_added=0)
    try:
        if event_id is None:
            event = await insert_event(connection, replace(model, name=series.name, time_zone=series.time_zone))
            await connection.execute(insert(EventImport).values(event_id=event.id, uid=series.uid))
        else:
            event = await lock_event(connection, event_id)
            _check_same_zone(series, event)
        added = await _insert_all_dates(connection, event, series.dates)
    except InvalidRequest as error:
        raise UnreadableCalendar(series.line, error.detail) from error
    return ImportedEvent(uid=series.uid, name=event.name, event_id=event.id, created=created, dates_added=added)


def _check_same_zone(series: Series, event: EventDescription) -> None:
    """Refuse a calendar that has moved to another zone: its dates would be sold a second time, at other hours."""
    if event.time_zone != series.time_zone:
        raise UnreadableCalendar(
            series.line, f"event {event.id} was imported in time zone {event.time_zone}, not {series.time_zone}"
        )


async def _insert_all_dates(connection: AsyncConnection, event: EventDescription, dates: Sequence[DateAndTime]) -> int:
    """Add the dates that the event does not have yet, in bounded steps, and return how many these were."""
    counters_per_date = event.num_shards + sum(one.num_shards for one in event.ticket_types)
    step = max(1, min(DATES_PER_CALL_MAX, COUNTERS_PER_CALL_MAX // counters_per_date))
    added = 0
    for start in range(0, len(dates), step):
        added += len(await insert_dates(connection, event, dates[start : start + step]))
    return added
