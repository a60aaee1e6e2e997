"""Hearing what other processes say: one connection of its own, subscribed for as long as the process lives.

Modes: subscribing, listening, pausing (after a failure; then subscribing again). Whatever was said outside `listening`
is lost, and a lost message cannot be known, so that every subscription begins with `missed` for every hearer.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from redis.asyncio.client import PubSub

from boxoffice.availability.connect import AWAY, make_client
from boxoffice.availability.counters import Counters
from boxoffice.availability.keys import CHANNEL
from boxoffice.availability.messages import Hearer, decode
from boxoffice.jitter import jittered

SUBSCRIBE_SECONDS_MAX = 2.0
SILENCE_SECONDS_MAX = 1.0
PAUSE_SECONDS_MIN = 0.05
PAUSE_SECONDS_MAX = 2.0

log = structlog.get_logger(__name__)


class Said(Protocol):
    """What Redis says on a subscribed connection."""

    def get(self, name: str) -> object:
        """Return the part of that name."""


class Listener:
    """Passes on the messages of all processes but the one named `origin`."""

    def __init__(self, url: str, origin: str, hearers: Sequence[Hearer], counters: Counters) -> None:
        self._url = url
        self._origin = origin
        self._hearers = hearers
        self._counters = counters
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled; subscribe again, after a jittered pause, whenever the connection fails."""
        pause = PAUSE_SECONDS_MIN
        while True:
            try:
                await self._listen_once()
            except Exception as error:  # whatever went wrong, a process that no longer listens would be worse
                pause = PAUSE_SECONDS_MIN if self.listening.is_set() else min(2 * pause, PAUSE_SECONDS_MAX)
                if not isinstance(error, AWAY):
                    log.exception("listener_failed")
            finally:
                self.listening.clear()
            await asyncio.sleep(jittered(pause))

    async def _listen_once(self) -> None:
        client = make_client(self._url)
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS_MAX):
                await client.find()
                subscription = client.subscription()
                await subscription.subscribe(CHANNEL)
            await self._hear(subscription)
        finally:
            with suppress(*AWAY):
                await client.close()

    async def _hear(self, subscription: PubSub) -> None:
        """Pass on what is said. After a silence ask whether somebody is there, and give up when nobody is.

        The client may connect again by itself; the server confirms every subscription, so no gap goes unnoticed.
        """
        asked = False
        while True:
            said: Said | None = await subscription.get_message(timeout=SILENCE_SECONDS_MAX)
            if said is None:
                if asked:
                    raise TimeoutError("nobody there")
                async with asyncio.timeout(SILENCE_SECONDS_MAX):
                    await subscription.ping()
            asked = said is None
            if said is not None and said.get("type") == "subscribe":
                self._missed()
                self.listening.set()
            elif said is not None and said.get("type") == "message":
                self._heard(said.get("data"))

    def _missed(self) -> None:
        self._counters.messages_gaps += 1
        for hearer in self._hearers:
            hearer.missed()

    def _heard(self, raw: object) -> None:
        message = decode(raw) if isinstance(raw, bytes) else None
        if message is None or message.origin == self._origin:
            return
        self._counters.messages_heard += 1
        for hearer in self._hearers:
            hearer.heard(message)
