"""The service that is attacked, and the judgement behind every attack: nothing broke or was told, it still sells."""

import asyncio
import datetime as dt
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from boxoffice.booking.audit import audit
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.schema import migrate
from boxoffice.settings import Settings, environment_name
from tests.api.scrape import Scrape
from tests.api.shop import BEARER, DATE, TIME, lines, new_event
from tests.clients import PATIENCE_SECONDS, TRUSTS_NOBODY
from tests.conftest import ADMIN_TOKEN, Service, start_service, stop_services, until_ready

TICKETS = 1_000_000
SERVER_ERROR = re.compile(r"5\d\d")
FAULTS = re.compile(r"unexpected_error|background_work_failed|client_not_given_up|worker_ended|Traceback|which led to")
TRACES = re.compile(rb'Traceback|File \\?"|\.py\b.*line|asyncpg|sqlalchemy|site-packages|line \d+, in')
"""What no answer may hold: it would tell how the service is built, or what went wrong inside of it."""

# Attacks on the door are attacks of their own; here the token is known, so that what is behind the door is reached.
SETTINGS = {"admin_failures_per_minute_max": 0, "hold_seconds": 60, "tickets_per_reservation_max": 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A service under attack, and the database behind it."""

    service: Service
    database_url: str

    @property
    def url(self) -> str:
        return self.service.url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self) -> httpx.Client:
        """Return a client with an admin's token."""
        return httpx.Client(
            base_url=self.url, headers=BEARER, trust_env=False, timeout=PATIENCE_SECONDS, verify=TRUSTS_NOBODY
        )

    def prepare(self, *, days_before: int = 0) -> None:
        """Make what can be attacked: two types, and an event with more tickets than an attack can take.

        The first event in the list is one that was made with more `days_before` than any other.
        """
        date = str(dt.date.fromisoformat(DATE) - dt.timedelta(days=days_before))
        with self.client() as client:
            for name in ("Adult", "Child"):
                client.post("/admin/ticket-types", json={"name": name}).raise_for_status()
            dates = [{"date": date, "startTime": TIME}]
            types = [{"tickettypeId": 1}, {"tickettypeId": 2, "max": TICKETS}]
            client.post(
                "/admin/events", json=new_event(maxTickets=TICKETS, ticketTypes=types, dates=dates)
            ).raise_for_status()

    def judge(self) -> None:
        """Assert that nothing broke: no fault in log and metrics, the audit clean, and tickets are held and paid."""
        assert self.service.process.poll() is None, "the service ended"
        log = self.service.log.read_text()
        assert not FAULTS.search(log), log[-5_000:]
        with self.client() as client:
            assert self.server_errors(client) == {}
            report = asyncio.run(audit(self.database_url))
            assert report.exit_status == 0, report
            self._sell(client)

    def server_errors(self, client: httpx.Client) -> dict[str, float]:
        """Return how many answers were server errors, by route and status, by the service's own count."""
        counted = Scrape(client.get("/metrics").raise_for_status().text)
        samples = counted.samples("boxoffice_http_requests_total")
        return {str(each.labels): each.value for each in samples if SERVER_ERROR.match(each.labels["status"])}

    def _sell(self, client: httpx.Client) -> None:
        event = client.post("/admin/events", json=new_event(name="After the attack", maxTickets=2)).raise_for_status()
        hold = client.post(f"/events/{event.json()['id']}/{DATE}/{TIME}", json=lines({1: 2}))
        assert hold.status_code == 201, hold.text
        path = f"/reservation/{hold.json()['reservationId']}"
        paid = client.post(path, json={"paymentReference": "after the attack"})
        assert (paid.status_code, client.get(path).json()["state"]) == (200, "paid")


def target_environment(**settings: object) -> dict[str, str]:
    """Return the settings of a service that is to be attacked, as its environment."""
    return {environment_name(name): str(value) for name, value in {**SETTINGS, **settings}.items()}


@contextmanager
def attacked(folder: Path, **settings: object) -> Iterator[Target]:
    """Start servers and a service of their own, ready to be attacked; all are stopped at the end."""
    folder.chmod(0o711)
    with ExitStack() as at_end:
        postgres, valkey = EmbeddedPostgres(folder / "postgres", durable=False), EmbeddedValkey(folder / "valkey")
        for server in (postgres, valkey):
            server.start()
            at_end.callback(server.stop)
        asyncio.run(migrate(Settings(database_url=postgres.url)))
        urls = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN}
        urls["BOXOFFICE_DATA_DIR"] = str(folder / "data")
        service = start_service({**urls, **target_environment(**settings)}, folder)
        at_end.callback(stop_services, [service])
        asyncio.run(until_ready(service))
        target = Target(service=service, database_url=postgres.url)
        target.prepare()
        yield target


def exchange(port: int, sent: bytes, *, ends: bool = False) -> bytes:
    """Send bytes on a connection of their own and return all that comes back; `ends`: the client sends no more."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(sent)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while piece := connection.recv(65_536):
                answer += piece
    return answer


def status_of(answer: bytes) -> int | None:
    """Return the status of an answer as it was sent, None without one; assert that it tells nothing of the inside."""
    assert not TRACES.search(answer), answer
    return int(answer.split(b" ", 2)[1]) if answer else None


def assert_harmless(answer: httpx.Response) -> None:
    """Assert that an answer is no server error and tells nothing of the inside; an honest 503 may be asked again."""
    assert answer.status_code < 500 or (answer.status_code == 503 and "retry-after" in answer.headers), answer.text
    assert not TRACES.search(answer.content), answer.text
