"""One scrape of a port tells the numbers of all processes behind it, and nothing of one that was killed."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.api.scrape import Scrape, scrape
from tests.api.shop import BEARER, DATE, TIME, lines, new_event
from tests.clients import client_to
from tests.conftest import PATIENT_MS, Service, StartServices
from tests.embedded.processes import children
from tests.waiting import until

HOLDS = 40
STARTED = "process_start_time_seconds"


async def scrape_anew(service: Service) -> Scrape:
    """Scrape through a connection of its own: the kernel chooses the process."""
    async with client_to(service.url) as client:
        return await scrape(client)


async def scrape_both(service: Service) -> Scrape:
    """Scrape until both processes answer: one that this machine lets stand still is silent meanwhile."""
    scraped: list[Scrape] = []

    async def both_answer() -> bool:
        try:
            scraped.append(await scrape_anew(service))
        except httpx.TransportError:  # one that was killed had taken the connection
            return False
        return scraped[-1].by("boxoffice_scrape_processes", "state") == {"answered": 2}

    await until(both_answer)
    return scraped[-1]


async def hold_anew(service: Service) -> int:
    async with client_to(service.url) as client:
        return (await client.post(f"/events/1/{DATE}/{TIME}", json=lines({1: 1}))).status_code


async def selling(services: StartServices) -> Service:
    """Two processes behind one port that have sold HOLDS tickets, some each."""
    (service,) = await services(workers=2, flight_wait_ms_max=PATIENT_MS, statement_ms_max=PATIENT_MS)
    async with client_to(f"{service.url}/admin", headers=BEARER) as client:
        assert (await client.post("/ticket-types", json={"name": "Adult"})).status_code == 201
        assert (await client.post("/events", json=new_event(maxTickets=1000))).status_code == 201

    await scrape_both(service)
    assert await asyncio.gather(*(hold_anew(service) for _ in range(HOLDS))) == [201] * HOLDS
    return service


def process_of(number: str, service: Service) -> tuple[int, Path]:
    """Return the process that has this number, and the lock of that name, which it holds open."""
    for process in children(service.process.pid):
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):
                if descriptor.readlink().name == f"{number}.lock":
                    return process, descriptor.readlink()
    raise AssertionError(f"nobody has the number {number}")


async def test_whoever_is_asked_tells_the_numbers_of_all(services: StartServices) -> None:
    service = await selling(services)
    for _ in range(8):
        count = await scrape_both(service)
        assert count("boxoffice_holds_total", outcome="held") == HOLDS
        held = count.by("boxoffice_holds_total", "process", outcome="held")
        assert held.keys() == {"0", "1"}
        assert 0 < held["0"] < HOLDS
        assert count("boxoffice_flight_requests_sum", kind="hold") == HOLDS
        names = [family.name for family in count.families]
        assert len(set(names)) == len(names)


async def test_of_a_killed_process_nothing_is_told_any_more(services: StartServices) -> None:
    service = await selling(services)
    before = await scrape_both(service)
    held = before.by("boxoffice_holds_total", "process", outcome="held")
    killed, _ = process_of("0", service)
    os.kill(killed, signal.SIGKILL)

    after = await scrape_both(service)
    assert after.by("boxoffice_holds_total", "process", outcome="held") == {"1": held["1"]}
    assert {sample.labels["process"] for sample in after.samples(STARTED)} == {"0", "1"}
    assert after(STARTED, process="0") > before(STARTED, process="0")
    assert after(STARTED, process="1") == before(STARTED, process="1")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_the_folder_where_they_meet_goes_with_them(services: StartServices, how: signal.Signals) -> None:
    service = await selling(services)
    _, lock = process_of("1", service)
    assert lock.exists()
    service.process.send_signal(how)
    await until(lambda: not lock.parent.exists())
