"""The verb on which every refusal rests: read the whole of a date at one moment."""

from collections import defaultdict

from boxoffice.booking.hold import Connection
from boxoffice.booking.statements import FULL_PASS
from boxoffice.booking.values import FullPass
from boxoffice.values import DateKey


async def read_whole_date(connection: Connection, date_key: DateKey) -> FullPass | None:
    """Return the rooms of all shards of a date at one committed moment, or None when there is no such date.

    One round trip, no locks, repeatable at will.
    """
    row = await connection.fetchrow(FULL_PASS, *date_key)
    if row is None:
        return None
    types: defaultdict[int, list[int | None]] = defaultdict(list)
    for ticket_type, room in zip(row["types"] or (), row["rooms"] or (), strict=True):
        types[ticket_type].append(room)
    return FullPass(
        past=row["past"],
        version=row["version"],
        overdue=row["overdue"],
        total=row["total_rooms"] or (),
        types=dict(types),
    )
