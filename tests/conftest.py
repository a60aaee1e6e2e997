"""Real servers for every test that asks for them: one PostgreSQL and one Valkey per test process, emptied per test."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest
import redis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice import distribution
from boxoffice.database import open_engine, open_pool
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.schema import migrate
from boxoffice.settings import Settings, environment_name
from tests.clients import is_ready
from tests.emptying import EMPTY, EMPTY_ALL, empty
from tests.ports import free_port
from tests.preloaded import Forked, start_forked
from tests.waiting import until

CITUS_DSN = os.environ.get("CITUS_DSN")
ADMIN_TOKEN = "the-admin-token-of-the-tests"
START_SECONDS_MAX = 60.0
# A busy machine makes an example slow; that says nothing about the code.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")
STOP_SECONDS_MAX = 6.0
PATIENT_MS = 10_000
"""Longer than a busy machine lets anybody wait: what a test says must not depend on the moment."""
MEASURED = "measured"
"""The property under which a test records what it has measured, by `record_property`."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests have measured, also where they ran in other processes."""
    for report in terminalreporter.getreports("passed"):
        for name, measured in report.user_properties:
            if name == MEASURED:
                terminalreporter.write_line(f"{MEASURED}: {measured}")


class HasUrl(Protocol):
    """A server as far as most tests know it."""

    @property
    def url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A database that somebody else started, and that the tests may empty."""

    url: str


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HasUrl]:
    """A PostgreSQL of this test process, migrated. Do not stop it: start one of your own for that.

    CITUS_DSN names another database in its place, whose tables are then distributed (docs/citus.md).
    """
    if CITUS_DSN:
        asyncio.run(distribution.migrate(Settings(database_url=CITUS_DSN)))
        yield Elsewhere(CITUS_DSN)
        return
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False)
    server.start()
    asyncio.run(migrate(Settings(database_url=server.url)))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A Valkey of this test process. Do not stop it: start one of your own for that."""
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def database_url(postgres_server: HasUrl, request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database in which all tables are empty and all counters start again at 1."""
    pristine = CITUS_DSN or request.node.get_closest_marker("pristine")
    await empty(postgres_server.url, EMPTY_ALL if pristine else EMPTY)
    return postgres_server.url


@pytest.fixture
def redis_url(valkey_server: EmbeddedValkey) -> str:
    """The URL of an empty Redis-compatible server."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings that name both servers, with patience; change them with msgspec.structs.replace."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        redis_ms_max=PATIENT_MS,
        flight_wait_ms_max=PATIENT_MS,
        statement_ms_max=PATIENT_MS,
        data_dir=str(tmp_path / "data"),
        admin_token=ADMIN_TOKEN,
    )


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """The booking side's connections to an empty database."""
    async with await open_pool(settings, distributed=bool(CITUS_DSN)) as opened:
        yield opened


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The catalogue's engine on an empty database."""
    opened = open_engine(settings)
    yield opened
    await opened.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running `boxoffice serve`, talked to at `url`."""

    url: str
    process: subprocess.Popen[bytes] | Forked
    log: Path

    def kill(self) -> None:
        """End it and its workers at once, as a machine that loses power would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class StartServices(Protocol):
    """Starts `count` services and returns when all are ready; keyword x is given to them as the setting x."""

    async def __call__(self, *, count: int = 1, **settings: object) -> Sequence[Service]: ...


@pytest.fixture
async def services(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[StartServices]:
    """Start real service processes on one empty database; they are stopped when the test ends."""
    base = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN}
    base["BOXOFFICE_DATA_DIR"] = str(tmp_path / "data")
    running: list[Service] = []

    async def start(*, count: int = 1, **given: object) -> Sequence[Service]:
        added = {environment_name(name): str(value) for name, value in given.items()}
        started = [start_service({**base, **added}, tmp_path) for _ in range(count)]
        running.extend(started)
        await asyncio.gather(*map(until_ready, started))
        return started

    yield start
    stop_services(running)


@contextlib.contextmanager
def serving_side_by_side(
    database_url: str, redis_url: str, folder: Path, told: Sequence[Mapping[str, str]]
) -> Iterator[Sequence[Service]]:
    """Empty both servers and run one service on them for each of `told`, its variables; yield them when all are ready.

    For services that more than one test uses: give each test events of its own, and let none empty the tables.
    """
    asyncio.run(empty(database_url))
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    base = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN}
    base["BOXOFFICE_DATA_DIR"] = str(folder / "data")
    started = [start_service({**base, **each}, folder) for each in told]
    try:
        asyncio.run(_until_all_ready(started))
        yield started
    finally:
        stop_services(started)


async def _until_all_ready(services: Sequence[Service]) -> None:
    await asyncio.gather(*map(until_ready, services))


def stop_services(services: Sequence[Service]) -> None:
    """Ask all of them to stop, then wait for each; one that does not is killed."""
    for service in services:
        if service.process.poll() is None:
            service.process.send_signal(signal.SIGTERM)
    for service in services:
        try:
            service.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            service.kill()


def start_service(settings: Mapping[str, str], folder: Path) -> Service:
    """Start a service with these variables added to the environment, on a free port unless PORT is one of them; it is
    not ready yet."""
    port = settings.get("PORT") or free_port()
    log = folder / f"service-{uuid.uuid4().hex[:8]}.log"
    arguments, environment = ["serve", "--port", str(port)], {**os.environ, **settings}
    if "PYTHONPATH" not in settings:
        return Service(url=f"http://127.0.0.1:{port}", process=start_forked(environment, log, *arguments), log=log)
    # Another version of the program.
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", *arguments],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Service(url=f"http://127.0.0.1:{port}", process=process, log=log)


async def until_ready(service: Service) -> None:
    """Return when the service is ready; fail with its log when it ends."""

    async def ready() -> bool:
        assert service.process.poll() is None, service.log.read_text()
        return await asyncio.to_thread(is_ready, service.url)

    await until(ready, seconds_max=START_SECONDS_MAX)
