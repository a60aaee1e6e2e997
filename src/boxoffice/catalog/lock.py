"""Taking an event in hand, so that its limits, shards and dates change one change at a time."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from boxoffice.catalog.check import is_id
from boxoffice.catalog.describe import read_event
from boxoffice.catalog.values import EventDescription
from boxoffice.errors import NotFound

# Locks the event's row; bookings never lock it, so they do not wait.
LOCK_EVENT = text("SELECT id FROM events WHERE id = :event_id FOR NO KEY UPDATE")


async def lock_event(connection: AsyncConnection, event_id: int) -> EventDescription:
    """Return the event as it stays until the transaction ends. Waits for other changes. Raises NotFound."""
    if is_id(event_id):
        await connection.execute(LOCK_EVENT, {"event_id": event_id})
    event = await read_event(connection, event_id)
    if event is None:
        raise NotFound("There is no such event.")
    return event
