"""The verb that finalises: a hold that is paid before its deadline is sold."""

from collections.abc import Mapping
from uuid import UUID

from boxoffice.booking.hold import Connection
from boxoffice.booking.rows import reservation_of
from boxoffice.booking.statements import PAY
from boxoffice.errors import AlreadyPaid, ReservationGone
from boxoffice.values import Reservation


async def pay(
    connection: Connection, event_id: int, references: Mapping[UUID, str], statement: str = PAY
) -> Mapping[UUID, Reservation]:
    """Pay holds of one event, each with its reference, in one durable transaction of one round trip.

    Returns the reservations that are paid now, by this call or an earlier one; repeatable. From its deadline on a hold
    is left out, whether or not a sweeper came by.
    """
    ids = sorted(references)
    rows = await connection.fetch(statement, event_id, ids, [references[reservation_id] for reservation_id in ids])
    return {row["id"]: reservation_of(event_id, row) for row in rows if row["paid_at"] is not None}


def judge_payment(reservation: Reservation | None, reference: str) -> Reservation:
    """Return the reservation that this reference paid. Raises ReservationGone, or AlreadyPaid by another reference."""
    if reservation is None:
        raise ReservationGone("There is no live reservation of this id.")
    if reservation.payment_ref != reference:
        raise AlreadyPaid("The reservation is paid with another reference.")
    return reservation
