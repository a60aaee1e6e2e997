"""Events that have sold for a while, made by SQL, and for each statement of the booking side a call upon them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg

from boxoffice.booking.hold import PlannedHold, columns_of
from boxoffice.booking.sweeper import LATE_SECONDS_MAX, OVERDUE_PER_SECOND_MIN
from boxoffice.values import DateKey
from tests.world import NEXT_YEAR, plan_of

FOLDER = Path(__file__).resolve().parents[2] / "src/boxoffice/booking/sql"
STATEMENTS: Mapping[str, str] = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.sql"))}
OVER_ALL_EVENTS = frozenset({"audit_backlog", "audit_events", "audit_has_citus", "audit_processes", "overdue_events"})
"""The documented exceptions: they look over all events, and only read."""

EVENTS = 16
SHARDS = 16
TICKETS_PER_RESERVATION = 3
BATCH = 20

EVENT = 5
DATE_KEY = DateKey(EVENT, dt.date(NEXT_YEAR, 1, 1), dt.time(20))


def fill(*, dates: int, reservations: int) -> str:
    """Return what fills empty tables, those that the search_path finds.

    Of seven reservations five are paid, one is held and one is overdue; every third has an Idempotency-Key.
    """
    return f"""
        INSERT INTO events (name, max_tickets, num_shards, time_zone)
        SELECT 'Event ' || n, 1000000, {SHARDS}, 'UTC' FROM generate_series(1, {EVENTS}) n;
        INSERT INTO ticket_type (name) SELECT 'Type ' || n FROM generate_series(1, 2) n;
        INSERT INTO event_ticket_type
        SELECT e.id, t.id, CASE t.id WHEN 1 THEN 500000 END, 4 FROM events e, ticket_type t;
        INSERT INTO event_date
        SELECT e.id, d, '20:00', 1, (d + time '20:00') AT TIME ZONE 'UTC'
        FROM events e, generate_series(0, {dates - 1}) n, LATERAL (SELECT date '{DATE_KEY.date}' + n) AS dates (d);
        INSERT INTO reservation (event_id, id, date, start_time, payment_ref, created_at, expires_at, paid_at,
            idempotency_key)
        SELECT 1 + n % {EVENTS}, uuidv7(), date '{DATE_KEY.date}' + n / {EVENTS} % {dates}, '20:00',
            CASE WHEN state > 1 THEN 'paid' END,
            now() - interval '1 hour',
            now() + n * interval '1 ms' + CASE state WHEN 0 THEN interval '-50 minutes' ELSE interval '50 minutes' END,
            CASE WHEN state > 1 THEN now() END,
            CASE WHEN n % 3 = 0 THEN 'key ' || n END
        FROM generate_series(1, {reservations}) n, LATERAL (SELECT n / {EVENTS} % 7) AS states (state);
        INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id)
        SELECT r.event_id, uuidv7(), r.date, r.start_time, 1 + n % 2, r.id,
            abs(hashtext(r.id::text)) % {SHARDS}, abs(hashtext(r.id::text)) % 4
        FROM reservation r, generate_series(1, {TICKETS_PER_RESERVATION}) n;
        INSERT INTO consumption
        SELECT d.event_id, d.date, d.start_time, s, count(t.id), 1000000 / {SHARDS}
        FROM event_date d CROSS JOIN generate_series(0, {SHARDS - 1}) s
        LEFT JOIN tickets t ON (t.event_id, t.date, t.start_time, t.shard_id) = (d.event_id, d.date, d.start_time, s)
        GROUP BY d.event_id, d.date, d.start_time, s;
        INSERT INTO consumption_tt
        SELECT d.event_id, d.date, d.start_time, o.ticket_type_id, s, count(t.id), o.max_per_tt / 4
        FROM event_date d JOIN event_ticket_type o USING (event_id) CROSS JOIN generate_series(0, 3) s
        LEFT JOIN tickets t ON (t.event_id, t.date, t.start_time, t.ticket_type, t.tt_shard_id)
            = (d.event_id, d.date, d.start_time, o.ticket_type_id, s)
        GROUP BY d.event_id, d.date, d.start_time, o.ticket_type_id, s, o.max_per_tt;
        ANALYZE
    """  # noqa: S608 - what is put in are numbers and dates of this file


async def arguments_of(connection: asyncpg.Connection, name: str) -> Sequence[object]:
    """Return what to call a statement with, so that it finds something to do on the stock."""
    batch = await _held(connection, BATCH)
    new = [list(column) for column in columns_of([_planned(place) for place in range(BATCH)])]
    match name:
        case "hold":
            return (EVENT, 60, *new)
        case "hold_claim" | "hold_move" | "hold_sell":
            return _of_step(name, new, batch)
        case "full_pass":
            return DATE_KEY
        case "find_by_id":
            return EVENT, batch
        case "find_by_key":
            return EVENT, [f"key {36 + 48 * n}" for n in range(BATCH)]
        case "pay":
            return EVENT, batch, ["paid"] * BATCH
        case "give_back":
            return EVENT, batch, "held"
        case "lock_overdue":
            return EVENT, BATCH, None
        case "overdue_of_date":
            return (*DATE_KEY, BATCH)
        case "overdue_of_event":
            return EVENT, BATCH
        case "overdue_events":
            return (None,)
        case "audit_events":
            return 0, 1_000
        case "audit_size":
            return (EVENT,)
        case "audit_overdue":
            return EVENT, 100, 0, LATE_SECONDS_MAX, OVERDUE_PER_SECOND_MIN
        case "audit_backlog" | "audit_has_citus" | "audit_processes":
            return ()
        case _ if name.startswith("audit_"):
            return EVENT, 100
    raise KeyError(f"say here what to call {name}.sql with")


def _of_step(name: str, new: Sequence[Sequence[object]], there: Sequence[UUID]) -> Sequence[object]:
    """Return the arguments of one step of a hold; its tickets are of reservations that are there."""
    dates, start_times, made, keys, numbers, tickets, owners, *places = new
    match name:
        case "hold_claim":
            return (EVENT, 60, dates, start_times, made, keys, numbers)
        case "hold_move":
            return (EVENT, dates, start_times, made, numbers, made, owners, *places)
    instead = dict(zip(made, there, strict=True))
    return (EVENT, dates, start_times, there, numbers, there, tickets, [instead[one] for one in owners], *places)


async def _held(connection: asyncpg.Connection, count: int) -> Sequence[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM reservation WHERE event_id = $1 AND paid_at IS NULL AND expires_at > now() LIMIT $2",
        EVENT,
        count,
    )
    assert len(rows) == count
    return [row["id"] for row in rows]


def _planned(place: int) -> PlannedHold:
    shards = [place % SHARDS] * 3
    return plan_of(DATE_KEY, [(1, 2), (2, 1)], key=f"new {place}", total_shards=shards, type_shards=[place % 4] * 3)
