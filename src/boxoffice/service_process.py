"""A `boxoffice serve` of our own, beside the launcher.

Modes: stopped, running, dead (it ended by itself; `revive` starts it again after a pause).
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from boxoffice.embedded.process import end, wait_until, with_parent
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings, environment_of

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 3.4
REVIVE_PAUSE_SECONDS = 1.0


class ServiceProcess:
    """One `boxoffice serve` with these settings. It ends with the thread that started it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._died_at: float | None = None

    def start(self) -> None:
        """Start, and return once it is ready for requests. Raises CannotStart; its own words are on stderr."""
        process = self._launch()
        if not wait_until(lambda: process.poll() is not None or self._is_ready(), seconds_max=READY_SECONDS_MAX):
            raise CannotStart(f"the service was not ready within {READY_SECONDS_MAX:.0f} s")
        if process.poll() is not None:
            raise CannotStart("the service did not start")

    def revive(self, report: Callable[[str], None]) -> None:
        """Start a dead service again, a second after it was found dead, and report it."""
        if self._process is None or self._process.poll() is None:
            return
        if self._died_at is None:
            self._died_at = time.monotonic()
            report(f"the service ended with status {self._process.returncode}; starting it again")
        if time.monotonic() >= self._died_at + REVIVE_PAUSE_SECONDS:
            self._died_at = None
            self._launch()

    def stop(self) -> None:
        """Let it leave, answer what is in flight and stop, within a few seconds more. Repeatable."""
        if self._process is not None:
            end(self._process, signal.SIGTERM, seconds_max=self._settings.leave_seconds + STOP_SECONDS_MAX)
            self._process = None

    def _launch(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # noqa: S603 - the program is ours
            [*with_parent("TERM"), sys.executable, "-m", "boxoffice", "serve"],
            env={**os.environ, **environment_of(self._settings)},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the launcher, which stops all in order
        )
        return self._process

    def _is_ready(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._settings.host, self._settings.host)  # noqa: S104 - asks there
        connection = http.client.HTTPConnection(host, self._settings.port, timeout=1)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
