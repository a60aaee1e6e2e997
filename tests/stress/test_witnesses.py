"""Both witnesses tell the same of the same sale: the tables, and the admin routes of a service."""

import asyncio
import datetime as dt
from collections.abc import Sequence

import httpx

from bench.database import Database
from stress.events import Event, EventDate, Events, OfferedType
from stress.routes import Routes
from stress.truth import Booked, Witness
from stress.watching import ShardWatch, fills_of
from stress.witness_database import DatabaseWitness
from stress.witness_routes import RouteWitness
from tests.clients import client_to
from tests.conftest import ADMIN_TOKEN, StartServices
from tests.waiting import turn_of_the_loop

DATE = dt.date(dt.datetime.now(dt.UTC).year + 1, 1, 1)
HOLD_SECONDS = 300
"""So long that nothing expires, however slow the machine is."""
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
    """Have all holds paid but one, which is let go; return those that are paid."""
    *paid, let_go = await asyncio.gather(*(hold(client, event) for _ in range(HOLDS)))
    payments = await asyncio.gather(
        *(client.post(f"/reservation/{name}", json={"paymentReference": name}) for name in paid)
    )
    assert {payment.status_code for payment in payments} == {200}
    assert (await client.delete(f"/reservation/{let_go}")).status_code == 204
    return paid


async def look(witness: Witness, client: httpx.AsyncClient, events: Events, paid: Sequence[str]) -> None:
    """Have a witness tell of the sale, and wait for one more hold, which is let go meanwhile."""
    held, key = await hold(client, events.hot), events.hot.keys[0]
    sold = dict.fromkeys(paid, Booked(paid=True, tickets=2))
    there = await asyncio.to_thread(witness.reservations, events)
    assert there == {**sold, held: Booked(paid=False, tickets=2)}
    waiting = asyncio.create_task(asyncio.to_thread(witness.wait_for_holds, events))
    await turn_of_the_loop()
    assert not waiting.done()
    assert (await client.delete(f"/reservation/{held}")).status_code == 204
    await waiting
    assert await asyncio.to_thread(witness.reservations, events) == sold
    assert await asyncio.to_thread(witness.tickets, events) == {key: 2 * len(paid)}
    audit = await asyncio.to_thread(witness.audit, events, "now")
    assert (audit.clean, audit.findings) == (True, [])
    assert audit.tickets >= 2 * len(paid)


async def test_tables_and_routes_tell_the_same(services: StartServices, database_url: str) -> None:
    [service] = await services(hold_seconds=HOLD_SECONDS)
    routes = Routes(service.url, ADMIN_TOKEN)
    async with client_to(service.url) as client:
        event = await make_event(client)
        paid = await sell(client, event)
        events = Events(hot=event, many=[], sold_out=event)
        for witness in (DatabaseWitness(Database(database_url), HOLD_SECONDS), RouteWitness(routes)):
            await look(witness, client, events, paid)
    watch = ShardWatch(routes, event.keys[0])
    await asyncio.to_thread(watch.look)
    [fill] = fills_of(watch.looks, 0)
    assert (len(fill.current), sum(fill.current), sum(fill.maxima)) == (4, 2 * len(paid), 1_000)
