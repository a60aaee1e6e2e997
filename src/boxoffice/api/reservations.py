"""/reservation/{reservation_id}: look at a reservation, pay it, or let it go."""

import re
from collections.abc import Mapping

import msgspec

from boxoffice.api.bodies import decode, read_body
from boxoffice.api.call import NO_STORE, Answer, Call, json_answer
from boxoffice.api.messages import Payment, ReservationState, reservation_state
from boxoffice.api.operation import Granted, Operation
from boxoffice.api.paths import reservation_of
from boxoffice.api.queries import is_storable
from boxoffice.errors import AlreadyPaid, InvalidRequest, ReservationGone
from boxoffice.values import DateKey, Reservation

REFERENCE_CHARACTERS_MAX = 200

_INTEGER = re.compile(rb"-?(0|[1-9][0-9]*)")
_payment: msgspec.json.Decoder[Payment] = msgspec.json.Decoder(Payment)
_text: msgspec.json.Decoder[str] = msgspec.json.Decoder(str)


async def show_reservation(call: Call) -> Answer:
    """Answer with a live reservation, held or paid."""
    event_id, reservation_id = reservation_of(call)
    reservation = await call.office.selling.find(event_id, reservation_id)
    return json_answer(200, reservation_state(reservation), NO_STORE)


async def pay(call: Call) -> Answer:
    """Set the payment reference, which makes the hold a sale; repeating it with the same reference changes nothing."""
    event_id, reservation_id = reservation_of(call)
    reference = payment_reference(read_body(call, _payment))
    reservation = await call.office.selling.pay(event_id, reservation_id, reference)
    if call.office.held_limit.counts:
        call.office.held_limit.paid_or_released(_date_of(reservation), reservation_id, call.client)
    return json_answer(200, reservation_state(reservation), NO_STORE)


async def release(call: Call) -> Answer:
    """Let a hold go; its tickets are on sale again when the answer arrives."""
    event_id, reservation_id = reservation_of(call)
    selling, limit = call.office.selling, call.office.held_limit
    reservation = await selling.find(event_id, reservation_id) if limit.counts else None
    await selling.release(event_id, reservation_id)
    if reservation is not None:
        limit.paid_or_released(_date_of(reservation), reservation_id, call.client)
    call.office.memory.figures_changed(event_id)
    return Answer(204)


def _date_of(reservation: Reservation) -> DateKey:
    return DateKey(reservation.event_id, reservation.date, reservation.start_time)


def payment_reference(payment: Payment) -> str:
    """Return the reference as text, an integer's digits exactly as they were sent. Raises InvalidRequest."""
    raw = bytes(payment.payment_reference)
    if _INTEGER.fullmatch(raw):
        return raw.decode("ascii")
    if not raw.startswith(b'"'):
        raise InvalidRequest("paymentReference must be text, or an integer without fraction and exponent.")
    text = decode(raw, _text)
    if not 1 <= len(text) <= REFERENCE_CHARACTERS_MAX:
        raise InvalidRequest(f"paymentReference must have 1 to {REFERENCE_CHARACTERS_MAX} characters.")
    if not is_storable(text):
        raise InvalidRequest("paymentReference must not hold the character NUL.")
    return text


PAID: Mapping[str, object] = {
    "reservationId": "1-019abf2e8c5b7d3e9a417f0c2b6d8e51",
    "eventId": 1,
    "date": "2026-12-24",
    "startTime": "20:00:00",
    "state": "paid",
    "createdAt": "2026-12-01T18:30:00.482913Z",
    "expiresAt": "2026-12-01T18:31:00.482913Z",
    "paidAt": "2026-12-01T18:30:21.069112Z",
    "paymentReference": "124351234",
    "tickets": [{"id": "019abf2e-8c5b-7d3e-8f41-7f0c2b6d8e52", "tickettypeId": 1}],
}
PATH = "/reservation/{reservation_id}"
OPERATIONS = (
    Operation(
        method="GET",
        path=PATH,
        handler=show_reservation,
        name="getReservation",
        group="Tickets",
        summary="Look at a reservation",
        granted=(Granted(status=200, description="Held or paid.", kind=ReservationState, example=PAID),),
        problems=(ReservationGone,),
    ),
    Operation(
        method="POST",
        path=PATH,
        handler=pay,
        name="payReservation",
        group="Tickets",
        summary="Pay a reservation",
        description="Sets the payment reference, which makes the hold a sale. Repeatable with the same reference.",
        body=Payment,
        body_examples={"a number": {"paymentReference": 124351234}, "text": {"paymentReference": "ch_3Nk2bF"}},
        granted=(Granted(status=200, description="Paid.", kind=ReservationState, example=PAID),),
        problems=(AlreadyPaid, ReservationGone),
    ),
    Operation(
        method="DELETE",
        path=PATH,
        handler=release,
        name="releaseReservation",
        group="Tickets",
        summary="Let a hold go",
        description="The tickets are back on sale when the answer arrives.",
        granted=(Granted(status=204, description="Let go."),),
        problems=(AlreadyPaid, ReservationGone),
    ),
)
