"""The verb that sells: book a plan for holds of one event, in one statement, whole or not at all."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec
from asyncpg import Record

from boxoffice.booking.statements import HOLD
from boxoffice.booking.values import Claim, Moved, Wanted
from boxoffice.values import DateKey


class PlanDoesNotHold(Exception):  # noqa: N818 - a finding of the booking side, never an answer to a client
    """A counter of the plan lacks the room or is gone; nothing was booked."""


class PlannedHold(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its identifiers and the two shards of each ticket, in order of the request's lines."""

    wanted: Wanted
    reservation_id: UUID
    ticket_ids: Sequence[UUID]
    total_shards: Sequence[int]
    type_shards: Sequence[int]


class Connection(Protocol):
    """What booking needs of a connection or a pool."""

    async def fetchrow(self, query: str, *args: object) -> Record | None:
        """Run one statement and return its first row."""
        ...

    async def fetch(self, query: str, *args: object) -> list[Record]:
        """Run one statement and return its rows."""
        ...


async def book(
    connection: Connection,
    event_id: int,
    plan: Sequence[PlannedHold],
    hold_seconds: int,
    statement: str = HOLD,
) -> tuple[Claim, Mapping[DateKey, Moved]]:
    """Book the whole plan, of one event's dates, in one durable transaction of one round trip.

    Returns which reservations were made (the others met a taken key, or a date that is missing or past) and what is
    left in the counters of each date. Raises PlanDoesNotHold when a counter refused: then nothing at all was booked.
    """
    numbers = numbered(plan)
    try:
        row = await connection.fetchrow(statement, event_id, hold_seconds, *columns_of(plan, numbers))
    except asyncpg.DivisionByZeroError as error:
        raise PlanDoesNotHold from error
    if row is None:
        raise AssertionError("hold.sql returns one row")
    return claim_of(row), _moved(row, event_id, numbers)


def numbered(plan: Sequence[PlannedHold]) -> Mapping[DateKey, int]:
    """Number the dates of a plan from 1, in the order in which they come."""
    numbers: dict[DateKey, int] = {}
    for hold in plan:
        numbers.setdefault(hold.wanted.date_key, len(numbers) + 1)
    return numbers


def columns_of(
    plan: Sequence[PlannedHold], numbers: Mapping[DateKey, int] | None = None
) -> tuple[Sequence[object], ...]:
    """Lay the plan out as the arrays $3 to $12 of hold.sql."""
    numbers = numbers or numbered(plan)
    ids: list[UUID] = []
    owners: list[UUID] = []
    types: list[int] = []
    shards: list[int] = []
    type_shards: list[int] = []
    for hold in plan:
        ids += hold.ticket_ids
        owners += [hold.reservation_id] * len(hold.ticket_ids)
        shards += hold.total_shards
        type_shards += hold.type_shards
        for ticket_type, quantity in hold.wanted.lines:
            types += [ticket_type] * quantity
    dates = [date_key.date for date_key in numbers]
    start_times = [date_key.start_time for date_key in numbers]
    reservations = [hold.reservation_id for hold in plan]
    keys = [hold.wanted.idempotency_key for hold in plan]
    date_numbers = [numbers[hold.wanted.date_key] for hold in plan]
    return dates, start_times, reservations, keys, date_numbers, ids, owners, types, shards, type_shards


def claim_of(row: Record) -> Claim:
    """Return which reservations a row says were made, and when."""
    return Claim(
        ids=frozenset(row["reservation_ids"] or ()), created_at=row["created_at"], expires_at=row["expires_at"]
    )


def _moved(row: Record, event_id: int, numbers: Mapping[DateKey, int]) -> Mapping[DateKey, Moved]:
    moved = {
        date_key: Moved(version=version, total={}, types={})
        for date_key, version in zip(numbers, row["versions"], strict=True)
    }
    for date, start_time, shard, room in row["total"] or ():
        moved[DateKey(event_id, date, start_time)].total[shard] = room
    for date, start_time, ticket_type, shard, room in row["types"] or ():
        moved[DateKey(event_id, date, start_time)].types[ticket_type, shard] = room
    return moved
