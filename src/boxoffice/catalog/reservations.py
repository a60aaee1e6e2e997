"""The live reservations of one date, for admins, page by page: one query, no locks. Only booking/ writes them.

They are walked by id along the event's key, the latest first: ids are made in order of time. No index leads from a
date to its reservations, for it would have to be written by every hold; so a page of a date that few booked, of an
event that many booked, reads much, and is given up after READ_MS_MAX.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.values import Booked
from boxoffice.errors import NotFound
from boxoffice.values import DateKey

READ_MS_MAX = 5_000
AFTER_ALL = UUID(int=2**128 - 1)

BOUND = text("SELECT set_config('statement_timeout', :read_ms_max, true)")
DATE_EXISTS = text("""
    SELECT EXISTS (
        SELECT FROM event_date d WHERE d.event_id = :event_id AND d.date = :date AND d.start_time = :start_time
    )
""")
LIST_RESERVATIONS = text("""
    WITH page AS MATERIALIZED (
        SELECT r.id, r.created_at, r.expires_at, r.paid_at, r.payment_ref
        FROM reservation r
        WHERE r.event_id = :event_id AND r.date = :date AND r.start_time = :start_time AND r.id < :before
            AND (r.paid_at IS NOT NULL OR r.expires_at > now())
            AND (CAST(:paid AS boolean) IS NULL OR (r.paid_at IS NOT NULL) = :paid)
        ORDER BY r.id DESC
        LIMIT :limit
    )
    SELECT page.*, bought.types, bought.quantities
    FROM page
    CROSS JOIN LATERAL (
        SELECT array_agg(one.ticket_type ORDER BY one.ticket_type) AS types,
            array_agg(one.quantity ORDER BY one.ticket_type) AS quantities
        FROM (
            SELECT k.ticket_type, count(*) AS quantity
            FROM tickets k
            WHERE k.event_id = :event_id AND k.reservation_id = page.id
            GROUP BY k.ticket_type
        ) one
    ) bought
    ORDER BY page.id DESC
""")


async def list_reservations(
    engine: AsyncEngine,
    date_key: DateKey,
    limit: int,
    before: UUID | None = None,
    *,
    paid: bool | None = None,
    read_ms_max: int = READ_MS_MAX,
) -> Sequence[Booked]:
    """Return up to `limit` live reservations of a date, the latest first, those made before `before`.

    `paid` chooses the paid ones or the held ones. Raises NotFound when there is no such date.
    """
    given = {**date_key._asdict(), "before": before or AFTER_ALL, "paid": paid, "limit": limit}
    async with engine.connect() as connection:
        await connection.execute(BOUND, {"read_ms_max": str(read_ms_max)})
        rows = (await connection.execute(LIST_RESERVATIONS, given)).all()
        if not rows and not (await connection.execute(DATE_EXISTS, date_key._asdict())).scalar_one():
            raise NotFound("There is no such date.")
    return [
        Booked(
            id=row.id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            paid_at=row.paid_at,
            payment_ref=row.payment_ref,
            quantities=tuple(zip(row.types or (), row.quantities or (), strict=True)),
        )
        for row in rows
    ]
