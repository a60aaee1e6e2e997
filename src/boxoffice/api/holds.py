"""POST /events/{event_id}/{date}/{start_time}: hold tickets while the buyer pays. The hottest route: kept lean."""

import re
from collections.abc import Awaitable
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from boxoffice.api.bodies import decode, json_of
from boxoffice.api.call import NO_STORE, Answer, Call, json_answer, lasting
from boxoffice.api.messages import HoldLine, HoldLines, HoldMade, ticket_items
from boxoffice.api.operation import Granted, Operation, Parameter
from boxoffice.api.paths import date_key_of
from boxoffice.api.problems import problem_answer
from boxoffice.availability.remembered import Remembered
from boxoffice.booking.values import Wanted
from boxoffice.errors import DatePast, IdempotencyKeyReused, InvalidRequest, Overloaded, RateLimited, SoldOut
from boxoffice.identifiers import reservation_name
from boxoffice.values import DateKey, Left

REPLAYED = ("idempotent-replayed", "true")

REMEMBERED_BYTES_MAX = 256
BODIES_REMEMBERED_MAX = 4_096

Lines: TypeAlias = tuple[tuple[int, int], ...]

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_lines: msgspec.json.Decoder[list[HoldLine]] = msgspec.json.Decoder(HoldLines)


class RememberedRefusal(NamedTuple):
    """What was left when a request was refused, and its answer."""

    left: Left
    answer: Answer


def hold(call: Call) -> Answer | Awaitable[Answer]:
    """Hold all tickets asked for until they are paid or the hold expires, or none of them."""
    date_key = date_key_of(call)
    office = call.office
    if office.draining:
        raise Overloaded("This process is stopping; ask again.")
    if office.client_limit.counts:
        return _hold_if_admitted(call, date_key)
    return _refuse_again_or_hold(call, date_key)


async def _hold_if_admitted(call: Call, date_key: DateKey) -> Answer:
    await call.office.client_limit.admit(call.client)
    given = _refuse_again_or_hold(call, date_key)
    return given if isinstance(given, Answer) else await given


def _refuse_again_or_hold(call: Call, date_key: DateKey) -> Answer | Awaitable[Answer]:
    """Refuse at once who asks for what has just been refused; whoever has an Idempotency-Key may hold it already."""
    key = idempotency_key_of(call)
    body = json_of(call)
    if key is None:
        refused = _refused.get((call.path, body))
        if refused is not None and call.office.selling.refuses_still(date_key, refused.left):
            return refused.answer
    return _hold(call, date_key, key, body)


async def _hold(call: Call, date_key: DateKey, key: str | None, body: bytes) -> Answer:
    office = call.office
    lines = lines_of(body, office.settings.tickets_per_reservation_max)
    wanted = Wanted(date_key=date_key, lines=lines, idempotency_key=key, gone=call.client_gone)
    try:
        if office.held_limit.counts:
            held = await office.held_limit.hold(office.selling, wanted, call.client)
        else:
            held = await office.selling.hold(wanted)
    except SoldOut as refusal:
        return _remembered_refusal(call, body, refusal)
    reservation = held.reservation
    name = reservation_name(reservation.event_id, reservation.id)
    made = HoldMade(reservation_id=name, expires_at=reservation.expires_at, tickets=ticket_items(reservation))
    location = ("location", f"/reservation/{name}")
    return json_answer(201, made, location, NO_STORE, *([REPLAYED] if held.replayed else []))


def _remembered_refusal(call: Call, body: bytes, refusal: SoldOut) -> Answer:
    """Answer, and keep the answer for all who ask the same while the mark that refuses them stands."""
    answer = lasting(problem_answer(refusal, call.path))
    if len(body) <= REMEMBERED_BYTES_MAX:
        _refused.put((call.path, body), RememberedRefusal(refusal.left, answer))
    return answer


def idempotency_key_of(call: Call) -> str | None:
    """Return the Idempotency-Key, None without one. Raises InvalidRequest when it is not one."""
    key = call.header("idempotency-key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest("Idempotency-Key must be 1 to 255 visible ASCII characters.")
    return key


def lines_of(body: bytes, tickets_max: int) -> Lines:
    """Return (ticket type, quantity) with each type once, sorted by type. Raises InvalidRequest, also for too many."""
    return (_remembered_lines if len(body) <= REMEMBERED_BYTES_MAX else _read_lines)(body, tickets_max)


def _read_lines(body: bytes, tickets_max: int) -> Lines:
    lines = decode(body, _lines)
    if sum([line.quantity for line in lines]) > tickets_max:
        raise InvalidRequest(f"A reservation holds at most {tickets_max} tickets.")
    if len(lines) == 1:
        return ((lines[0].tickettype_id, lines[0].quantity),)
    quantities: dict[int, int] = {}
    for line in lines:
        quantities[line.tickettype_id] = quantities.get(line.tickettype_id, 0) + line.quantity
    return tuple(sorted(quantities.items()))


_refused: Remembered[tuple[str, bytes], RememberedRefusal] = Remembered(BODIES_REMEMBERED_MAX)

# In a rush many ask for the same. What cannot be read raises, and is not remembered.
_remembered_lines = lru_cache(BODIES_REMEMBERED_MAX)(_read_lines)


OPERATIONS = (
    Operation(
        method="POST",
        path="/events/{event_id}/{date}/{start_time}",
        handler=hold,
        name="holdTickets",
        group="Tickets",
        summary="Hold tickets",
        description=(
            "Holds all of the tickets while the buyer pays, or none of them. What is not paid before `expiresAt` goes"
            " back on sale by itself. A line may name a type again; its quantities are added up."
        ),
        headers=(
            Parameter(
                name="Idempotency-Key",
                description="Makes the hold repeatable for as long as its reservation lives; belongs to the event.",
                kind=Annotated[str, Meta(pattern="^[!-~]{1,255}$")],
            ),
        ),
        body=HoldLines,
        body_examples={
            "two of one type, one of another": [
                {"tickettypeId": 1, "quantity": 2},
                {"tickettypeId": 2, "quantity": 1},
            ]
        },
        granted=(
            Granted(
                status=201,
                description="Held.",
                kind=HoldMade,
                headers=(
                    Parameter(name="Location", description="The reservation's path.", kind=str, required=True),
                    Parameter(
                        name="Idempotent-Replayed",
                        description="`true` when an earlier request with this key made the hold.",
                        kind=Literal["true"],
                    ),
                ),
                example={
                    "reservationId": "1-019abf2e8c5b7d3e9a417f0c2b6d8e51",
                    "expiresAt": "2026-12-01T18:31:00.482913Z",
                    "tickets": [{"id": "019abf2e-8c5b-7d3e-8f41-7f0c2b6d8e52", "tickettypeId": 1}],
                },
            ),
        ),
        problems=(SoldOut, DatePast, IdempotencyKeyReused, RateLimited),
    ),
)
