"""The roster: which processes are alive, so that they can share the shards out among themselves.

Each process beats about once a second: it notes itself in Redis and hears who else is noted. Modes: alone (nobody was
ever heard of, or Redis has not answered for the bound), sharing (the last answer is younger than the bound). A process
that ends in order strikes itself off at once; one that is killed drops out once its last beat is older than the bound,
on Redis's clock. The others know it at their next beat. A wrong roster costs waiting on a row, never a ticket.
"""

import asyncio
from collections.abc import Callable, Sequence

from boxoffice.availability import keys
from boxoffice.availability.moments import Clock, monotonic
from boxoffice.availability.scripts import ROSTER_SCRIPTS, RosterScripts
from boxoffice.availability.shared import Shared
from boxoffice.jitter import jittered

BEAT_SECONDS = 1.0
BEAT_PART_MIN, BEAT_PART_MAX = 0.8, 1.2
HEARD_MS_MAX = 3_000
"""How long a process is believed to live after its last beat; all processes must agree on it, so it is no setting."""


class Roster:
    """The live processes as one of them knows them: `living` always contains it. Tells `on_change` when they change."""

    def __init__(
        self,
        *,
        shared: Shared,
        on_change: Callable[[Sequence[str]], None],
        beat_seconds: float = BEAT_SECONDS,
        heard_ms_max: int = HEARD_MS_MAX,
        clock: Clock = monotonic,
        scripts: RosterScripts = ROSTER_SCRIPTS,
    ) -> None:
        self._shared = shared
        self._on_change = on_change
        self._beat_seconds = beat_seconds
        self._heard_ms_max = heard_ms_max
        self._clock = clock
        self._scripts = scripts
        self._heard_at = float("-inf")
        self.process = shared.origin
        self.living: Sequence[str] = [self.process]

    async def run_forever(self) -> None:
        """Beat until cancelled, jittered, so that processes that began together do not beat together for long."""
        while True:
            await self.beat()
            await asyncio.sleep(jittered(self._beat_seconds, BEAT_PART_MIN, BEAT_PART_MAX))

    async def beat(self) -> Sequence[str]:
        """Note this process as alive and return who is, in one order everywhere; without Redis whoever was lately."""
        asked_at = self._clock()
        reply = await self._shared.ask(self._scripts.beat, (keys.PROCESSES,), (self.process, self._heard_ms_max))
        if reply:
            self._heard_at = asked_at
            self._learn(sorted(bytes(process).decode(errors="replace") for process in reply))
        elif self._clock() - self._heard_at >= self._heard_ms_max / 1000:
            self._learn([self.process])
        return self.living

    async def leave(self) -> None:
        """Strike this process off; it must not beat any more. Without Redis it drops out by itself."""
        await self._shared.ask(self._scripts.leave, (keys.PROCESSES,), (self.process,))

    def _learn(self, living: Sequence[str]) -> None:
        if living != self.living:
            self.living = living
            self._on_change(living)
