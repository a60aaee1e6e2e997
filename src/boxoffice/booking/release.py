"""The verb of a buyer who lets go: the tickets are on sale again at once."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from boxoffice.booking.give_back import Returned, give_back
from boxoffice.errors import AlreadyPaid, ReservationGone


async def release(pool: asyncpg.Pool, event_id: int, ids: Sequence[UUID]) -> Returned:
    """Let holds of one event go, in one durable transaction of one round trip; sold and overdue ones stay."""
    return await give_back(pool, event_id, ids, "held")


def judge_release(returned: Returned, reservation_id: UUID, *, repeated: bool) -> None:
    """Return when this hold was let go. Raises AlreadyPaid for a sale, ReservationGone when nothing live was there."""
    if reservation_id in returned.paid:
        raise AlreadyPaid("The reservation is paid; a sale is not let go.")
    if repeated or reservation_id not in returned.gone:
        raise ReservationGone("There is no live reservation of this id.")
