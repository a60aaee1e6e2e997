"""The verb that changes an event: its name, limits, shards and types, for all its dates or none."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from msgspec import UNSET
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice.catalog.check import TYPES_PER_EVENT_MAX, check_change, is_id, unknown_types
from boxoffice.catalog.lock import lock_event
from boxoffice.catalog.reshard import OverdueInTheWay, reshard
from boxoffice.catalog.values import Change, EventDescription, OfferedType, TypeChange
from boxoffice.errors import InvalidRequest, NotFound, Overloaded
from boxoffice.tables import TicketType

CHANGE_ATTEMPTS_MAX = 5
REPEATED_STATES = {"40P01", "40001"}
"""SQLSTATE of a deadlock and of a serialization failure: nothing happened, and the next attempt may succeed."""

# Stores what the event itself says; its row is locked.
UPDATE_EVENT = text("""
    UPDATE events SET name = :name, max_tickets = :max_tickets, num_shards = :num_shards WHERE id = :event_id
""")

# Stores types that the event offers, new or changed; all exist.
STORE_TYPES = text("""
    INSERT INTO event_ticket_type (event_id, ticket_type_id, max_per_tt, num_of_shards_per_tt)
    SELECT e.id, n.ticket_type_id, n.max_per_tt, n.num_shards
    FROM events e
    CROSS JOIN unnest(CAST(:types AS bigint[]), CAST(:maxima AS integer[]), CAST(:shards AS integer[]))
        AS n (ticket_type_id, max_per_tt, num_shards)
    WHERE e.id = :event_id
    ON CONFLICT (event_id, ticket_type_id) DO UPDATE
    SET max_per_tt = excluded.max_per_tt, num_of_shards_per_tt = excluded.num_of_shards_per_tt
""")


class _Undone(Exception):  # noqa: N818 - says how an attempt ended, and is answered by the next one
    """The database undid an attempt that met others; it may be repeated."""


async def change_event(
    engine: AsyncEngine, event_id: int, change: Change, expire_overdue: Callable[[int], Awaitable[object]]
) -> EventDescription:
    """Change an event for all its dates, or for none, and return it as it is now. Repeatable.

    `expire_overdue` puts the event's overdue holds back on sale; it is called outside of the transaction. Waits for
    bookings of the event that are under way; those that come later wait for the change.
    Raises NotFound, InvalidRequest, BelowSold, and Overloaded when the attempts are used up.
    """
    check_change(change)
    if not is_id(event_id):
        raise NotFound("There is no such event.")
    for _ in range(CHANGE_ATTEMPTS_MAX):
        await expire_overdue(event_id)
        with suppress(_Undone, OverdueInTheWay):
            return await _change_once(engine, event_id, change)
    raise Overloaded("The event could not be changed while it is being sold; nothing changed.")


async def _change_once(engine: AsyncEngine, event_id: int, change: Change) -> EventDescription:
    try:
        async with engine.begin() as connection:
            old = await lock_event(connection, event_id)
            new = _changed(old, change, await _names_of_added(connection, old, change.ticket_types))
            await _store(connection, new, sorted(one.ticket_type_id for one in change.ticket_types))
            await reshard(connection, old, new)
            return new
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in REPEATED_STATES:
            raise _Undone from error
        raise


async def _names_of_added(
    connection: AsyncConnection, old: EventDescription, changes: Sequence[TypeChange]
) -> Mapping[int, str]:
    added = {one.ticket_type_id for one in changes} - {one.ticket_type_id for one in old.ticket_types}
    if not added:
        return {}
    rows = await connection.execute(select(TicketType.id, TicketType.name).where(TicketType.id.in_(added)))
    names = {row.id: row.name for row in rows}
    if len(names) < len(added):
        raise unknown_types(sorted(added - names.keys()))
    return names


def _changed(old: EventDescription, change: Change, names: Mapping[int, str]) -> EventDescription:
    num_shards = change.num_shards or old.num_shards
    offered = {one.ticket_type_id: one for one in old.ticket_types}
    for type_id, name in names.items():
        offered[type_id] = OfferedType(ticket_type_id=type_id, name=name, max=None, num_shards=num_shards)
    for one in change.ticket_types:
        offered[one.ticket_type_id] = _changed_type(offered[one.ticket_type_id], one)
    if len(offered) > TYPES_PER_EVENT_MAX:
        raise InvalidRequest(f"An event offers at most {TYPES_PER_EVENT_MAX} ticket types.")
    return replace(
        old,
        name=old.name if change.name is None else change.name,
        max_tickets=old.max_tickets if change.max_tickets is None else change.max_tickets,
        num_shards=num_shards,
        ticket_types=tuple(offered[type_id] for type_id in sorted(offered)),
    )


def _changed_type(old: OfferedType, change: TypeChange) -> OfferedType:
    return replace(
        old,
        max=old.max if change.max is UNSET else change.max,
        num_shards=change.num_shards or old.num_shards,
    )


async def _store(connection: AsyncConnection, new: EventDescription, named: Sequence[int]) -> None:
    await connection.execute(
        UPDATE_EVENT,
        {"event_id": new.id, "name": new.name, "max_tickets": new.max_tickets, "num_shards": new.num_shards},
    )
    types = [one for one in new.ticket_types if one.ticket_type_id in named]
    if types:
        await connection.execute(
            STORE_TYPES,
            {
                "event_id": new.id,
                "types": [one.ticket_type_id for one in types],
                "maxima": [one.max for one in types],
                "shards": [one.num_shards for one in types],
            },
        )
