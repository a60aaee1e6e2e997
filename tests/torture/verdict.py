"""What the database holds, against what the buyers were told: every difference is an untruth, in words.

The counters are left to `boxoffice audit`; here it is about who has what.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from boxoffice.identifiers import reservation_name
from boxoffice.values import DateKey
from tests.concurrency.rush_ledger import Lines
from tests.torture.orders import OnSale, Order, Orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A reservation as it is in the database, with its tickets and their types."""

    date_key: DateKey
    key: str | None
    reference: str | None
    tickets: Mapping[UUID, int]

    @property
    def lines(self) -> Lines:
        """How many of each type."""
        return Counter(self.tickets.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All reservations, by their public names, as of one moment of the database's clock."""

    moment: dt.datetime
    rows: Mapping[str, Row]


async def read_books(connection: asyncpg.Connection | PoolConnectionProxy) -> Books:
    """Read everything at one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        reservations = await connection.fetch(
            "SELECT event_id, id, date, start_time, idempotency_key, payment_ref FROM reservation"
        )
        tickets = await connection.fetch("SELECT event_id, reservation_id, id, ticket_type FROM tickets")
        moment = await connection.fetchval("SELECT clock_timestamp()")
    of = defaultdict[tuple[int, UUID], dict[UUID, int]](dict)
    for event_id, reservation_id, ticket_id, kind in tickets:
        of[event_id, reservation_id][ticket_id] = kind
    rows = {
        reservation_name(event_id, id_): Row(
            date_key=DateKey(event_id, date, start_time), key=key, reference=reference, tickets=of[event_id, id_]
        )
        for event_id, id_, date, start_time, key, reference in reservations
    }
    return Books(moment=moment, rows=rows)


def untruths(books: Books, orders: Orders) -> list[str]:
    """Name all that is not as the buyers were told; call it when everything that a repeat can settle is settled."""
    found = list(orders.faults)
    told = {order.name: order for order in orders.all if order.state == "held"}
    for name, order in told.items():
        found += _wrong_with(order, books.rows.get(name), books.moment)
    found += _unexplained({name: row for name, row in books.rows.items() if name not in told}, orders)
    found += _given_twice(told.values())
    for on_sale in orders.on_sale.values():
        found += _oversold(on_sale, books, orders)
    return found


def _wrong_with(order: Order, row: Row | None, moment: dt.datetime) -> list[str]:
    """Compare one acknowledged hold with what is there."""
    if order.gone == "yes":
        return [f"{order.name} was let go or gone, and is there"] if row else []
    if row is None:
        if order.paid == "yes":
            return [f"{order.name} was acknowledged as paid, and is not there"]
        # What nobody paid in time is gone; what was to be let go may be.
        may_be_gone = order.expires_at <= moment or order.gone == "unknown"
        return [] if may_be_gone else [f"{order.name} was acknowledged as held, and is not there"]
    wrong = [] if row.tickets == order.tickets else [f"{order.name} has other tickets than it was told"]
    if order.paid == "yes" and row.reference != order.reference:
        wrong.append(f"{order.name} was acknowledged as paid with {order.reference}, and has {row.reference}")
    if order.paid == "no" and row.reference is not None:
        wrong.append(f"{order.name} is paid, and its buyer was told that it is not")
    return wrong


def _unexplained(rows: Mapping[str, Row], orders: Orders) -> list[str]:
    """Find reservations that nobody was told of, but for those whose buyers do not know."""
    by_key = {order.key: order for order in orders.all if order.key}
    lost = Counter(_wish(order.date_key, order.lines) for order in orders.all if _may_be_there(order))
    found = []
    for name, row in rows.items():
        if row.key is None:
            wish = _wish(row.date_key, row.lines)
            lost[wish] -= 1
            found += [f"{name} is there, and no buyer asked for it"] if lost[wish] < 0 else []
        elif (order := by_key.get(row.key)) is None or order.state != "lost":
            found.append(f"{name} is there, and its buyer was told {order.state if order else 'nothing'}")
    return found


def _may_be_there(order: Order) -> bool:
    return order.state == "lost" and order.key is None


def _wish(date_key: DateKey, lines: Lines) -> tuple[DateKey, frozenset[tuple[int, int]]]:
    return date_key, frozenset(lines.items())


def _given_twice(orders: Iterable[Order]) -> list[str]:
    given = Counter[UUID]()
    for order in orders:
        given.update(order.tickets.keys())
    return [f"ticket {ticket} was given to two buyers" for ticket, times in given.items() if times > 1]


def _oversold(on_sale: OnSale, books: Books, orders: Orders) -> list[str]:
    """Count what is there against the limits, and what buyers had at one moment against the capacity."""
    sold = Counter[int]()
    for row in books.rows.values():
        if row.date_key == on_sale.date_key:
            sold.update(row.tickets.values())
    most = orders.most_held(on_sale.date_key)
    over = [(kind, limit) for kind, limit in on_sale.limits.items() if sold[kind] > limit]
    found = [f"{sold[kind]} of {limit} of type {kind} are sold" for kind, limit in over]
    found += [f"{sold.total()} of {on_sale.capacity} are sold"] if sold.total() > on_sale.capacity else []
    found += [f"buyers held {most} of {on_sale.capacity} at one moment"] if most > on_sale.capacity else []
    return found


def unsold(books: Books, orders: Orders) -> list[str]:
    """Name the dates of which not everything is sold and paid: call it when all that was left has been sold."""
    found = []
    for on_sale in orders.on_sale.values():
        rows = [row for row in books.rows.values() if row.date_key == on_sale.date_key]
        paid = sum(len(row.tickets) for row in rows if row.reference is not None)
        if paid != on_sale.capacity:
            found.append(f"{paid} of {on_sale.capacity} could be sold, though there was nobody else")
    return found
