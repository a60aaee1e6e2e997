"""/reservation/{reservation_id}: look at a reservation, pay it, or let it go."""

import re

import msgspec

from boxoffice.api.bodies import decode, read_body
from boxoffice.api.call import NO_STORE, Answer, Call, json_answer
from boxoffice.api.messages import Payment, reservation_state
from boxoffice.api.paths import reservation_of
from boxoffice.api.queries import is_storable
from boxoffice.errors import InvalidRequest

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
    reference = payment_reference(await read_body(call, _payment))
    reservation = await call.office.selling.pay(event_id, reservation_id, reference)
    return json_answer(200, reservation_state(reservation), NO_STORE)


async def release(call: Call) -> Answer:
    """Let a hold go; its tickets are on sale again when the answer arrives."""
    event_id, reservation_id = reservation_of(call)
    await call.office.selling.release(event_id, reservation_id)
    return Answer(204)


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
