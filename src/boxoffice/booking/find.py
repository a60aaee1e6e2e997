"""Reading reservations: by id, or by the Idempotency-Key that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from boxoffice.booking.hold import Connection
from boxoffice.booking.rows import reservation_of
from boxoffice.booking.statements import FIND_BY_ID, FIND_BY_KEY
from boxoffice.values import Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """The reservation that holds an Idempotency-Key; not live when its time is over and no sweeper came by yet."""

    reservation: Reservation
    live: bool


async def find(connection: Connection, event_id: int, ids: Sequence[UUID]) -> Mapping[UUID, Reservation]:
    """Return the live reservations among these; those that expired, were let go or never made are left out."""
    rows = await connection.fetch(FIND_BY_ID, event_id, ids)
    return {row["id"]: reservation_of(event_id, row) for row in rows if row["live"]}


async def find_by_keys(connection: Connection, event_id: int, keys: Sequence[str]) -> Mapping[str, Keyed]:
    """Return the reservations that hold these Idempotency-Keys; keys that nobody holds are left out.

    What is returned is as durable as what a booking returns, and may be acknowledged.
    """
    rows = await connection.fetch(FIND_BY_KEY, event_id, keys)
    return {row["idempotency_key"]: Keyed(reservation=reservation_of(event_id, row), live=row["live"]) for row in rows}
