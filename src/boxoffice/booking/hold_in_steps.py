"""hold.sql for a distributed database: a function on the event's node, of three statements and one transaction.

A distributed database sends a statement to the node of its event only where it can follow it, and it follows none that
inserts beside another part that writes (docs/citus.md). It does send a call of a function there, whole. So the same
flight is booked by three statements that each can be followed, within a function that runs beside the data: one round
trip, one transaction of one node, the same locks in the same order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from boxoffice.booking.hold import Connection, PlanDoesNotHold, PlannedHold, claim_of, columns_of, numbered
from boxoffice.booking.statements import HOLD_CLAIM, HOLD_MOVE, HOLD_SELL
from boxoffice.booking.values import Claim, Moved
from boxoffice.values import DateKey

NAME = "boxoffice_hold"
EVENT = "of_event"
ARGUMENTS: Mapping[str, str] = {
    EVENT: "bigint",
    "of_seconds": "integer",
    "of_dates": "date[]",
    "of_start_times": "time[]",
    "of_reservations": "uuid[]",
    "of_keys": "text[]",
    "of_numbers": "integer[]",
    "of_tickets": "uuid[]",
    "of_owners": "uuid[]",
    "of_types": "bigint[]",
    "of_shards": "integer[]",
    "of_type_shards": "integer[]",
}
"""The arguments of the function, in the order of hold.sql's."""
RESULTS: Mapping[str, str] = {
    "reservation_ids": "uuid[]",
    "created_at": "timestamptz",
    "expires_at": "timestamptz",
    "versions": "integer[]",
    "total_dates": "date[]",
    "total_start_times": "time[]",
    "total_shards": "integer[]",
    "total_rooms": "integer[]",
    "tt_dates": "date[]",
    "tt_start_times": "time[]",
    "tt_types": "bigint[]",
    "tt_shards": "integer[]",
    "tt_rooms": "integer[]",
}
SIGNATURE = f"{NAME}({', '.join(ARGUMENTS.values())})"
_GIVEN = ", ".join(f"${number}" for number in range(1, len(ARGUMENTS) + 1))
HOLD_IN_STEPS = f"SELECT {', '.join(RESULTS)} FROM {NAME}({_GIVEN})"  # noqa: S608 - names of this file alone
"""The call, which takes what hold.sql takes."""

_DATES = (EVENT, "of_dates", "of_start_times")
_CLAIMED = (*_DATES, "of_reservations", "of_numbers", "claimed")
_PLACES = ("of_owners", "of_types", "of_shards", "of_type_shards")


_BODY = """
CREATE OR REPLACE FUNCTION {name}({given}, {returned}) LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
    claimed uuid[] := '{{}}';
    made record;
    counted record;
    sold bigint := 0;
BEGIN
    FOR made IN {claim} LOOP
        claimed := claimed || made.id;
    END LOOP;
    FOR counted IN {move} LOOP
        IF counted.moved <> counted.wanted THEN
            RAISE division_by_zero USING MESSAGE = 'a counter of the plan lacks the room or is gone';
        END IF;
    END LOOP;
    FOR made IN {sell} LOOP
        sold := sold + 1;
    END LOOP;
    IF sold <> counted.wanted THEN
        RAISE division_by_zero USING MESSAGE = 'fewer tickets were made than counted';
    END IF;
    IF claimed <> '{{}}' THEN
        reservation_ids := claimed;
        created_at := now();
        expires_at := now() + make_interval(secs => of_seconds);
    END IF;
    {assigned}
END
$function$"""


def create_function() -> str:
    """Return the statement that makes the function, or makes it anew."""
    return _BODY.format(
        name=NAME,
        given=", ".join(f"{name} {kind}" for name, kind in ARGUMENTS.items()),
        returned=", ".join(f"OUT {name} {kind}" for name, kind in RESULTS.items()),
        claim=_told(HOLD_CLAIM, (EVENT, "of_seconds", *_DATES[1:], "of_reservations", "of_keys", "of_numbers")),
        move=_told(HOLD_MOVE, (*_CLAIMED, *_PLACES)),
        sell=_told(HOLD_SELL, (*_CLAIMED, "of_tickets", *_PLACES)),
        assigned="\n    ".join(f"{name} := counted.{name};" for name in list(RESULTS)[3:]),
    )


def _told(statement: str, names: Sequence[str]) -> str:
    """Return a statement without its header, with arguments and variables of the function in place of $1, $2 and on."""
    body = re.sub(r"^--.*\n", "", statement, flags=re.MULTILINE).strip()
    return re.sub(r"\$(\d+)", lambda number: names[int(number[1]) - 1], body)


async def book_in_steps(
    connection: Connection, event_id: int, plan: Sequence[PlannedHold], hold_seconds: int
) -> tuple[Claim, Mapping[DateKey, Moved]]:
    """Do what `book` does, by the function. Raises PlanDoesNotHold."""
    numbers = numbered(plan)
    try:
        row = await connection.fetchrow(HOLD_IN_STEPS, event_id, hold_seconds, *columns_of(plan, numbers))
    except asyncpg.DivisionByZeroError as error:
        raise PlanDoesNotHold from error
    if row is None:
        raise AssertionError("the function returns one row")
    return claim_of(row), _moved(row, event_id, numbers)


def _moved(row: asyncpg.Record, event_id: int, dates: Iterable[DateKey]) -> Mapping[DateKey, Moved]:
    moved = {
        date_key: Moved(version=version, total={}, types={})
        for date_key, version in zip(dates, row["versions"], strict=True)
    }
    of_total = ("total_dates", "total_start_times", "total_shards", "total_rooms")
    for date, start_time, shard, room in zip(*(row[name] or () for name in of_total), strict=True):
        moved[DateKey(event_id, date, start_time)].total[shard] = room
    of_types = ("tt_dates", "tt_start_times", "tt_types", "tt_shards", "tt_rooms")
    for date, start_time, ticket_type, shard, room in zip(*(row[name] or () for name in of_types), strict=True):
        moved[DateKey(event_id, date, start_time)].types[ticket_type, shard] = room
    return moved
