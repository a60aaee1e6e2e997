"""What the database holds of one event, at one moment, and whether that is consistent in itself.

The recount here owes nothing to the service's own audit: it reads rows and adds them up.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from tests.simulation.event_model import Counted, Offer
from tests.simulation.shop import START, Shown
from tests.simulation.story import Tickets

RESERVATIONS = """
    SELECT r.id, r.date, r.start_time, r.idempotency_key, r.payment_ref, r.paid_at, r.created_at, r.expires_at,
        array(SELECT t.id FROM tickets t WHERE t.event_id = $1 AND t.reservation_id = r.id ORDER BY t.id) AS ids,
        array(SELECT t.ticket_type FROM tickets t WHERE t.event_id = $1 AND t.reservation_id = r.id ORDER BY t.id)
            AS types
    FROM reservation r WHERE r.event_id = $1
"""
UNPAID = "SELECT count(*) FROM reservation WHERE event_id = $1 AND paid_at IS NULL"
TICKETS = """
    SELECT date, start_time, ticket_type, shard_id, tt_shard_id, reservation_id FROM tickets WHERE event_id = $1
"""
TOTALS = "SELECT date, start_time, shard_id, shard_current, shard_max FROM consumption WHERE event_id = $1"
OF_TYPES = """
    SELECT date, start_time, ticket_type, shard_id, shard_current, shard_max FROM consumption_tt WHERE event_id = $1
"""
OFFERED = """
    SELECT ticket_type_id, max_per_tt, num_of_shards_per_tt FROM event_ticket_type WHERE event_id = $1
    ORDER BY ticket_type_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A reservation as it is stored; `reference` is None while it is held."""

    name: str
    date: int
    key: str | None
    reference: str | None
    expires_at: float
    tickets: Tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event as it is stored, read between two moments, and what is wrong with its counters."""

    begun_at: float
    ended_at: float
    offer: Offer
    rows: Mapping[str, Row]
    faults: Sequence[str]
    counters: int

    def taken(self, date: int) -> Counter[int]:
        """Return how many tickets of each type of a date are held or paid."""
        return Counter(kind for row in self.rows.values() if row.date == date for _, kind in row.tickets)


async def unpaid(pool: asyncpg.Pool, shown: Shown) -> int:
    """Count the reservations of an event that nobody has paid for."""
    found: int = await pool.fetchval(UNPAID, shown.event_id)
    return found


async def read_stored(pool: asyncpg.Pool, shown: Shown) -> Stored:
    """Read an event at one moment."""
    begun_at = time.time()
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        event = await connection.fetchrow("SELECT max_tickets, num_shards FROM events WHERE id = $1", shown.event_id)
        dates = await connection.fetch("SELECT date, start_time FROM event_date WHERE event_id = $1", shown.event_id)
        reservations, tickets, totals, of_types, offered = [
            await connection.fetch(query, shown.event_id)
            for query in (RESERVATIONS, TICKETS, TOTALS, OF_TYPES, OFFERED)
        ]
    assert event is not None
    offer = Offer(
        Counted(event["max_tickets"], event["num_shards"]),
        tuple(Counted(row["max_per_tt"], row["num_of_shards_per_tt"]) for row in offered),
    )
    rows = [_row(shown, row) for row in reservations]
    faults = [
        *_wrong_dates(shown, dates),
        *_wrong_totals(shown, offer.total, totals, tickets),
        *_wrong_types(shown, offer.types, of_types, tickets),
        *_wrong_tickets(reservations, tickets),
    ]
    return Stored(
        begun_at=begun_at,
        ended_at=time.time(),
        offer=offer,
        rows={row.name: row for row in rows},
        faults=faults,
        counters=len(totals) + len(of_types),
    )


def _row(shown: Shown, row: asyncpg.Record) -> Row:
    return Row(
        name=row["id"].hex,
        date=shown.dates.index(row["date"]),
        key=row["idempotency_key"],
        reference=row["payment_ref"],
        expires_at=row["expires_at"].timestamp(),
        tickets=frozenset(
            (each.hex, shown.types.index(kind)) for each, kind in zip(row["ids"], row["types"], strict=True)
        ),
    )


