"""Both witnesses tell the same of the same sale: the tables, and the admin routes of a service."""

import asyncio
import datetime as dt
from collections.abc import Sequence

import httpx

from bench.database import Database
from boxoffice.values import DateKey
from stress.events import Event, EventDate, Events, OfferedType
from stress.routes import Routes
from stress.truth import Booked
from stress.watching import ShardWatch, fills_of
from stress.witness_database import DatabaseWitness
from stress.witness_routes import RouteWitness
from tests.conftest import ADMIN_TOKEN, StartServices

DATE = dt.date(dt.datetime.now(dt.UTC).year + 1, 1, 1)
HOLD_SECONDS = 2
HOLDS = 103
"""More than one page of reservations has."""


async def make_event(client: httpx.AsyncClient) -> Event:
    """Make an event of one date."""
    headers = {"authorization": f"Bearer {ADMIN_TOKEN}"}
    kind = (await client.post("/admin/ticket-types", json={"name": "Normal"}, headers=headers)).json()["id"]
    new = {
        "name": "Tonight",
        "maxTickets": 1_000,
        "numShards": 4,
        "ticketTypes": [{"tickettypeId": kind, "max": None}],
        "dates": [{"date": str(DATE), "startTime": "20:00"}],
    }
    made = await client.post("/admin/events", json=new, headers=headers)
    assert made.status_code == 201, made.text
    return Event(
        event_id=made.json()["id"],
        dates=[EventDate(date=DATE, start_time="20:00")],
        ticket_types=[OfferedType(id=kind, name="Normal")],
        max_tickets=1_000,
        shards=4,
    )


async def hold(client: httpx.AsyncClient, event: Event) -> str:
    """Hold two tickets."""
    line = {"tickettypeId": event.ticket_types[0].id, "quantity": 2}
    made = await client.post(f"/events/{event.event_id}/{DATE}/20:00", json=[line])
    assert made.status_code == 201, made.text
    return str(made.json()["reservationId"])


async def sell(client: httpx.AsyncClient, event: Event) -> Sequence[str]:
    """Have most of the holds paid, one let go, and the last left alone; return those that are paid."""
    names = await asyncio.gather(*(hold(client, event) for _ in range(HOLDS)))
    *paid, let_go, _left_alone = names
    for name in paid:
        assert (await client.post(f"/reservation/{name}", json={"paymentReference": name})).status_code == 200
    assert (await client.delete(f"/reservation/{let_go}")).status_code == 204
    return paid


async def test_tables_and_routes_tell_the_same(services: StartServices, database_url: str) -> None:
    [service] = await services(hold_seconds=HOLD_SECONDS)
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        event = await make_event(client)
        paid = await sell(client, event)
    events, key = Events(hot=event, many=[], sold_out=event), DateKey(event.event_id, DATE, dt.time(20))
    routes = Routes(service.url, ADMIN_TOKEN)
    watch = ShardWatch(routes, key)
    await asyncio.to_thread(watch.look)
    [fill] = fills_of(watch.looks, 0)
    assert len(fill.current) == 4
    assert sum(fill.maxima) == 1_000
    for witness in (DatabaseWitness(Database(database_url), HOLD_SECONDS), RouteWitness(routes)):
        await asyncio.to_thread(witness.wait_for_holds, events)
        assert await asyncio.to_thread(witness.reservations, events) == dict.fromkeys(
            paid, Booked(paid=True, tickets=2)
        )
        assert await asyncio.to_thread(witness.tickets, events) == {key: 2 * len(paid)}
        audit = await asyncio.to_thread(witness.audit, events, "now")
        assert (audit.clean, audit.findings) == (True, [])
        assert audit.tickets >= 2 * len(paid)
