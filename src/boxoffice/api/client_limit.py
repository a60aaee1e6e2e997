"""How many holds one client may ask for in a minute.

Modes: off (the limit is 0), counting (windows.py says where).
"""

from math import ceil

from boxoffice.api.windows import Windows
from boxoffice.availability.shared import Shared
from boxoffice.errors import RateLimited

WINDOW_SECONDS = 60


class ClientLimit:
    """Counts holds by client. A window begins with a client's first hold and lasts WINDOW_SECONDS."""

    def __init__(self, shared: Shared, holds_per_minute_max: int) -> None:
        self._max = holds_per_minute_max
        self._windows = Windows(shared, "holds-by-client", WINDOW_SECONDS)
        self.counts = holds_per_minute_max > 0

    async def admit(self, client: str) -> None:
        """Count one hold, when `counts`. Raises RateLimited once the client has had all of this window's."""
        counted = await self._windows.add(client)
        if counted.number > self._max:
            raise RateLimited(
                f"This address may ask for {self._max} holds in {WINDOW_SECONDS} seconds.",
                retry_after_seconds=max(1, ceil(counted.seconds_left)),
            )
