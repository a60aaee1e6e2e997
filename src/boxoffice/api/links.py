"""Where an answer leads: which operations take what it says (OpenAPI links). Pure.

A test holds every link to the operations: each parameter exists, and so does each place that a value is taken from.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

Json: TypeAlias = dict[str, object]

BODY = "$response.body#/"
PATH = "$request.path."


class Link(NamedTuple):
    """An operation that an answer leads to, and where the values of its parameters are found."""

    operation: str
    parameters: Mapping[str, str]
    description: str
    body: object = None


def link_name(link: Link) -> str:
    """Return the name of a link in the document: nextPage for a list that leads to itself."""
    return "nextPage" if "cursor" in link.parameters else link.operation


def links_told(operation: str) -> dict[str, Json]:
    """Return the links of an operation's answer to a request that was granted, as the document tells them."""
    return {link_name(link): _told(link) for link in LINKS.get(operation, ())}


def _told(link: Link) -> Json:
    told: Json = {"operationId": link.operation, "parameters": dict(link.parameters), "description": link.description}
    return told if link.body is None else {**told, "requestBody": link.body}


def _of_reservation(place: str, *operations: str) -> list[Link]:
    parameters = {"reservation_id": BODY + place}
    return [
        Link(operation, parameters, "The reservation of this answer.", BODIES.get(operation))
        for operation in operations
    ]


def _of_event(place: str, *operations: str) -> list[Link]:
    return [Link(operation, {"event_id": BODY + place}, "The event of this answer.") for operation in operations]


def _of_first_date(*operations: str) -> list[Link]:
    parameters = {
        "event_id": f"{BODY}id",
        "date": f"{BODY}dates/0/date",
        "start_time": f"{BODY}dates/0/startTime",
    }
    return [
        Link(operation, parameters, "The first date of this page.", BODIES.get(operation)) for operation in operations
    ]


def _next_page(operation: str, *path: str) -> Link:
    parameters = {name: PATH + name for name in path}
    return Link(operation, {**parameters, "cursor": f"{BODY}next"}, "The page behind this one, where there is one.")


BODIES: Mapping[str, object] = {
    "holdTickets": [{"tickettypeId": f"{BODY}dates/0/ticketTypes/0/tickettypeId", "quantity": 1}],
    "payReservation": {"paymentReference": 124351234},
}
"""Bodies that go with a link: a value as it is, or the place where it is found."""
_OF_ITS_EVENT = ("getEvent", "describeEvent", "changeEvent", "addDates", "auditEvent")

LINKS: Mapping[str, Sequence[Link]] = {
    "listEvents": (*_of_event("events/0/id", "getEvent"), _next_page("listEvents")),
    "getEvent": (
        *_of_first_date("holdTickets", "getShards", "listReservations"),
        _next_page("getEvent", "event_id"),
    ),
    "holdTickets": _of_reservation("reservationId", "getReservation", "payReservation", "releaseReservation"),
    "getReservation": _of_reservation("reservationId", "payReservation", "releaseReservation"),
    "payReservation": _of_reservation("reservationId", "getReservation"),
    "createEvent": _of_event("id", *_OF_ITS_EVENT),
    "changeEvent": _of_event("id", "getEvent", "auditEvent"),
    "listReservations": (
        *_of_reservation("reservations/0/reservationId", "getReservation", "releaseReservation"),
        _next_page("listReservations", "event_id", "date", "start_time"),
    ),
}
