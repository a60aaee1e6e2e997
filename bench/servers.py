"""The servers of a run: PostgreSQL and Valkey as `boxoffice run` starts them, and service processes beside them.

All of it lies in one folder that is made for the run and removed after it; nothing listens but on loopback.
"""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from bench.database import Database
from bench.errors import BenchError, CannotRun
from bench.machine import filesystem_of
from boxoffice.embedded.keepsakes import free_port
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.process import end, wait_until, with_parent
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings, environment_of

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 5.0
DURABLE = ("fsync", "synchronous_commit", "full_page_writes", "wal_level")
IN_MEMORY = {"tmpfs", "ramfs"}
ADMIN_TOKEN = "the-admin-token-of-a-measurement"  # noqa: S105 - guards nothing but a server of this run
ROOT = Path(__file__).resolve().parents[1]


def make_folder(folder: Path) -> None:
    """Make a folder for measurements. PostgreSQL of root may have to run as nobody, and to pass through here."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)


class Process:
    """A server that answers HTTP on loopback; its words are in a log beside the data."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self.port = port
        self.process_id = process.pid
        self.url = f"http://127.0.0.1:{port}"

    def wait_until_ready(self, path: str) -> None:
        """Return when `path` is answered 200. Raises CannotRun with its last words."""
        ready = wait_until(
            lambda: self._process.poll() is not None or self._answers(path), seconds_max=READY_SECONDS_MAX
        )
        if not ready or self._process.poll() is not None:
            raise CannotRun(f"the service did not start: {self.last_words()}")

    def stop(self) -> None:
        """Stop it within a few seconds. Repeatable."""
        end(self._process, signal.SIGTERM, seconds_max=STOP_SECONDS_MAX)

    def last_words(self) -> str:
        """Return the last line of its log."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it left no message"

    def _answers(self, path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Servers:
    """Everything that runs beside the generators, from `start` to `stop`."""

    def __init__(self, folder: Path) -> None:
        if filesystem_of(folder) in IN_MEMORY:
            raise CannotRun(f"{folder} is kept in memory, where nothing is durable: measure on a disk")
        self._folder = Path(tempfile.mkdtemp(prefix="data-", dir=folder))
        make_folder(self._folder)
        self._postgres = EmbeddedPostgres(self._folder / "postgres")
        self._valkey = EmbeddedValkey(self._folder / "valkey")
        self._at_end = ExitStack()
        self._at_end.callback(shutil.rmtree, self._folder, ignore_errors=True)
        self.made: dict[str, Database] = {}

    def start(self) -> None:
        """Start both servers and migrate. Raises CannotRun."""
        try:
            self._at_end.callback(self._postgres.stop)
            self._postgres.start()
            self._at_end.callback(self._valkey.stop)
            self._valkey.start()
        except CannotStart as error:
            raise CannotRun(str(error)) from error
        self.database.migrate()
        self.database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def stop(self) -> None:
        """Stop them and remove their data. Repeatable."""
        self._at_end.close()

    @property
    def database(self) -> Database:
        """The database that most rows use."""
        return Database(self._postgres.url)

    def durability(self) -> dict[str, str]:
        """Return what the database says about its durability. Raises BenchError when it is not durable."""
        durable = {name: self.database.text(f"SHOW {name}") for name in DURABLE}
        if {durable["fsync"], durable["synchronous_commit"]} != {"on"}:
            raise BenchError("the database is not durable: whatever it did would prove nothing")
        return durable

    @property
    def postgres_process_id(self) -> int:
        """The first process of PostgreSQL, while it runs."""
        return self._postgres.process_id or 0

    def another_database(self, name: str) -> Database:
        """Make a second, empty, migrated database on the same server."""
        self.database.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        made = Database(urlunsplit(urlsplit(self._postgres.url)._replace(path=f"/{name}")))
        made.migrate()
        return made

    @contextmanager
    def another_memory(self, name: str) -> Iterator[str]:
        """Run a second Valkey while the context lasts; return its URL."""
        valkey = EmbeddedValkey(self._folder / f"valkey-{name}")
        try:
            valkey.start()
            yield valkey.url
        finally:
            valkey.stop()

    @contextmanager
    def memory_stands_still(self) -> Iterator[None]:
        """Stop the shared memory while the context lasts: whoever asks it is neither refused nor answered."""
        valkey = self._valkey.process_id
        if valkey is None:
            raise CannotRun("the shared memory has ended by itself")
        os.kill(valkey, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(valkey, signal.SIGCONT)

    def settings(self, **changes: object) -> Settings:
        """Return the settings of a service on these servers: the defaults, but for what is given."""
        base = Settings(
            port=free_port(),
            database_url=self._postgres.url,
            redis_url=self._valkey.url,
            data_dir=str(self._folder / "service"),
            admin_token=ADMIN_TOKEN,
            demo=False,
        )
        return msgspec.structs.replace(base, **changes)

    @contextmanager
    def running(
        self, settings: Settings, *arguments: str, ready: str, environment: Mapping[str, str] | None = None
    ) -> Iterator[Process]:
        """Run `python -m arguments` with these settings while the context lasts. Raises CannotRun."""
        process = self._launch(settings, arguments, environment or {})
        try:
            process.wait_until_ready(ready)
            yield process
        finally:
            process.stop()

    def _launch(self, settings: Settings, arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
        log = self._folder / f"log-{settings.port}"
        with log.open("wb") as output:
            started = subprocess.Popen(  # noqa: S603 - the program is ours
                [*with_parent("TERM"), sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment_of(settings), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # the terminal's Ctrl-C is for us, who stop all in order
            )
        return Process(started, settings.port, log)
