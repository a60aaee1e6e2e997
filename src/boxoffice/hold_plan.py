"""From requests to a plan of one date, and from what was booked of it to the answers: values in, values out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from boxoffice.booking.allocation import Rooms
from boxoffice.booking.hold import PlannedHold
from boxoffice.booking.passengers import Passenger
from boxoffice.booking.values import Claim, Held, Wanted
from boxoffice.identifiers import new_ids
from boxoffice.values import DateKey, Reservation, Ticket

Buyer: TypeAlias = Passenger[Wanted, Held]

OTHER_TICKETS = "The Idempotency-Key belongs to a hold of other tickets."


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is to be booked on one date, and from which shards; their room is taken from the guess."""

    date_key: DateKey
    rooms: Rooms
    aboard: Sequence[tuple[Buyer, PlannedHold]]

    def give_up(self, hold: PlannedHold) -> None:
        """Give the room of one hold back to the guess: it was not booked."""
        self.rooms.give(hold.wanted.lines, hold.total_shards, hold.type_shards)

    def give_up_all(self) -> None:
        """Give all room back to the guess: nothing was booked."""
        for _, hold in self.aboard:
            self.give_up(hold)


def plan_holds(date_key: DateKey, rooms: Rooms, buyers: Sequence[Buyer]) -> Plan:
    """Take room for as many buyers as the guess has it for, in their order; the others are left out."""
    aboard: list[tuple[Buyer, PlannedHold]] = []
    ticket_ids = new_ids(sum(buyer.request.total for buyer in buyers))
    first = 0
    for buyer, reservation_id in zip(buyers, new_ids(len(buyers)), strict=True):
        taken = rooms.take(buyer.request.lines)
        if taken:
            behind = first + len(taken[0])
            hold = PlannedHold(
                wanted=buyer.request,
                reservation_id=reservation_id,
                ticket_ids=ticket_ids[first:behind],
                total_shards=taken[0],
                type_shards=taken[1],
            )
            aboard.append((buyer, hold))
            first = behind
    return Plan(date_key, rooms, aboard)


def reservation_of(plan: PlannedHold, claim: Claim) -> Reservation:
    """Return the reservation that was made of a planned hold."""
    if claim.created_at is None or claim.expires_at is None:
        raise AssertionError("a claim that made reservations has their moments")
    types = [ticket_type for ticket_type, quantity in plan.wanted.lines for _ in range(quantity)]
    return Reservation(
        event_id=plan.wanted.date_key.event_id,
        id=plan.reservation_id,
        date=plan.wanted.date_key.date,
        start_time=plan.wanted.date_key.start_time,
        created_at=claim.created_at,
        expires_at=claim.expires_at,
        paid_at=None,
        payment_ref=None,
        tickets=tuple(
            Ticket(id=ticket_id, ticket_type=ticket_type)
            for ticket_id, ticket_type in zip(plan.ticket_ids, types, strict=True)
        ),
    )


def same_request(wanted: Wanted, reservation: Reservation) -> bool:
    """Tell whether a reservation is what this request asked for; its tickets are its lines."""
    lines = sorted(Counter(ticket.ticket_type for ticket in reservation.tickets).items())
    date_key = DateKey(reservation.event_id, reservation.date, reservation.start_time)
    return date_key == wanted.date_key and tuple(lines) == wanted.lines
