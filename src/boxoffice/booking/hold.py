"""The verb that sells: book a plan for holds of one date, in one statement, whole or not at all."""

from collections.abc import Sequence
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
    date_key: DateKey,
    plan: Sequence[PlannedHold],
    hold_seconds: int,
    statement: str = HOLD,
) -> tuple[Claim, Moved]:
    """Book the whole plan in one durable transaction of one round trip.

    Returns which reservations were made (the others met a taken key, or a date that is missing or past) and what is
    left in the counters. Raises PlanDoesNotHold when a counter refused: then nothing at all was booked.
    """
    try:
        row = await connection.fetchrow(statement, *date_key, hold_seconds, *columns_of(plan))
    except asyncpg.DivisionByZeroError as error:
        raise PlanDoesNotHold from error
    if row is None:
        raise AssertionError("hold.sql returns one row")
    return _claim(row), _moved(row)


def columns_of(plan: Sequence[PlannedHold]) -> tuple[Sequence[object], ...]:
    """Lay the plan out as the arrays $5 to $11 of hold.sql."""
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
    reservations = [hold.reservation_id for hold in plan]
    keys = [hold.wanted.idempotency_key for hold in plan]
    return reservations, keys, ids, owners, types, shards, type_shards


def _claim(row: Record) -> Claim:
    return Claim(
        ids=frozenset(row["reservation_ids"] or ()), created_at=row["created_at"], expires_at=row["expires_at"]
    )


def _moved(row: Record) -> Moved:
    type_keys = zip(row["tt_types"] or (), row["tt_shards"] or (), strict=True)
    return Moved(
        version=row["version"],
        total=dict(zip(row["total_shards"] or (), row["total_rooms"] or (), strict=True)),
        types=dict(zip(type_keys, row["tt_rooms"] or (), strict=True)),
    )
