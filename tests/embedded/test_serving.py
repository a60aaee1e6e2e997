"""The service's processes answer what is in flight before they end, and end with whoever started them."""

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from boxoffice.http.server import BACKLOG_MAX
from tests.clients import client_to
from tests.embedded.processes import STOP_SECONDS_MAX, Running, children, is_running, refuses
from tests.embedded.slow_application import PIPE
from tests.ports import free_port
from tests.waiting import until, until_now

SERVE = """
import sys
from boxoffice.serving import serve
from boxoffice.settings import Settings
given = Settings(port=int(sys.argv[1]), workers=int(sys.argv[2]), leave_seconds=int(sys.argv[3]))
serve(given, "tests.embedded.slow_application:create_application")
"""
LEAVE_SECONDS = 4  # longer than a stop may take without
ROOT = Path(__file__).parents[2]


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """Whoever writes here lets the slow request be answered."""
    made = tmp_path / "pipe"
    os.mkfifo(made)
    return made


@pytest.fixture(params=[1])
def serving(request: pytest.FixtureRequest, tmp_path: Path, pipe: Path) -> Iterator[Running]:
    """Service processes of an application that waits; the parameter: their number, or that and their time to leave."""
    port = free_port()
    workers, leave_seconds = request.param if isinstance(request.param, tuple) else (request.param, 0)
    command = [sys.executable, "-c", SERVE, str(port), str(workers), str(leave_seconds)]
    told = {PIPE: str(pipe), "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    told["TMPDIR"] = str(tmp_path / "meetings")
    (tmp_path / "meetings").mkdir()
    running = Running(command, port=port, told=told, log=tmp_path / "log")
    try:
        running.until_ready()
        yield running
    finally:
        running.clean_up()


def client_of(running: Running) -> httpx.AsyncClient:
    return client_to(f"http://127.0.0.1:{running.port}")


def workers(running: Running) -> list[int]:
    return [each for each in children(running.process.pid) if is_running(each)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_answers_what_is_in_flight(serving: Running, pipe: Path, how: signal.Signals) -> None:
    async with client_of(serving) as client:
        slow = asyncio.create_task(client.get("/slow"))
        await until(lambda: "slow" in serving.log.read_text())
        serving.process.send_signal(how)
        await until(lambda: refuses(f"http://127.0.0.1:{serving.port}/"))
        assert not slow.done()
        assert serving.process.poll() is None
        await asyncio.to_thread(pipe.write_text, "go on")
        assert (await slow).status_code == 200
    assert await asyncio.to_thread(serving.process.wait, STOP_SECONDS_MAX) == 0
    assert serving.log.read_text().splitlines().count("shutdown") == 1


@pytest.mark.parametrize("serving", [1, 2], indirect=True)
@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
async def test_told_again_while_it_stops_it_ends_as_it_would(
    serving: Running, pipe: Path, again: signal.Signals, tmp_path: Path
) -> None:
    async with client_of(serving) as client:
        slow = asyncio.create_task(client.get("/slow"))
        await until(lambda: "slow" in serving.log.read_text())
        serving.process.send_signal(signal.SIGTERM)
        await until(lambda: refuses(f"http://127.0.0.1:{serving.port}/"))
        serving.process.send_signal(again)
        await asyncio.to_thread(pipe.write_text, "go on")
        assert (await slow).status_code == 200
    assert await asyncio.to_thread(serving.process.wait, STOP_SECONDS_MAX) == 0
    assert "Traceback" not in serving.log.read_text()
    assert list((tmp_path / "meetings").iterdir()) == []


@pytest.mark.parametrize("serving", [(2, LEAVE_SECONDS)], indirect=True)
async def test_time_to_leave_is_taken_and_nobody_killed_for_it(serving: Running) -> None:
    until_now(lambda: serving.log.read_text().splitlines().count("startup") == 2)
    told_at = time.monotonic()
    assert await asyncio.to_thread(serving.stop) == 0
    assert time.monotonic() - told_at > LEAVE_SECONDS
    said = [line for line in serving.log.read_text().splitlines() if line in {"leave", "drain", "shutdown"}]
    assert sorted(said[:2]) == ["leave", "leave"]
    assert sorted(said) == ["drain", "drain", "leave", "leave", "shutdown", "shutdown"]


async def test_a_request_that_never_ends_does_not_keep_it(serving: Running) -> None:
    async with client_of(serving) as client:
        slow = asyncio.create_task(client.get("/slow"))
        await until(lambda: "slow" in serving.log.read_text())
        await asyncio.to_thread(serving.stop)
        with pytest.raises(httpx.TransportError):
            await slow


@pytest.mark.parametrize("serving", [2], indirect=True)
def test_a_worker_that_dies_is_replaced(serving: Running) -> None:
    until_now(lambda: serving.log.read_text().splitlines().count("startup") == 2)
    killed = workers(serving)[0]
    os.kill(killed, signal.SIGKILL)
    until_now(lambda: len(workers(serving)) == 2 and killed not in workers(serving))
    until_now(lambda: serving.log.read_text().splitlines().count("startup") == 3)
    until_now(serving.is_ready)


@pytest.mark.parametrize("serving", [2], indirect=True)
def test_workers_end_with_their_killed_parent(serving: Running) -> None:
    until_now(lambda: serving.log.read_text().splitlines().count("startup") == 2)
    left = workers(serving)
    serving.process.kill()
    until_now(lambda: not any(map(is_running, left)))


def test_a_worker_that_cannot_start_is_tried_again_after_a_pause(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE.replace("create_application", "create_failing"), str(free_port()), "1", "0"]
    told = {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    running = Running(command, port=0, told=told, log=tmp_path / "log")
    try:
        until_now(lambda: running.log.read_text().count("failed ") >= 3)
        assert running.stop() == 0
    finally:
        running.clean_up()
    said = running.log.read_text()
    tries = [float(line.partition(" ")[2]) for line in said.splitlines() if line.startswith("failed ")]
    assert tries[2] - tries[0] > 1.5
    assert "there is nothing to open" in said
    assert "Traceback" not in said


async def test_many_idle_connections_keep_nobody_out(serving: Running) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    kept = [await asyncio.open_connection("127.0.0.1", serving.port) for _ in range(BACKLOG_MAX + 10)]
    try:
        async with client_of(serving) as client:
            assert (await client.get("/")).status_code == 200
    finally:
        for _, writer in kept:
            writer.close()
