"""How many holds one client address may ask for in a minute, counted in Redis for all processes together.

Modes: off (the limit is 0), counting, and without Redis: then nobody is limited.
"""

from boxoffice.availability.scripts import Script
from boxoffice.availability.shared import Shared
from boxoffice.errors import RateLimited

WINDOW_SECONDS = 60

# One round: count, begin the window with the first, and tell what is left of it (PTTL, in ms).
COUNT = Script.of("""
local holds = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
return {holds, redis.call('PTTL', KEYS[1])}
""")


class ClientLimit:
    """Counts holds by client. A window begins with a client's first hold and lasts WINDOW_SECONDS."""

    def __init__(self, shared: Shared, holds_per_minute_max: int) -> None:
        self._shared = shared
        self._max = holds_per_minute_max
        self.counts = holds_per_minute_max > 0

    async def admit(self, client: str) -> None:
        """Count one hold, when `counts`. Raises RateLimited once the client has had all of this window's."""
        counted = await self._shared.ask(COUNT, [f"boxoffice:holds-by-client:{client}"], [WINDOW_SECONDS])
        if counted is not None and int(counted[0]) > self._max:
            raise RateLimited(
                f"This address may ask for {self._max} holds in {WINDOW_SECONDS} seconds.",
                retry_after_seconds=max(1, -(-int(counted[1]) // 1000)),
            )
