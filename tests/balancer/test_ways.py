"""Which service a balancer sends to, whom it believes to be well, and that what comes bit by bit passes bit by bit."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.balancer.balancers import HAPROXY, HAPROXY_BY_EVENT, NGINX, Balancer, Changed
from tests.balancer.conftest import running
from tests.balancer.upstream import EVENTS, SLOW, STREAM, WAITING, Upstream, upstreams
from tests.concurrency.rush_line import Line, closing
from tests.ports import free_port
from tests.waiting import turn_of_the_loop, until

SERVERS = 4
EVENT_PATHS = [f"/events/{event}/2027-06-{day:02}/20:00" for event in range(1, 9) for day in (1, 2, 3)]
UNBUFFERED = "x-accel-buffering:no"
FILES_AT_FIRST = 1_024
EVENT_SECONDS_MAX = 60.0
NOTHING_COMES_SECONDS = 0.5


behind_haproxy = pytest.mark.parametrize("balancer", [HAPROXY], ids=["haproxy"], indirect=True)
behind_haproxy_by_event = pytest.mark.parametrize("balancer", [HAPROXY_BY_EVENT], ids=["haproxy"], indirect=True)
behind_nginx = pytest.mark.parametrize("balancer", [NGINX], ids=["nginx"], indirect=True)


def ports_of_event(upstream: Upstream, event: int) -> set[int]:
    """Return the ports at which requests for an event arrived."""
    return {port for path, ports in upstream.ports.items() if path.startswith(f"/events/{event}/") for port in ports}


async def ask_all(url: str) -> None:
    line = Line(url)
    async with closing([line]):
        for path in EVENT_PATHS:
            assert (await line.ask("POST", path, [])).status == 200


@behind_haproxy_by_event
async def test_by_event_who_wants_the_same_meets_at_one_service(balancer: Balancer, tmp_path: Path) -> None:
    async with upstreams(SERVERS) as (upstream, servers), running(balancer, tmp_path, servers) as url:
        await ask_all(url)
        found = [ports_of_event(upstream, event) for event in range(1, 9)]
        assert [len(ports) for ports in found] == [1] * 8
        assert len(set.union(*found)) > 1


@behind_haproxy
async def test_control_otherwise_they_are_spread(balancer: Balancer, tmp_path: Path) -> None:
    async with upstreams(SERVERS) as (upstream, servers), running(balancer, tmp_path, servers) as url:
        await ask_all(url)
        assert max(len(ports_of_event(upstream, event)) for event in range(1, 9)) > 1


def one_alone(text: str) -> str:
    """The shipped configuration, where an event has one service however hot it is."""
    return text.replace("    hash-balance-factor 125\n", "")


@behind_haproxy_by_event
@pytest.mark.parametrize(("changed", "least", "most"), [(None, SERVERS - 1, SERVERS), (one_alone, 1, 1)])
async def test_by_event_one_hot_event_still_has_nearly_all_services(
    balancer: Balancer, tmp_path: Path, changed: Changed | None, least: int, most: int
) -> None:
    async with (
        upstreams(SERVERS) as (upstream, servers),
        running(balancer, tmp_path, servers, changed) as url,
    ):
        path = f"{WAITING}1"
        lines = [Line(url) for _ in range(4 * SERVERS)]
        async with closing(lines), asyncio.TaskGroup() as tasks:
            for line in lines:
                tasks.create_task(line.ask("POST", path, []))
            await until(lambda: upstream.arrived["POST", path] == len(lines))
            upstream.answer.set()
        assert least <= len(upstream.ports[path]) <= most


def hasty(text: str) -> str:
    """The shipped configuration, asking ten times as often: checks that are too slow are then noticed soon."""
    return text.replace("check inter 500ms", "check inter 50ms")


@behind_haproxy
async def test_a_service_whose_database_is_slow_is_not_taken_out(balancer: Balancer, tmp_path: Path) -> None:
    async with upstreams(1) as (upstream, servers), running(balancer, tmp_path, servers, hasty) as url:
        upstream.slow_seconds = 0.2
        before = upstream.arrived["GET", SLOW]
        await until(lambda: upstream.arrived["GET", SLOW] > before + 3)
        line = Line(url)
        async with closing([line]):
            await until(partial(_is_answered, line, 200))


@behind_haproxy
async def test_control_without_time_for_a_check_it_is(balancer: Balancer, tmp_path: Path) -> None:
    def impatient(text: str) -> str:
        assert "    timeout check 3s\n" in text
        return hasty(text).replace("    timeout check 3s\n", "")

    async with upstreams(1) as (upstream, servers), running(balancer, tmp_path, servers, impatient) as url:
        upstream.slow_seconds = 0.2
        line = Line(url)
        async with closing([line]):
            await until(partial(_is_answered, line, 503))


async def _is_answered(line: Line, status: int) -> bool:
    return (await line.ask("GET", "/well")).status == status


@asynccontextmanager
async def listening(url: str, header: str) -> AsyncIterator[asyncio.StreamReader]:
    """Ask for a stream that has this header; yield what comes."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(f"GET {STREAM}?{header} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        yield reader
    finally:
        writer.transport.abort()
        await turn_of_the_loop()


async def test_a_stream_passes_event_by_event(balancer: Balancer, tmp_path: Path) -> None:
    async with (
        upstreams(1) as (upstream, servers),
        running(balancer, tmp_path, servers) as url,
        listening(url, UNBUFFERED) as stream,
        asyncio.timeout(EVENT_SECONDS_MAX),
    ):
        await stream.readuntil(EVENTS[0])
        upstream.answer.set()
        await stream.readuntil(EVENTS[1])


@behind_nginx
async def test_control_a_stream_that_does_not_say_so_is_kept_by_nginx(balancer: Balancer, tmp_path: Path) -> None:
    async with (
        upstreams(1) as (upstream, servers),
        running(balancer, tmp_path, servers) as url,
        listening(url, "x-nothing:no") as stream,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(NOTHING_COMES_SECONDS):
                await stream.readuntil(EVENTS[0])
        upstream.answer.set()
        async with asyncio.timeout(EVENT_SECONDS_MAX):
            await stream.readuntil(EVENTS[1])


def with_few_files(nginx: Balancer, folder: Path, changed: Changed | None) -> str:
    """Return what nginx says of its configuration where a program has as many files as systems give at first."""
    told = nginx.told(folder, f"127.0.0.1:{free_port()}", ["127.0.0.1:8000"], changed)
    few = ["prlimit", f"--nofile={FILES_AT_FIRST}:", "--", *told.check]
    checked = subprocess.run(few, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    return checked.stderr


@behind_nginx
def test_nginx_asks_for_as_many_files_as_it_may_have_connections(balancer: Balancer, tmp_path: Path) -> None:
    assert with_few_files(balancer, tmp_path, None) == ""


@behind_nginx
def test_control_otherwise_it_says_that_they_are_too_few(balancer: Balancer, tmp_path: Path) -> None:
    said = with_few_files(balancer, tmp_path, lambda text: text.replace("worker_rlimit_nofile 32768;\n", ""))
    assert "exceed open file resource limit" in said
