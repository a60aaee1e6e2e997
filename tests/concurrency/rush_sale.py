"""The date that everyone wants, and what must be true of it once the rush is over."""

from collections import Counter, defaultdict
from uuid import UUID

import asyncpg

from boxoffice.booking.audit import audit
from boxoffice.identifiers import parse_reservation_name
from boxoffice.values import DateKey
from tests.concurrency.rush_ledger import Ledger
from tests.world import Type, put_event, sums_of

TICKETS = 997
SHARDS = 16
LIMIT_OF_TYPE = 600
SHARDS_OF_TYPE = 4
LIMITS = {1: LIMIT_OF_TYPE, 2: LIMIT_OF_TYPE}


async def put_rush(pool: asyncpg.Pool, tickets: int = TICKETS) -> DateKey:
    """Put the event of the rush into the tables."""
    types = [Type(limit=limit, shards=SHARDS_OF_TYPE) for limit in LIMITS.values()]
    return await put_event(pool, max_tickets=tickets, shards=SHARDS, types=types)


async def assert_clean(database_url: str, event_id: int) -> None:
    """Assert that the audit finds nothing wrong with an event, and had something to look at."""
    report = await audit(database_url, event_id)
    assert list(report.differences) == []
    assert list(report.notes) == []
    assert (report.events, report.dates) == (1, 1)


async def assert_sold_exactly(pool: asyncpg.Pool, database_url: str, date_key: DateKey, ledger: Ledger) -> None:
    """Assert that everything is held, by those whom the service told so, and by nobody else."""
    assert ledger.faults == []
    assert ledger.outcomes["lost"] == 0
    assert ledger.held == TICKETS
    await assert_database_sold_exactly(pool, database_url, date_key, ledger)
    rows = await pool.fetch("SELECT id FROM reservation WHERE event_id = $1", date_key.event_id)
    assert {row["id"] for row in rows} == {identifier_of(name) for name in ledger.reservations}


async def assert_database_sold_exactly(
    pool: asyncpg.Pool, database_url: str, date_key: DateKey, ledger: Ledger
) -> None:
    """Assert that the tables hold every ticket, no type more than its limit, and all that the ledger was told."""
    sums = await sums_of(pool, date_key.event_id)
    of_types = Counter[int]()
    for (kind, _), units in sums.types.items():
        of_types[kind] += units
    assert sums.tickets == sum(sums.total.values()) == of_types.total() == TICKETS
    assert max(of_types.values()) <= LIMIT_OF_TYPE
    await assert_all_acknowledged(pool, date_key, ledger)
    await assert_clean(database_url, date_key.event_id)


async def assert_all_acknowledged(pool: asyncpg.Pool, date_key: DateKey, ledger: Ledger) -> None:
    """Assert that every hold answered 201 and not let go has exactly the tickets of its answer: ids and types."""
    rows = await pool.fetch(
        "SELECT reservation_id, id, ticket_type FROM tickets"
        " WHERE (event_id, date, start_time) = ($1, $2::date, $3::time)",
        *date_key,
    )
    found = defaultdict[object, dict[UUID, int]](dict)
    for row in rows:
        found[row["reservation_id"]][row["id"]] = row["ticket_type"]
    for name in ledger.reservations:
        assert found[identifier_of(name)] == ledger.tickets[name], name


def identifier_of(name: str) -> object:
    """Return the key of a reservation, of its public name."""
    parsed = parse_reservation_name(name)
    assert parsed is not None
    return parsed[1]
