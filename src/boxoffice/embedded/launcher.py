"""The embedded servers of one data folder, which the caller has locked: those that no URL replaces.

Modes: stopped, running. While running, `revive` is called again and again, and restarts what has died.
"""

import time
from collections.abc import Callable, Mapping

from boxoffice.embedded.folder import DataFolder
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings

REVIVE_PAUSE_SECONDS = 1.0


class Launcher:
    """Starts, revives and stops the servers. They end with the thread that started them."""

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        self._settings = settings
        self._postgres = None if settings.database_url else EmbeddedPostgres(folder.path / "postgres")
        self._valkey = None if settings.redis_url else EmbeddedValkey(folder.path / "valkey")
        self._next_attempt = 0.0

    @property
    def has_database(self) -> bool:
        """Whether the database is an embedded one."""
        return self._postgres is not None

    def start(self) -> Mapping[str, str]:
        """Start the servers and return both URLs by their names. Raises CannotStart."""
        if self._postgres is not None:
            self._postgres.start()
        if self._valkey is not None:
            self._valkey.start()
        return {
            "DATABASE_URL": self._postgres.url if self._postgres else self._settings.database_url or "",
            "REDIS_URL": self._valkey.url if self._valkey else self._settings.redis_url or "",
        }

    def revive(self, report: Callable[[str], None]) -> None:
        """Restart what has died, and report it. Does not raise: what cannot start is tried again a second later."""
        if time.monotonic() < self._next_attempt:
            return
        for name, server in (("PostgreSQL", self._postgres), ("Valkey", self._valkey)):
            try:
                if server is not None and server.revive():
                    report(f"the embedded {name} had died; it runs again")
            except CannotStart as error:
                report(str(error))
                self._next_attempt = time.monotonic() + REVIVE_PAUSE_SECONDS

    def stop(self) -> None:
        """Stop the servers, within three seconds. Repeatable."""
        for server in (self._valkey, self._postgres):
            if server is not None:
                server.stop()
