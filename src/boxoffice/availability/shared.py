"""The shared memory, Redis: questions that are answered in time or not at all, and messages.

Modes: without (no URL: nothing is ever shared), away (not asked; a background task tries to win it back), present
(every question goes out). One question that fails or takes longer than `redis_ms_max` leads from present to away, so
that a server that hangs costs its callers one wait and not one each; one PING answered in time leads back.

Each master of a cluster is present or away by itself: while one is dead, what the others keep is shared all the same.
A master that has been replaced is away no longer: where a replica has taken over is learnt before anybody is asked.
"""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TypeAlias, cast

import structlog
from redis.exceptions import NoScriptError, ResponseError

from boxoffice.availability.connect import AWAY, CONNECTIONS_MAX, WHOLE, Client, make_client
from boxoffice.availability.counters import Counters
from boxoffice.availability.listener import Listener
from boxoffice.availability.messages import Hearer
from boxoffice.availability.scripts import Script
from boxoffice.jitter import jittered
from boxoffice.settings import Settings

Reply: TypeAlias = list[bytes | int]

QUESTIONS_MAX = CONNECTIONS_MAX - 4
TELLINGS_AT_ONCE_MAX = 8
TELLINGS_MAX = 10_000
CONNECT_SECONDS_MAX = 1.0
PAUSE_SECONDS_MIN = 0.01
PAUSE_SECONDS_MAX = 2.0
STEADY_SECONDS = 5.0
"""Presence that lasted so long makes the next pause short again; a server that comes and goes is left alone longer."""

log = structlog.get_logger(__name__)


class Shared:
    """One process's way to Redis. No call raises because Redis is away, slow, full or read-only."""

    def __init__(self, settings: Settings, counters: Counters) -> None:
        self._client = make_client(settings.redis_url) if settings.redis_url else None
        self._url = settings.redis_url
        self._seconds_max = settings.redis_ms_max / 1000
        self._counters = counters
        self._turns = asyncio.Semaphore(QUESTIONS_MAX)
        self._telling_turns = asyncio.Semaphore(TELLINGS_AT_ONCE_MAX)
        self._tellings: set[asyncio.Task[None]] = set()
        self._background: set[asyncio.Task[None]] = set()
        self._hearers: list[Hearer] = []
        self._pause = PAUSE_SECONDS_MIN
        self._present_since = float("-inf")
        self._complaint = ""
        # The parts that are not asked now; empty also before the first look.
        self.away: set[str] = set()
        self.present = False
        self.origin = os.urandom(8).hex()
        self.listener: Listener | None = None

    def hear(self, hearer: Hearer) -> None:
        """Pass what other processes say to this hearer, from `start` on."""
        self._hearers.append(hearer)

    async def start(self) -> None:
        """Begin to share and to listen; returns within two limits whether or not Redis is there."""
        if self._client is None or self._url is None:
            return
        self.listener = Listener(self._url, self.origin, self._hearers, self._counters)
        self._in_background(self.listener.run())
        if not await self._look():
            self._in_background(self._win_back())

    async def close(self) -> None:
        """Stop listening and asking; what was not told yet is not told any more."""
        self.present = False
        tasks = [*self._background, *self._tellings]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            with suppress(*AWAY):
                await self._client.close()

    async def ask(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Reply | None:
        """Run a script and return its list, or None: unknown, and perhaps run all the same, now or later.

        Waits at most `redis_ms_max` for its turn and as long again for the answer.
        """
        if not self.present:
            return None
        try:
            async with asyncio.timeout(self._seconds_max):
                await self._turns.acquire()
        except TimeoutError:
            return None
        try:
            return await self._ask(script, keys, arguments) if self.present else None
        finally:
            self._turns.release()

    def tell(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> None:
        """Run a script in the background, once, perhaps never; returns at once."""
        if not self.present or len(self._tellings) >= TELLINGS_MAX:
            self._counters.redis_unsaid += 1
            return
        task = asyncio.get_running_loop().create_task(self._tell(script, keys, arguments))
        self._tellings.add(task)
        task.add_done_callback(self._tellings.discard)

    async def told(self) -> None:
        """Return when everything told so far has been answered or given up."""
        await asyncio.gather(*self._tellings)

    async def _tell(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> None:
        async with self._telling_turns:
            if await self.ask(script, keys, arguments) is None:
                self._counters.redis_unsaid += 1

    async def _ask(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Reply | None:
        assert self._client is not None  # noqa: S101 - only a present server is asked
        part = WHOLE
        try:
            part = self._client.part_of(keys[0])
            if part in self.away:
                return None
            self._counters.redis_questions += 1
            async with asyncio.timeout(self._seconds_max):
                return await _run(self._client, script, keys, arguments)
        except ResponseError as error:
            # It is there and refuses: full, read-only, or a script that is wrong. The next question may fare better.
            self._complain(str(error))
        except AWAY as error:
            self._lost(part, error)
        return None

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            self._complaint = complaint
            log.warning("redis_refuses", error=complaint)

    def _lost(self, part: str, error: BaseException) -> None:
        assert self._client is not None  # noqa: S101 - nothing else can be lost
        if not self.present or part in self.away:
            return
        is_sought = bool(self.away)
        self.away.add(part)
        self.present = not self.away.issuperset(self._client.parts())
        self._counters.redis_losses += 1
        log.warning("redis_away", error=str(error) or type(error).__name__, **_named(part))
        if not is_sought:
            if asyncio.get_running_loop().time() - self._present_since > STEADY_SECONDS:
                self._pause = PAUSE_SECONDS_MIN
            self._in_background(self._win_back())

    async def _win_back(self) -> None:
        """Look until all is found, each time after a longer, jittered pause; the first pause is short."""
        while True:
            await asyncio.sleep(jittered(self._pause))
            self._pause = min(2 * self._pause, PAUSE_SECONDS_MAX)
            if await self._look():
                return

    async def _look(self) -> bool:
        """Learn where the servers are now, ask those that are not known to answer, and tell whether all of them do."""
        assert self._client is not None  # noqa: S101 - without a URL nothing is ever looked for
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await self._client.find()
        except Exception as error:  # whatever the client raises here, the next attempt must not be lost with it
            return self._cannot(error)
        parts = set(self._client.parts())
        self.away = self.away & parts if self.present else set(parts)
        found = [part for part in sorted(self.away) if await self._answers(part)]
        self.away -= set(found)
        self.present = not self.away.issuperset(parts)
        for part in found:
            log.info("redis_present", **_named(part))
        if not self.away:
            self._present_since = asyncio.get_running_loop().time()
        return not self.away

    async def _answers(self, part: str) -> bool:
        assert self._client is not None  # noqa: S101 - without a URL nothing is ever looked for
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await self._client.ping(part)
            async with asyncio.timeout(self._seconds_max):
                await self._client.ping(part)
        except Exception as error:  # as above
            return self._cannot(error)
        return True

    def _cannot(self, error: Exception) -> bool:
        if not isinstance(error, AWAY):
            self._complain(repr(error))
        return False

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _run(client: Client, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Reply:
    try:
        reply = await client.run("EVALSHA", script.name, len(keys), *keys, *arguments)
    except NoScriptError:
        reply = await client.run("EVAL", script.text, len(keys), *keys, *arguments)
    return cast("Reply", reply)


def _named(part: str) -> dict[str, str]:
    return {"server": part} if part else {}
