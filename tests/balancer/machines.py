"""What runs in the room: PostgreSQL and Valkey at home, four services and a balancer on hosts of their own."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import redis

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.process import with_parent
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.schema import migrate
from boxoffice.settings import Settings
from tests.balancer.balancers import Balancer
from tests.balancer.room import HOME, Room, at
from tests.conftest import ADMIN_TOKEN
from tests.embedded.processes import Running
from tests.waiting import pass_time

SERVICES = 4
SERVICE_PORT = 8000
BALANCER = "10.77.0.2"
HOLD_SECONDS = 25


def at_home(url: str) -> str:
    """Return the URL by which hosts reach a server at home, given the one by which it is reached there."""
    parts = urlsplit(url)
    credentials, _, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{credentials}@{HOME}:{parts.port}").geturl()


class Web:
    """One host with its service, which can be started again."""

    def __init__(self, number: int, room: Room, settings: Mapping[str, str], folder: Path) -> None:
        self.host = f"web{number}"
        self._address = f"10.77.0.{10 + number}"
        self.place = f"{self._address}:{SERVICE_PORT}"
        self._settings = {**settings, "BOXOFFICE_HOST": self._address}
        self._log = folder / f"{self.host}.log"
        room.add(self.host, self._address)

    def start(self) -> None:
        """Start the service, and return once it is ready."""
        command = [*with_parent("TERM"), sys.executable, "-m", "boxoffice", "serve", "--port", str(SERVICE_PORT)]
        self._running = Running(
            at(self.host, command), port=SERVICE_PORT, told=self._settings, log=self._log, host=self._address
        )
        self._running.until_ready()

    def stop(self, seconds_max: float) -> None:
        """Tell the service to stop, and return once it has; fail when it did not end well, or not in time."""
        status = self._running.stop(seconds_max=seconds_max)
        assert status == 0, f"{self.host} ended with {status}: {self._log.read_text()[-500:]}"

    def kill(self) -> None:
        """End the service at once."""
        self._running.kill_everything()

    def clean_up(self) -> None:
        """Leave nothing of it."""
        if hasattr(self, "_running"):
            self._running.clean_up()


class Machines:
    """All of it, from `start` to `stop`. `url` is the balancer's."""

    def __init__(self, folder: Path, balancer: Balancer, leave_seconds: int) -> None:
        self.room = Room()
        self.balancer = balancer
        self.leave_seconds = leave_seconds
        self.url = f"http://{BALANCER}:80"
        self._folder = folder
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._valkey = EmbeddedValkey(folder / "valkey")
        self._at_end = ExitStack()
        self.web: list[Web] = []

    @property
    def database_url(self) -> str:
        """The database, by no wire."""
        return self._postgres.url

    async def start(self) -> None:
        """Start everything, and return once the balancer sends requests to services."""
        self._at_end.callback(self._postgres.stop)
        self._at_end.callback(self._valkey.stop)
        self._postgres.start()
        self._valkey.start()
        await self._open_to_the_wire()
        await migrate(Settings(database_url=self.database_url))
        self.web = [Web(each, self.room, self._settings(), self._folder) for each in range(1, SERVICES + 1)]
        for each in self.web:
            self._at_end.callback(each.clean_up)
        for each in self.web:
            each.start()
        self._start_balancer()

    def stop(self) -> None:
        """Stop everything. Repeatable."""
        self._at_end.close()

    async def restart(self, web: Web) -> None:
        """Do with one host what an update does: stop its service as a supervisor does, start it again, wait."""
        await asyncio.to_thread(web.stop, self.leave_seconds + 10)
        await asyncio.to_thread(web.start)
        await pass_time(self.balancer.seconds_to_return)

    async def kill(self, web: Web) -> None:
        """Have one service die, and start it again."""
        await asyncio.to_thread(web.kill)
        await asyncio.to_thread(web.start)
        await pass_time(self.balancer.seconds_to_return)

    async def _open_to_the_wire(self) -> None:
        """Have both servers listen on the bridge too."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute("ALTER SYSTEM SET listen_addresses = '*'")
        finally:
            await connection.close()
        self._postgres.stop()
        with (self._folder / "postgres" / "data" / "pg_hba.conf").open("a") as doors:
            doors.write("host all all 10.77.0.0/24 scram-sha-256\n")
        self._postgres.start()
        with redis.Redis.from_url(self._valkey.url) as client:
            client.config_set("bind", f"127.0.0.1 {HOME}")

    def _settings(self) -> Mapping[str, str]:
        return {
            "DATABASE_URL": at_home(self.database_url),
            "REDIS_URL": at_home(self._valkey.url),
            "BOXOFFICE_DATA_DIR": str(self._folder / "service"),
            "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN,
            "BOXOFFICE_HOLD_SECONDS": str(HOLD_SECONDS),
            "BOXOFFICE_TRUSTED_PROXIES": BALANCER,
            "BOXOFFICE_LEAVE_SECONDS": str(self.leave_seconds),
        }

    def _start_balancer(self) -> None:
        self.room.add("balancer", BALANCER)
        folder = self._folder / "balancer"
        folder.mkdir()
        told = self.balancer.told(folder, None, [each.place for each in self.web], None)
        command = at("balancer", [*with_parent("TERM"), *told.command])
        log = self._folder / "balancer.log"
        running = Running(command, port=80, told=told.environment, log=log, host=BALANCER)
        self._at_end.callback(running.clean_up)
        running.until_ready()