def _wrong_dates(shown: Shown, dates: Sequence[asyncpg.Record]) -> Iterator[str]:
    found = sorted(tuple(row) for row in dates)
    if found != [(date, START) for date in shown.dates]:
        yield f"the event has the dates {found}"


def _wrong_totals(
    shown: Shown, counted: Counted, totals: Sequence[asyncpg.Record], tickets: Sequence[asyncpg.Record]
) -> Iterator[str]:
    rows = [(row[0], 0, *row[2:]) for row in totals]
    remembered = Counter((row["date"], 0, row["shard_id"]) for row in tickets)
    return _wrong_counters("the total", shown, [counted], rows, remembered)


def _wrong_types(
    shown: Shown, counted: Sequence[Counted], of_types: Sequence[asyncpg.Record], tickets: Sequence[asyncpg.Record]
) -> Iterator[str]:
    place = {kind: number for number, kind in enumerate(shown.types)}
    rows = [(row[0], place[row[2]], *row[3:]) for row in of_types]
    remembered = Counter((row["date"], place[row["ticket_type"]], row["tt_shard_id"]) for row in tickets)
    return _wrong_counters("a type", shown, counted, rows, remembered)


def _wrong_counters(
    what: str,
    shown: Shown,
    counted: Sequence[Counted],
    rows: Sequence[tuple[dt.date, int, int, int, int | None]],
    tickets: Mapping[tuple[dt.date, int, int], int],
) -> Iterator[str]:
    """Find counters that are not there, that count wrongly, or whose maxima are not the limit they came from."""
    found = {row[:3]: row[3:] for row in rows}
    expected = {
        (date, place, shard) for date in shown.dates for place, one in enumerate(counted) for shard in range(one.shards)
    }
    if found.keys() != expected:
        yield f"{what} has the shards {sorted(found)}, not {sorted(expected)}"
    for counter in found.keys() | tickets.keys():
        current, maximum = found.get(counter, (-1, None))
        if current != tickets.get(counter, 0):
            yield f"shard {counter} of {what} counts {current}, {tickets.get(counter, 0)} tickets remember it"
        if current < 0 or (maximum is not None and current > maximum):
            yield f"shard {counter} of {what} counts {current} of {maximum}"
    for date in shown.dates:
        for place, one in enumerate(counted):
            maxima = [maximum for (on, of, _), (_, maximum) in found.items() if (on, of) == (date, place)]
            unlimited = one.limit is None and set(maxima) == {None}
            if not unlimited and (None in maxima or sum(each or 0 for each in maxima) != one.limit):
                yield f"the maxima of {what} {place} on {date} are {maxima}, of {one.limit}"
            sold = sum(number for (on, of, _), number in tickets.items() if (on, of) == (date, place))
            if one.limit is not None and sold > one.limit:
                yield f"{sold} tickets of {what} {place} on {date}, at most {one.limit}"


def _wrong_tickets(reservations: Sequence[asyncpg.Record], tickets: Sequence[asyncpg.Record]) -> Iterator[str]:
    """Find tickets without their reservation or on another date, reservations without tickets, half payments."""
    places = {row["id"]: (row["date"], row["start_time"]) for row in reservations}
    for row in tickets:
        if places.get(row["reservation_id"]) != (row["date"], row["start_time"]):
            yield f"a ticket of {row['reservation_id']} on {row['date']}, which is {places.get(row['reservation_id'])}"
    for row in reservations:
        if not row["ids"]:
            yield f"{row['id']} has no tickets"
        if (row["paid_at"] is None) != (row["payment_ref"] is None):
            yield f"{row['id']} was paid at {row['paid_at']} with {row['payment_ref']}"
        if row["paid_at"] is not None and not row["created_at"] <= row["paid_at"] < row["expires_at"]:
            yield f"{row['id']} was paid at {row['paid_at']}, but expired at {row['expires_at']}"
