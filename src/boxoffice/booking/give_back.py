"""Putting tickets of unpaid reservations back on sale: the statement that release and expiry share."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import asyncpg

from boxoffice.booking.hold import Connection
from boxoffice.booking.statements import GIVE_BACK
from boxoffice.errors import Overloaded
from boxoffice.values import DateKey, GivenBack

GIVE_BACK_ATTEMPTS_MAX = 10

Which = Literal["held", "overdue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The reservations that went, those that are paid and stayed, and the units that are on sale again, by date."""

    gone: frozenset[UUID]
    paid: frozenset[UUID]
    given_back: Sequence[GivenBack]


class LabelsMoved(Exception):  # noqa: N818 - a finding of the booking side, never an answer to a client
    """A reshard re-labelled the tickets while the statement waited; nothing was given back."""


async def give_back(pool: asyncpg.Pool, event_id: int, ids: Sequence[UUID], which: Which) -> Returned:
    """Remove those of the reservations that are in the state `which`, counters restored, in one transaction.

    Repeats itself when a reshard re-labelled the tickets meanwhile; raises Overloaded when that does not end.
    """
    for _ in range(GIVE_BACK_ATTEMPTS_MAX):
        with suppress(LabelsMoved):
            return await give_back_once(pool, event_id, ids, which)
    raise Overloaded("The tickets of this event are being moved.", reason="attempts_spent")


async def give_back_once(
    connection: Connection, event_id: int, ids: Sequence[UUID], which: Which, statement: str = GIVE_BACK
) -> Returned:
    """Do so in the caller's transaction. Raises LabelsMoved, after which that transaction is undone."""
    try:
        row = await connection.fetchrow(statement, event_id, sorted(ids), which)
    except (asyncpg.DivisionByZeroError, asyncpg.DeadlockDetectedError) as error:
        raise LabelsMoved from error
    if row is None:
        raise AssertionError("give_back.sql returns one row")
    return Returned(
        gone=frozenset(row["gone_ids"] or ()),
        paid=frozenset(row["paid_ids"] or ()),
        given_back=_by_date(event_id, row),
    )


def _by_date(event_id: int, row: asyncpg.Record) -> list[GivenBack]:
    totals: defaultdict[DateKey, dict[int, int]] = defaultdict(dict)
    of_types: defaultdict[DateKey, dict[tuple[int, int], int]] = defaultdict(dict)
    total = ("total_dates", "total_start_times", "total_shards", "total_quantities")
    for date, start_time, shard, quantity in zip(*(row[name] or () for name in total), strict=True):
        totals[DateKey(event_id, date, start_time)][shard] = quantity
    types = ("tt_dates", "tt_start_times", "tt_types", "tt_shards", "tt_quantities")
    for date, start_time, ticket_type, shard, quantity in zip(*(row[name] or () for name in types), strict=True):
        of_types[DateKey(event_id, date, start_time)][ticket_type, shard] = quantity
    return [GivenBack(date_key=key, total=totals[key], types=of_types[key]) for key in totals]
