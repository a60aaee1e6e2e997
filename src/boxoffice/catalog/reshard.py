"""Moving an event's counters to new limits and shards, for all its dates, while it is being sold.

Rows are locked first, in the order that all of Boxoffice keeps (docs/concurrency.md): the event by the caller, then
event_date, consumption, consumption_tt. Bookings under way have then ended and later ones wait, so that each statement
after the locks, on a snapshot of its own, sees all that was sold. None of them leaves a counter above its maximum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from boxoffice.catalog import reshard_sql as sql
from boxoffice.catalog.check import check_counters
from boxoffice.catalog.spread import fold, rebalance
from boxoffice.catalog.values import DateAndTime, EventDescription
from boxoffice.errors import BelowSold

COUNTERS_PER_STATEMENT_MAX = 20_000


class OverdueInTheWay(Exception):  # noqa: N818 - says how an attempt ended, and is answered by the next one
    """Overdue holds, no longer sold but still counted, exceed the new limit: expire them and begin again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A limit and a number of shards to come: of the total (ticket_type None) or of a type."""

    ticket_type: int | None
    name: str
    limit: int | None
    num_shards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What each shard of one counter holds on one date, in order of shard id."""

    date: DateAndTime
    currents: Sequence[int]


async def reshard(connection: AsyncConnection, old: EventDescription, new: EventDescription) -> None:
    """Bring all counters of the event from `old` to `new`, which the caller's transaction has locked and stored.

    Waits for bookings under way. Raises BelowSold, OverdueInTheWay, and InvalidRequest when there are too many counters
    for one transaction, after which the transaction must be undone.
    """
    moves = _moves(old, new)
    if not moves:
        return
    of_event = {"event_id": new.id}
    dates = (await connection.execute(sql.LOCK_DATES, of_event)).scalar_one()
    check_counters(dates, sum(move.num_shards for move in moves))
    await connection.execute(sql.LOCK_TOTALS, of_event)
    await connection.execute(sql.LOCK_TYPES, of_event)
    taken = [await _read(connection, new.id, move) for move in moves]
    for move, of_move in zip(moves, taken, strict=True):
        await _check_sold(connection, new.id, move, of_move)
    if any(_shrinks(move, of_move) for move, of_move in zip(moves, taken, strict=True)):
        await connection.execute(sql.RELABEL, of_event)
    for move, of_move in zip(moves, taken, strict=True):
        await _write(connection, new.id, move, of_move)
    await connection.execute(sql.RAISE_VERSIONS, of_event)


def _moves(old: EventDescription, new: EventDescription) -> list[_Move]:
    before = {one.ticket_type_id: (one.max, one.num_shards) for one in old.ticket_types}
    moves = [
        _Move(ticket_type=one.ticket_type_id, name=one.name, limit=one.max, num_shards=one.num_shards)
        for one in new.ticket_types
        if before.get(one.ticket_type_id) != (one.max, one.num_shards)
    ]
    if (old.max_tickets, old.num_shards) != (new.max_tickets, new.num_shards):
        moves.insert(0, _Move(ticket_type=None, name="total", limit=new.max_tickets, num_shards=new.num_shards))
    return moves


def _shrinks(move: _Move, taken: Sequence[_Taken]) -> bool:
    return any(len(one.currents) > move.num_shards for one in taken)


async def _read(connection: AsyncConnection, event_id: int, move: _Move) -> list[_Taken]:
    if move.ticket_type is None:
        rows = await connection.execute(sql.READ_TOTALS, {"event_id": event_id})
    else:
        rows = await connection.execute(sql.READ_TYPE, {"event_id": event_id, "ticket_type": move.ticket_type})
    return [_Taken(date=DateAndTime(row.date, row.start_time), currents=row.currents) for row in rows]


async def _check_sold(connection: AsyncConnection, event_id: int, move: _Move, taken: Sequence[_Taken]) -> None:
    fullest = max((sum(one.currents) for one in taken), default=0)
    if move.limit is None or fullest <= move.limit:
        return
    counted = await connection.execute(sql.COUNT_SOLD, {"event_id": event_id, "ticket_type": move.ticket_type})
    sold = counted.scalar_one()
    if sold <= move.limit:
        raise OverdueInTheWay
    raise BelowSold(f"{sold} tickets ({move.name}) are sold on the fullest date; nothing changed.", sold=sold)


async def _write(connection: AsyncConnection, event_id: int, move: _Move, taken: Sequence[_Taken]) -> None:
    of_counter: dict[str, object] = {"event_id": event_id}
    write, remove = sql.WRITE_TOTALS, sql.REMOVE_TOTALS
    if move.ticket_type is not None:
        of_counter["ticket_type"] = move.ticket_type
        write, remove = sql.WRITE_TYPE, sql.REMOVE_TYPE
    for batch in _batches(taken, max(1, COUNTERS_PER_STATEMENT_MAX // move.num_shards)):
        await connection.execute(write, {**of_counter, **_columns(batch, move)})
    await connection.execute(remove, {**of_counter, "num_shards": move.num_shards})


def _batches(taken: Sequence[_Taken], dates_max: int) -> Iterator[Sequence[_Taken]]:
    return (taken[start : start + dates_max] for start in range(0, len(taken), dates_max))


def _columns(taken: Sequence[_Taken], move: _Move) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {name: [] for name in ("dates", "start_times", "shards", "currents", "maxima")}
    for one in taken:
        currents = fold(one.currents, move.num_shards)
        columns["dates"] += [one.date.date] * move.num_shards
        columns["start_times"] += [one.date.start_time] * move.num_shards
        columns["shards"] += range(move.num_shards)
        columns["currents"] += currents
        columns["maxima"] += rebalance(currents, move.limit)
    return columns
