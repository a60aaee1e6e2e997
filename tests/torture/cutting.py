"""Connections to Postgres that break in the middle of a commit, as those do whose switch, machine or balancer dies.

A watch reads what a service sends, by Postgres's own protocol, as far as to know which statement is on its way. It cuts
one in three places: before the statement arrives, right behind it, or when its answer comes, which says that it is
committed. What the service cannot know then, it has to say.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from typing import Literal, TypeAlias

from boxoffice.booking.statements import GIVE_BACK, HOLD, PAY
from tests.concurrency.rush_ledger import now
from tests.freezing import Fate

NAMES = {HOLD: "hold", PAY: "payment", GIVE_BACK: "release or expiry"}
COMMIT = "commit"
PAUSE_SECONDS = 0.04
ASKS_FOR_ENCRYPTION = 80_877_103
LENGTH = struct.Struct(">i")

Place: TypeAlias = Literal["before it arrived", "behind it", "before its answer"]
PLACES: tuple[Place, ...] = ("before it arrived", "behind it", "before its answer")


class Scissors:
    """Decides where connections are cut: while `open`, one after each pause, each statement in all places in turn."""

    def __init__(self, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.open = False
        self._pause_seconds = pause_seconds
        self.cuts = Counter[tuple[str, Place]]()
        self._next_at = 0.0

    def watch(self) -> "CommitWatch":
        """Return the watch of a new connection."""
        return CommitWatch(self)

    def place(self, statement: str) -> Place | None:
        """Decide on a statement that goes by: where its connection is cut, or that it is let be."""
        if not self.open or now() < self._next_at:
            return None
        self._next_at = now() + self._pause_seconds
        place = min(PLACES, key=lambda each: self.cuts[statement, each])
        self.cuts[statement, place] += 1
        return place


class CommitWatch:
    """Watches one connection. Its `asked` is the statement that was bound last and has not been answered yet."""

    def __init__(self, scissors: Scissors) -> None:
        self._scissors = scissors
        self._reader = Messages()
        self._prepared: dict[bytes, str] = {}
        self._asked: str | None = None
        self._cuts_answer = False

    def goes(self, content: bytes) -> Fate:
        """Cut before or behind a statement that commits, when its last message is in this content."""
        for kind, body in self._reader.read(content):
            statement = self._finished(kind, body)
            place = self._scissors.place(statement) if statement else None
            if place == "before it arrived":
                return Fate.CUT
            if place == "behind it":
                return Fate.PASS_AND_CUT
            self._cuts_answer = self._cuts_answer or place is not None
        return Fate.PASS

    def comes(self, content: bytes) -> Fate:
        """Cut an answer off."""
        return Fate.CUT if self._cuts_answer else Fate.PASS

    def _finished(self, kind: bytes, body: bytes) -> str | None:
        """Return the name of the statement that is whole with this message, if it is one of those that commit."""
        if kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self._prepared[name] = NAMES.get(text.decode(), "")
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            self._asked = self._prepared.get(name)
        elif kind == b"S":
            asked, self._asked = self._asked, None
            return asked
        elif kind == b"Q" and body[: len(COMMIT)].decode(errors="replace").lower() == COMMIT:
            return COMMIT
        return None


class Messages:
    """Takes apart what a client of Postgres sends: kind and body of each message that is whole."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._began = False

    def read(self, content: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Return the messages that this content completes."""
        self._rest += content
        while (kind_bytes := int(self._began)) + LENGTH.size <= len(self._rest):
            (length,) = LENGTH.unpack_from(self._rest, kind_bytes)
            if len(self._rest) < kind_bytes + length:
                return
            kind = bytes(self._rest[:kind_bytes])
            body = bytes(self._rest[kind_bytes + LENGTH.size : kind_bytes + length])
            del self._rest[: kind_bytes + length]
            if self._began:
                yield kind, body
            elif LENGTH.unpack_from(body)[0] != ASKS_FOR_ENCRYPTION:
                self._began = True  # only the very first messages have no kind
