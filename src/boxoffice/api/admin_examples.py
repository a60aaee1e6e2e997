"""Examples of what admins send and get, for the OpenAPI document."""

from collections.abc import Mapping

EVENT: Mapping[str, object] = {
    "id": 1,
    "name": "The Magic Flute",
    "timeZone": "Europe/Vienna",
    "maxTickets": 1000,
    "numShards": 8,
    "ticketTypes": [{"tickettypeId": 1, "name": "Adult", "max": 900, "numShards": 8}],
}
NEW_EVENT: Mapping[str, object] = {
    "name": "The Magic Flute",
    "maxTickets": 1000,
    "numShards": 8,
    "timeZone": "Europe/Vienna",
    "ticketTypes": [{"tickettypeId": 1, "max": 900}, {"tickettypeId": 2, "max": None, "numShards": 4}],
}
ONE_BY_ONE: Mapping[str, object] = {"dates": [{"date": "2026-12-24", "startTime": "20:00"}]}
RULE: Mapping[str, object] = {"rrule": "FREQ=WEEKLY;COUNT=10", "firstDate": "2026-12-24", "startTime": "20:00"}
WEEKLY: Mapping[str, object] = {"recurrence": RULE}
WEEKLY_IN_VIENNA: Mapping[str, object] = {**RULE, "timeZone": "Europe/Vienna"}
WEEKLY_DATES: Mapping[str, object] = {
    "dates": [{"date": "2026-12-24", "startTime": "20:00:00"}, {"date": "2026-12-31", "startTime": "20:00:00"}]
}
SHARDS: Mapping[str, object] = {
    "eventId": 1,
    "name": "The Magic Flute",
    "timeZone": "Europe/Vienna",
    "date": "2026-12-24",
    "startTime": "20:00:00",
    "capacity": 125,
    "available": 52,
    "total": [
        {"shard": 0, "current": 63, "max": 63, "exhausted": True, "process": "5f0c6e1d2b7a4938"},
        {"shard": 1, "current": 10, "max": 62, "exhausted": False, "process": "c81d4e2a90b7f365"},
    ],
    "ticketTypes": [
        {
            "tickettypeId": 1,
            "name": "Adult",
            "capacity": 100,
            "available": 30,
            "shards": [{"shard": 0, "current": 70, "max": 100, "exhausted": False, "process": "5f0c6e1d2b7a4938"}],
        },
        {
            "tickettypeId": 2,
            "name": "Child",
            "capacity": None,
            "available": 52,
            "shards": [{"shard": 0, "current": 3, "max": None, "exhausted": False, "process": "5f0c6e1d2b7a4938"}],
        },
    ],
    "processes": ["5f0c6e1d2b7a4938", "c81d4e2a90b7f365"],
}
LIVE: Mapping[str, object] = {
    "at": "2026-12-01T18:30:00.482913Z",
    "processes": 2,
    "silent": 0,
    "holds": {"held": 8120, "replayed": 12, "soldOut": 301, "overloaded": 0, "failed": 0, "other": 4},
    "paid": 6980,
    "released": 55,
    "expired": 410,
    "flights": 940,
    "flightSizes": [
        {"atMost": 1, "flights": 300},
        {"atMost": 2, "flights": 120},
        {"atMost": 1024, "flights": 520},
        {"atMost": None, "flights": 0},
    ],
}
RESERVATIONS: Mapping[str, object] = {
    "reservations": [
        {
            "reservationId": "1-019abf2e8c5b7d3e9a417f0c2b6d8e51",
            "state": "paid",
            "createdAt": "2026-12-01T18:30:00.482913Z",
            "expiresAt": "2026-12-01T18:31:00.482913Z",
            "paidAt": "2026-12-01T18:30:21.069112Z",
            "paymentReference": "124351234",
            "tickets": [{"tickettypeId": 1, "quantity": 2}],
        }
    ],
    "next": None,
}
AUDIT: Mapping[str, object] = {
    "clean": False,
    "findings": [
        {
            "check": 1,
            "text": (
                "2026-12-24 20:00:00, shard 3: the counter is not the number of tickets that remember it;"
                " expected 12, found 13."
            ),
        }
    ],
    "notes": [],
    "checked": {"dates": 10, "reservations": 3412, "tickets": 8077},
}
