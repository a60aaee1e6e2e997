"""Balancers of this machine: found, or installed by root; left out loudly where they cannot be had."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.balancer.balancers import BALANCERS, PACKAGES, Balancer, Changed, Told
from tests.debian import ROOT_USER, find_program, install, starts_what_is_installed
from tests.embedded.processes import Running
from tests.ports import free_port


@pytest.fixture(params=BALANCERS, ids=lambda balancer: balancer.name)
def balancer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Balancer:
    """Each balancer in turn."""
    chosen: Balancer = request.param

    def there() -> bool:
        return find_program(chosen.program) is not None

    if not there() and os.geteuid() == ROOT_USER and not starts_what_is_installed():
        install([PACKAGES[chosen.program]], tmp_path_factory.getbasetemp().parent / "balancers.lock", there)
    if not there():
        package = PACKAGES[chosen.program]
        pytest.skip(f"NOT RUN BEHIND {chosen.name.upper()}: it is not installed. apt-get install {package}")
    return chosen


@pytest.fixture
def told(balancer: Balancer, tmp_path: Path) -> Told:
    """The balancer as it is shipped, before one server. To check itself nginx listens, so it does where anybody may."""
    return balancer.told(tmp_path, f"127.0.0.1:{free_port()}", ["127.0.0.1:8000"], None)


@asynccontextmanager
async def running(
    balancer: Balancer,
    folder: Path,
    servers: list[str],
    changed: Changed | None = None,
) -> AsyncIterator[str]:
    """Run a balancer before these servers within, on loopback; yield its URL, once it answers."""
    port = free_port()
    started = balancer.told(folder, f"127.0.0.1:{port}", servers, changed)
    process = Running(started.command, port=port, told=started.environment, log=folder / "log")
    try:
        await asyncio.to_thread(process.until_ready)
        yield f"http://127.0.0.1:{port}"
    finally:
        await asyncio.to_thread(process.clean_up)
