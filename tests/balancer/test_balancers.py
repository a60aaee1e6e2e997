"""What the shipped configurations promise: they are valid, no POST is sent twice, and clients' addresses arrive."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from boxoffice.proxies import Proxies, read_networks
from tests.balancer.balancers import HAPROXY, NGINX, Balancer, Changed, Told
from tests.balancer.conftest import running
from tests.balancer.upstream import CUT, CUT_ONCE, Upstream, upstreams
from tests.concurrency.rush_line import Line, Lost, closing
from tests.ports import free_port
from tests.torture.load import of_the_service
from tests.waiting import turn_of_the_loop

LINES = 4
ROUNDS = 5
CLIENT = "127.0.0.2"
FORGED = "192.0.2.7"


def repeating(balancer: Balancer) -> Changed:
    """The change that has a balancer repeat whatever was not answered."""
    changes = {
        HAPROXY.name: ("    http-request disable-l7-retry unless { method GET HEAD }\n", ""),
        NGINX.name: ("proxy_next_upstream error timeout;", "proxy_next_upstream error timeout non_idempotent;"),
    }
    before, after = changes[balancer.name]
    return lambda text: text.replace(before, after)


def never_shunned(balancer: Balancer, servers: list[str]) -> list[str]:
    """Have nginx send to servers that have just cut connections too: it would send nothing to any of them any more."""
    return [f"{server} max_fails=0" for server in servers] if balancer is NGINX else servers


def check(told: Told) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **told.environment}
    return subprocess.run(told.check, env=environment, capture_output=True, text=True, check=False)


def test_the_configuration_is_valid(told: Told) -> None:
    checked = check(told)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_control_one_that_is_not_is_found(balancer: Balancer, tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    misspelt = balancer.told(tmp_path, listen, ["127.0.0.1:8000"], lambda text: text.replace("timeout", "timeuot"))
    checked = check(misspelt)
    assert checked.returncode != 0
    assert "timeuot" in checked.stderr


async def send_and_be_cut(url: str) -> int:
    """Send many POSTs, DELETEs and PATCHes that are read and never answered, among GETs that are, over connections
    that are kept; return how many of each."""

    async def talk(number: int) -> None:
        line = Line(url)
        async with closing([line]):
            for each in range(ROUNDS):
                assert (await line.ask("GET", "/well")).status == 200
                for method in ("POST", "PATCH", "DELETE"):
                    with pytest.raises(Lost):
                        of_the_service(await line.ask(method, f"{CUT}{number}/{each}", {"paid": True}))

    async with asyncio.TaskGroup() as tasks:
        for number in range(LINES):
            tasks.create_task(talk(number))
    return LINES * ROUNDS


def times(upstream: Upstream, method: str) -> list[int]:
    return [count for (made, path), count in upstream.arrived.items() if made == method and path.startswith(CUT)]


async def test_no_post_is_sent_twice(balancer: Balancer, tmp_path: Path) -> None:
    async with (
        upstreams(3) as (upstream, servers),
        running(balancer, tmp_path, never_shunned(balancer, servers)) as url,
    ):
        sent = await send_and_be_cut(url)
        assert times(upstream, "POST") == [1] * sent
        assert times(upstream, "PATCH") == [1] * sent
        assert len(times(upstream, "DELETE")) == sent
        assert (max(times(upstream, "DELETE")) > 1) == balancer.repeats_releases


async def test_control_with_retries_on_posts_are_sent_twice(balancer: Balancer, tmp_path: Path) -> None:
    async with (
        upstreams(3) as (upstream, servers),
        running(balancer, tmp_path, never_shunned(balancer, servers), repeating(balancer)) as url,
    ):
        await send_and_be_cut(url)
        assert max(times(upstream, "POST")) > 1


async def test_a_get_that_was_not_answered_is_asked_again(balancer: Balancer, tmp_path: Path) -> None:
    async with upstreams(3) as (upstream, servers), running(balancer, tmp_path, servers) as url:
        line = Line(url)
        async with closing([line]):
            assert (await line.ask("GET", f"{CUT_ONCE}1")).status == 200
        assert upstream.arrived["GET", f"{CUT_ONCE}1"] == 2


async def test_the_client_is_known_behind_it_and_cannot_pass_for_another(balancer: Balancer, tmp_path: Path) -> None:
    async with upstreams(1) as (upstream, servers), running(balancer, tmp_path, servers) as url:
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(CLIENT, 0))
        writer.write(f"GET /me HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {FORGED}\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
        await turn_of_the_loop()
    told = [value for name, value in upstream.headers["/me"] if name == "x-forwarded-for"]
    assert Proxies(read_networks("127.0.0.1")).client_of("127.0.0.1", told) == CLIENT
    assert Proxies().client_of("127.0.0.1", told) == "127.0.0.1"
