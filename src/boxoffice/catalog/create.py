"""The verbs that put something new into the catalogue: a ticket type; an event with its types and dates."""

from collections.abc import Sequence

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice.catalog.check import check_name, check_new_event, check_zone, unknown_types
from boxoffice.catalog.dates import insert_dates
from boxoffice.catalog.describe import read_event
from boxoffice.catalog.values import EventDescription, NewEvent, NewType, TicketType
from boxoffice.errors import InvalidRequest
from boxoffice.tables import Event
from boxoffice.tables import TicketType as TicketTypeTable

# Whether Postgres knows the zone by this name and, asked for it, does not take an abbreviation without summer time.
ZONE_KNOWN = text("""
    SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = CAST(:time_zone AS text))
        AND (CAST(:time_zone AS text) IN ('UTC', 'GMT') OR NOT EXISTS (
            SELECT FROM pg_timezone_abbrevs WHERE abbrev = upper(CAST(:time_zone AS text))
        ))
""")

# Offers those of the types that exist.
INSERT_TYPES = text("""
    INSERT INTO event_ticket_type (event_id, ticket_type_id, max_per_tt, num_of_shards_per_tt)
    SELECT e.id, t.id, n.max_per_tt, n.num_shards
    FROM events e
    CROSS JOIN ticket_type t
    JOIN unnest(CAST(:types AS bigint[]), CAST(:maxima AS integer[]), CAST(:shards AS integer[]))
        AS n (ticket_type_id, max_per_tt, num_shards) ON n.ticket_type_id = t.id
    WHERE e.id = :event_id
    RETURNING ticket_type_id
""")


async def create_ticket_type(engine: AsyncEngine, name: str) -> TicketType:
    """Create a ticket type. Not repeatable: each call makes another. Raises InvalidRequest."""
    check_name(name)
    async with engine.begin() as connection:
        return await insert_ticket_type(connection, name)


async def insert_ticket_type(connection: AsyncConnection, name: str) -> TicketType:
    """Do so in the caller's transaction."""
    check_name(name)
    created = await connection.execute(insert(TicketTypeTable).values(name=name).returning(TicketTypeTable.id))
    return TicketType(id=created.scalar_one(), name=name)


async def create_event(engine: AsyncEngine, event: NewEvent) -> EventDescription:
    """Create an event with its types, dates and counters, or nothing. Not repeatable. Raises InvalidRequest."""
    check_new_event(event)
    async with engine.begin() as connection:
        return await insert_event(connection, event)


async def insert_event(connection: AsyncConnection, event: NewEvent) -> EventDescription:
    """Do so in the caller's transaction."""
    check_new_event(event)
    await _check_zone(connection, event.time_zone)
    created = await connection.execute(
        insert(Event)
        .values(
            name=event.name,
            max_tickets=event.max_tickets,
            num_shards=event.num_shards,
            time_zone=event.time_zone,
        )
        .returning(Event.id)
    )
    event_id = created.scalar_one()
    await _offer(connection, event_id, event.ticket_types, event.num_shards)
    description = await read_event(connection, event_id)
    if description is None:
        raise AssertionError("an event is there in the transaction that made it")
    await insert_dates(connection, description, event.dates)
    return description


async def _check_zone(connection: AsyncConnection, time_zone: str) -> None:
    check_zone(time_zone)
    if not (await connection.execute(ZONE_KNOWN, {"time_zone": time_zone})).scalar_one():
        raise InvalidRequest(f"The database does not know the time zone {time_zone}.")


async def _offer(connection: AsyncConnection, event_id: int, types: Sequence[NewType], num_shards: int) -> None:
    offered = await connection.execute(
        INSERT_TYPES,
        {
            "event_id": event_id,
            "types": [one.ticket_type_id for one in types],
            "maxima": [one.max for one in types],
            "shards": [one.num_shards or num_shards for one in types],
        },
    )
    missing = {one.ticket_type_id for one in types} - set(offered.scalars())
    if missing:
        raise unknown_types(sorted(missing))
