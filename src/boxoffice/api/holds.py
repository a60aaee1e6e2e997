"""POST /events/{event_id}/{date}/{start_time}: hold tickets while the buyer pays. The hottest route: kept lean."""

import re
from collections.abc import Iterable

import msgspec

from boxoffice.api.bodies import read_body
from boxoffice.api.call import NO_STORE, Answer, Call, json_answer
from boxoffice.api.messages import HoldLine, HoldLines, HoldMade, ticket_items
from boxoffice.api.paths import date_key_of
from boxoffice.api.presence import Presence
from boxoffice.booking.values import Wanted
from boxoffice.errors import InvalidRequest, Overloaded
from boxoffice.identifiers import reservation_name

REPLAYED = (b"idempotent-replayed", b"true")

_IDEMPOTENCY_KEY = re.compile(rb"[\x21-\x7e]{1,255}")
_lines: msgspec.json.Decoder[list[HoldLine]] = msgspec.json.Decoder(HoldLines)


async def hold(call: Call) -> Answer:
    """Hold all tickets asked for until they are paid or the hold expires, or none of them."""
    date_key = date_key_of(call)
    office = call.office
    if office.draining:
        raise Overloaded("This process is stopping; ask again.")
    await office.client_limit.admit(call.client)
    key = idempotency_key_of(call)
    lines = add_up(await read_body(call, _lines), office.settings.tickets_per_reservation_max)
    presence = Presence(call.receive)
    try:
        held = await office.selling.hold(
            Wanted(date_key=date_key, lines=lines, idempotency_key=key, gone=presence.gone)
        )
    finally:
        presence.close()
    reservation = held.reservation
    name = reservation_name(reservation.event_id, reservation.id)
    made = HoldMade(reservation_id=name, expires_at=reservation.expires_at, tickets=ticket_items(reservation))
    location = (b"location", f"/reservation/{name}".encode())
    return json_answer(201, made, location, NO_STORE, *([REPLAYED] if held.replayed else []))


def idempotency_key_of(call: Call) -> str | None:
    """Return the Idempotency-Key, None without one. Raises InvalidRequest when it is not one."""
    key = call.header(b"idempotency-key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.")
    return key.decode("ascii")


def add_up(lines: Iterable[HoldLine], tickets_max: int) -> tuple[tuple[int, int], ...]:
    """Return (ticket type, quantity) with each type once, sorted by type. Raises InvalidRequest for too many."""
    quantities: dict[int, int] = {}
    for line in lines:
        quantities[line.tickettype_id] = quantities.get(line.tickettype_id, 0) + line.quantity
    if sum(quantities.values()) > tickets_max:
        raise InvalidRequest(f"A reservation holds at most {tickets_max} tickets.")
    return tuple(sorted(quantities.items()))
