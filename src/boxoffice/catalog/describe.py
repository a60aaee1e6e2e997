"""An event as it is described, and the ticket types that there are: each one query, without locks."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice.catalog.check import is_id
from boxoffice.catalog.values import EventDescription, OfferedType, TicketType
from boxoffice.tables import TicketType as TicketTypeTable

# The event, once for each type that it offers (or once without), types in order of id.
DESCRIBE = text("""
    SELECT e.id, e.name, e.time_zone, e.max_tickets, e.num_shards,
        o.ticket_type_id, t.name AS type_name, o.max_per_tt, o.num_of_shards_per_tt
    FROM events e
    LEFT JOIN event_ticket_type o ON o.event_id = e.id
    LEFT JOIN ticket_type t ON t.id = o.ticket_type_id
    WHERE e.id = :event_id
    ORDER BY o.ticket_type_id
""")


async def describe_event(engine: AsyncEngine, event_id: int) -> EventDescription | None:
    """Return the event, or None when there is no such event."""
    async with engine.connect() as connection:
        return await read_event(connection, event_id)


async def read_event(connection: AsyncConnection, event_id: int) -> EventDescription | None:
    """Return the event as the connection's transaction sees it, or None when there is no such event."""
    if not is_id(event_id):
        return None
    rows = (await connection.execute(DESCRIBE, {"event_id": event_id})).all()
    if not rows:
        return None
    event = rows[0]
    return EventDescription(
        id=event.id,
        name=event.name,
        time_zone=event.time_zone,
        max_tickets=event.max_tickets,
        num_shards=event.num_shards,
        ticket_types=tuple(
            OfferedType(
                ticket_type_id=row.ticket_type_id,
                name=row.type_name,
                max=row.max_per_tt,
                num_shards=row.num_of_shards_per_tt,
            )
            for row in rows
            if row.ticket_type_id is not None
        ),
    )


async def list_ticket_types(engine: AsyncEngine) -> list[TicketType]:
    """Return all ticket types in order of id."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(TicketTypeTable.id, TicketTypeTable.name).order_by(TicketTypeTable.id))
        return [TicketType(id=row.id, name=row.name) for row in rows]
