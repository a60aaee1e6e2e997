"""How often something was counted of each client within a window, in Redis for all processes together and here.

Modes: with Redis (whichever of the two counts is higher holds), without (this process's own count alone). So a process
never lets more through than it may by itself, whatever becomes of Redis. A window begins with a client's first count.
"""

from typing import NamedTuple

from boxoffice.availability import keys
from boxoffice.availability.moments import Clock, monotonic
from boxoffice.availability.remembered import Remembered
from boxoffice.availability.scripts import LIMIT_SCRIPTS, LimitScripts
from boxoffice.availability.shared import Shared

CLIENTS_MAX = 100_000
"""Clients whose counts this process keeps; of more than that, those that came first are counted anew."""


class Count(NamedTuple):
    """How often a client was counted in its window, and how many seconds are left of that."""

    number: int
    seconds_left: float


class _Window(NamedTuple):
    number: int
    until: float


class Windows:
    """Counts `what` by client, in windows of `seconds`."""

    def __init__(
        self,
        shared: Shared,
        what: str,
        seconds: int,
        clock: Clock = monotonic,
        scripts: LimitScripts = LIMIT_SCRIPTS,
    ) -> None:
        self._shared = shared
        self._what = what
        self._seconds = seconds
        self._clock = clock
        self._scripts = scripts
        self._windows: Remembered[str, _Window] = Remembered(CLIENTS_MAX)

    def here(self, client: str) -> Count:
        """Return what this process has counted itself."""
        window = self._windows.get(client)
        left = window.until - self._clock() if window else 0.0
        return Count(window.number, left) if window and left > 0 else Count(0, float(self._seconds))

    async def add(self, client: str) -> Count:
        """Count once, here before anything else happens, and return the higher of both counts."""
        number, left = self.here(client)
        self._windows.put(client, _Window(number + 1, self._clock() + left))
        return await self._higher(client, 1)

    async def look(self, client: str) -> Count:
        """Return the higher of both counts."""
        return await self._higher(client, 0)

    async def _higher(self, client: str, added: int) -> Count:
        key = keys.counted(self._what, client)
        told = await self._shared.ask(self._scripts.tally, [key], [added, self._seconds * 1000])
        here = self.here(client)  # others may have been counted while Redis was asked
        there = Count(int(told[0]), max(0, int(told[1])) / 1000) if told else here
        return max(here, there)
