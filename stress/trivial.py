"""The route that does nothing, against which the generator's ceiling is measured: it answers every hold the same."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from bench.servers import Process, Servers
from bench.trivial import ANSWER, READY, TrivialAnswer
from boxoffice.api.messages import HoldMade, TicketItem
from boxoffice.identifiers import new_ids, reservation_name
from stress.events import Event

TICKETS = 2


def held(event: Event) -> TrivialAnswer:
    """Return the answer to a hold of two tickets of the event's first type, on any of its dates."""
    reservation, *tickets = new_ids(1 + TICKETS)
    name = reservation_name(event.event_id, reservation)
    kind = event.ticket_types[0].id
    made = HoldMade(
        reservation_id=name,
        expires_at=dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=1),
        tickets=[TicketItem(id=ticket, tickettype_id=kind) for ticket in tickets],
    )
    return TrivialAnswer(
        path="/events/{event}/{date}/{time}",
        status=201,
        headers=[("content-type", "application/json"), ("location", f"/reservation/{name}")],
        body=msgspec.json.encode(made).decode(),
    )


@contextmanager
def trivial_service(servers: Servers, event: Event) -> Iterator[Process]:
    """Run it while the context lasts."""
    environment = {ANSWER: msgspec.json.encode(held(event)).decode()}
    with servers.running(servers.settings(), "bench.trivial", ready=READY, environment=environment) as process:
        yield process
