"""A client that knows the API's words, so that tests read as what a buyer or an admin does."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote

import httpx

from boxoffice.api.front import Front
from boxoffice.api.office import Office
from boxoffice.app import open_office
from boxoffice.settings import Settings
from tests.api.conformance import assert_told
from tests.api.serving import serving
from tests.clients import client_to
from tests.conftest import ADMIN_TOKEN, Service, StartServices

YEAR = dt.datetime.now(tz=dt.UTC).year + 1
DATE = f"{YEAR}-05-01"
TIME = "20:00:00"
BEARER = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A box office and its client."""

    client: httpx.AsyncClient
    office: Office

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Send GET."""
        return await self.client.get(path, headers=_headers(headers))

    async def post(self, path: str, content: object, **headers: str) -> httpx.Response:
        """Send POST with JSON."""
        return await self.client.post(path, json=content, headers=_headers(headers))

    async def admin(self, method: str, path: str, content: object = None) -> httpx.Response:
        """Send an admin's request."""
        return await self.client.request(method, f"/admin{path}", json=content, headers=BEARER)

    async def add_types(self, *names: str) -> None:
        """Make ticket types; the first one of an empty database has the id 1."""
        for name in names:
            made = await self.admin("POST", "/ticket-types", {"name": name})
            assert made.status_code == 201, made.text

    async def add_event(self, **given: object) -> int:
        """Make an event of 10 tickets with one date, of type 1 unless told otherwise; return its id."""
        made = await self.admin("POST", "/events", new_event(**given))
        assert made.status_code == 201, made.text
        event_id: int = made.json()["id"]
        return event_id

    async def hold(
        self, event_id: int, quantities: Mapping[int, int], *, date: str = DATE, time: str = TIME, **headers: str
    ) -> httpx.Response:
        """Ask for tickets, by type."""
        return await self.post(f"/events/{event_id}/{date}/{time}", lines(quantities), **headers)

    async def held(self, event_id: int, quantities: Mapping[int, int]) -> str:
        """Hold tickets and return the reservation's id."""
        answer = await self.hold(event_id, quantities)
        assert answer.status_code == 201, answer.text
        name: str = answer.json()["reservationId"]
        return name


def new_event(**given: object) -> dict[str, object]:
    """Return the body that makes an event; a field that is given as None is left out."""
    event: dict[str, object] = {
        "name": "The Magic Flute",
        "maxTickets": 10,
        "numShards": 2,
        "ticketTypes": [{"tickettypeId": 1}],
        "dates": [{"date": DATE, "startTime": TIME}],
    }
    return {name: value for name, value in {**event, **given}.items() if value is not None}


def lines(quantities: Mapping[int, int]) -> list[dict[str, int]]:
    """Return the body that asks for tickets."""
    return [{"tickettypeId": kind, "quantity": quantity} for kind, quantity in quantities.items()]


def assert_problem(answer: httpx.Response, status: int, slug: str) -> None:
    """Assert that the answer is this problem, whole and well declared."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    document = answer.json()
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"].strip()
    assert unquote(document["instance"]) == answer.request.url.path


@asynccontextmanager
async def open_shop(settings: Settings) -> AsyncIterator[Shop]:
    """Open a box office in this process."""
    async with open_office(settings) as office, client_of(office) as client:
        yield Shop(client=client, office=office)


@asynccontextmanager
async def client_of(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """Serve an office of this process and yield a client of it; every answer must be one that is told."""
    async with serving(Front(office).answer) as url, client_to(url, hears=[assert_told]) as client:
        yield client


async def open_sale(services: StartServices, **settings: object) -> Service:
    """Start a real service with one booking connection and much patience, and make an event of ten tickets in it."""
    (started,) = await services(
        count=1, database_connections_max=1, flight_wait_ms_max=30_000, statement_ms_max=30_000, **settings
    )
    async with client_to(f"{started.url}/admin", headers=BEARER) as client:
        assert (await client.post("/ticket-types", json={"name": "Adult"})).status_code == 201
        assert (await client.post("/events", json=new_event())).status_code == 201
    return started


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}
