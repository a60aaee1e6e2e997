"""Rows of the reservation statements become values, in one place."""

from asyncpg import Record

from boxoffice.values import Reservation, Ticket


def reservation_of(event_id: int, row: Record) -> Reservation:
    """Build the reservation of a row of find_by_id.sql, find_by_key.sql or pay.sql."""
    pairs = zip(row["ticket_ids"] or (), row["ticket_types"] or (), strict=True)
    return Reservation(
        event_id=event_id,
        id=row["id"],
        date=row["date"],
        start_time=row["start_time"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        paid_at=row["paid_at"],
        payment_ref=row["payment_ref"],
        tickets=tuple(Ticket(id=ticket_id, ticket_type=ticket_type) for ticket_id, ticket_type in pairs),
    )
