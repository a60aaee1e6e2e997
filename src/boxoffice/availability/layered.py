"""One kind of answers, remembered in two layers: here (L1) and in Redis (L2), never beyond a stated age.

Modes of an answer: unknown; remembered (younger than its life, and read after the last change of its subject that this
process made or heard of); being refilled (one refill per answer; whoever asks meanwhile waits for it). The age of an
answer counts from before it was read from the database. Through L2 it cannot shrink: before the reading Redis sets a
key that lives as long as an answer may, the answer is kept with the life that is left of that key, and who takes it
over counts from before its question. What this process changed itself is never shown from before the change.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from boxoffice.availability import keys
from boxoffice.availability.counters import Counters
from boxoffice.availability.moments import Clock, Moments, monotonic
from boxoffice.availability.one_at_a_time import OneAtATime
from boxoffice.availability.remembered import Remembered
from boxoffice.availability.scripts import MEMORY_SCRIPTS, MemoryScripts
from boxoffice.availability.shared import Reply, Shared
from boxoffice.availability.trust import TRUST, Trust
from boxoffice.database import unreachable_as_overloaded
from boxoffice.jitter import jittered

V = TypeVar("V")
SUBJECTS_MAX = 100_000
LIFE_PART_MIN = 0.8
"""Answers read at the same moment live differently long in L1, between this part of their life and all of it."""


class Key(NamedTuple):
    """Which answer: the event that it is about (ALL_EVENTS for lists), and what was asked, encoded."""

    event_id: int
    asked: bytes


class Aged(NamedTuple, Generic[V]):
    """An answer, a moment not after it was read from the database, and when L1 lets go of it."""

    value: V
    read_at: float
    until: float


Load: TypeAlias = Callable[[], Awaitable[V | None]]
"""Reads an answer from the database; None when there is no such thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What all memories of a process work with."""

    shared: Shared
    counters: Counters
    clock: Clock = monotonic
    trust: Trust = TRUST
    scripts: MemoryScripts = MEMORY_SCRIPTS


class Layered(Generic[V]):
    """Answers of one kind, at most `entries_max` of them in this process. None (no such thing) is never remembered."""

    def __init__(self, layers: Layers, *, name: str, kind: type[V], life_ms: int, entries_max: int) -> None:
        self._name = name
        self._decoder: msgspec.msgpack.Decoder[V] = msgspec.msgpack.Decoder(kind)
        self._life_ms = life_ms
        self._shared = layers.shared
        self._answers = layers.counters.of_memory(name)
        self._clock = layers.clock
        self._trust = layers.trust
        self._scripts = layers.scripts
        self._entries: Remembered[Key, Aged[V]] = Remembered(entries_max)
        self._changes = Moments(SUBJECTS_MAX)
        self._refills: OneAtATime[Key, Aged[V] | None] = OneAtATime()
        self._readings: OneAtATime[Key, Aged[V] | None] = OneAtATime()
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._entries)

    def at_hand(self, key: Key) -> Aged[V] | None:
        """Return the answer from L1, None when it is not there or no longer to be shown."""
        aged = self._entries.get(key)
        return aged if aged is not None and self.still_shows(key.event_id, aged) else None

    def still_shows(self, event_id: int, aged: Aged[V]) -> bool:
        """Tell whether an answer that was given from here may be given again; it then counts as one from L1."""
        if self._clock() >= aged.until or not self._trust.is_newer(aged.read_at, self._changes.last(event_id)):
            return False
        self._answers.local += 1
        return True

    async def read(self, key: Key, load: Load[V]) -> Aged[V] | None:
        """Return the answer from L1, from L2 or from `load`; raises what `load` raises, Overloaded without Postgres."""
        at_hand = self.at_hand(key)
        if at_hand is not None:
            return at_hand
        joined = key in self._refills
        found = await self._refills.ask(key, lambda: self._refill(key, load))
        if found is None and joined:
            # What is missing may have been created after the refill that we joined had looked for it.
            found = await self._refills.ask(key, lambda: self._refill(key, load))
        return found

    async def read_anew(self, key: Key, load: Load[V]) -> Aged[V] | None:
        """Return the answer as the database gives it to a reading begun after this call."""
        if key in self._readings:
            with suppress(Exception):  # that reading's callers hear of its failure; this one only waits for its end
                await self._readings.ask(key, lambda: self._reread(key, load))
        return await self._readings.ask(key, lambda: self._reread(key, load))

    def changed(self, event_id: int) -> None:
        """Take in that the event changed: nothing that was read before now is shown any more in this process."""
        self._changes.note(event_id, self._clock())
        self._refills.let_go(lambda key: key.event_id == event_id)

    def missed(self) -> None:
        """Take in that changes may have been missed: nothing that was read before now is shown any more."""
        self._entries.forget_all()
        self._changes.note_all(self._clock())
        self._refills.let_go(lambda _: True)

    def shared_key(self, key: Key) -> str:
        """Return the name of the answer in L2."""
        return keys.remembered(key.event_id, f"{self._name}:{_digest(key.asked)}", self._life_ms)

    async def _refill(self, key: Key, load: Load[V]) -> Aged[V] | None:
        reading = self._new_reading(key)
        asked_at = self._clock()
        reply = await self._shared.ask(self._scripts.recall, reading, (self._life_ms, ""))
        if reply:
            kept = self._take_over(asked_at, reply)
            if kept is not None and self._is_current(key, kept):
                self._answers.shared += 1
                self._entries.put(key, kept)
                return kept
            reply = await self._shared.ask(self._scripts.recall, reading, (self._life_ms, "anew"))
        return await self._load(key, load, reading if reply is not None else None)

    async def _reread(self, key: Key, load: Load[V]) -> Aged[V] | None:
        reading = self._new_reading(key)
        reply = await self._shared.ask(self._scripts.recall, reading, (self._life_ms, "anew"))
        return await self._load(key, load, reading if reply is not None else None)

    async def _load(self, key: Key, load: Load[V], reading: tuple[str, str] | None) -> Aged[V] | None:
        """Read from the database; remember it in both layers, but not from before a change."""
        self._answers.loaded += 1
        read_at = self._clock()
        with unreachable_as_overloaded():
            value = await load()
        if value is None:
            return None
        aged = self._aged(value, read_at)
        if self._is_current(key, aged):
            self._entries.put(key, aged)
            if reading is not None:
                self._shared.tell(self._scripts.keep, reading, (_encode(value),))
        return aged

    def _take_over(self, asked_at: float, reply: Reply) -> Aged[V] | None:
        life_ms = int(reply[1])
        try:
            value = self._decoder.decode(bytes(reply[0]))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        # PTTL counts whole milliseconds from the start of its command: one more is the least that is surely past.
        aged = self._aged(value, self._trust.moment_of(asked_at, (self._life_ms - life_ms + 1) / 1000))
        return aged if 0 < life_ms <= self._life_ms and self._clock() < aged.until else None

    def _aged(self, value: V, read_at: float) -> Aged[V]:
        return Aged(value, read_at, read_at + jittered(self._life_ms / 1000, LIFE_PART_MIN))

    def _is_current(self, key: Key, aged: Aged[V]) -> bool:
        return self._trust.is_newer(aged.read_at, self._changes.last(key.event_id))

    def _new_reading(self, key: Key) -> tuple[str, str]:
        """Return the names of the answer in L2 and of a reading of it, in one hash tag."""
        name = f"{self._name}:{self._shared.origin}:{next(self._numbers)}"
        return self.shared_key(key), keys.since(keys.event_tag(key.event_id), name)


def _digest(asked: bytes) -> str:
    return blake2b(asked, digest_size=16).hexdigest()


_encode = msgspec.msgpack.Encoder().encode
