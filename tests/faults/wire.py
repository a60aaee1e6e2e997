"""PostgreSQL's wire protocol, as far as it takes to tell one request from the next: pure, bytes in, messages out."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

STARTUP = b""
"""The kind of the first messages of a connection, which have none."""
SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
QUERY, PARSE, BIND, EXECUTE, SYNC, FLUSH, TERMINATE, PASSWORD = b"Q", b"P", b"B", b"E", b"S", b"H", b"X", b"p"
READY, ERROR, ROWS_DESCRIBED, NO_ROWS, KEY_DATA = b"Z", b"E", b"T", b"n", b"K"
ENDS_A_REQUEST = frozenset({QUERY, SYNC, FLUSH, STARTUP})
"""What a client sends last before it waits for an answer."""
ENDS_A_DESCRIPTION = frozenset({ROWS_DESCRIBED, NO_ROWS, ERROR})
GOES_AT_ONCE = frozenset({TERMINATE, PASSWORD})

_LENGTH = struct.Struct("!I")


class Message(NamedTuple):
    """One message: its kind, and all of its bytes as they travel."""

    kind: bytes
    raw: bytes

    @property
    def content(self) -> bytes:
        """What follows the length."""
        return self.raw[len(self.kind) + 4 :]

    @property
    def code(self) -> int:
        """Of a startup message: what the client wants, a protocol's number or one of the special requests."""
        code: int = _LENGTH.unpack_from(self.content)[0]
        return code

    @property
    def process_id(self) -> int:
        """Of BackendKeyData: the server's process that serves this connection."""
        process_id: int = _LENGTH.unpack_from(self.content)[0]
        return process_id


class Messages:
    """Cuts a stream into messages. A client's stream begins without kinds, until `started` is set."""

    def __init__(self, *, started: bool) -> None:
        self.started = started
        self._rest = b""

    def of(self, content: bytes) -> Iterator[Message]:
        """Yield the messages that are whole, now that this arrived."""
        self._rest += content
        while (message := self._next()) is not None:
            self._rest = self._rest[len(message.raw) :]
            yield message

    def _next(self) -> Message | None:
        head = 1 if self.started else 0
        if len(self._rest) < head + 4:
            return None
        behind = head + _LENGTH.unpack_from(self._rest, head)[0]
        return Message(self._rest[:head], self._rest[:behind]) if len(self._rest) >= behind else None


class Request(NamedTuple):
    """What a client sends before it waits: one round trip."""

    messages: tuple[Message, ...]
    text: str
    """What it asks for: `connect`, or the statement."""

    @property
    def raw(self) -> bytes:
        """All of it as it travels."""
        return b"".join(message.raw for message in self.messages)

    @property
    def connects(self) -> bool:
        """Whether a connection begins with it."""
        return self.messages[-1].kind == STARTUP

    @property
    def prepares(self) -> bool:
        """Whether a statement is only prepared by it; the server does not answer that it is ready."""
        return self.messages[-1].kind == FLUSH

    @property
    def answer_ends(self) -> frozenset[bytes]:
        """The kinds of messages with which its answer ends."""
        return ENDS_A_DESCRIPTION if self.prepares else frozenset({READY})


class Requests:
    """Gathers a client's messages into requests; remembers what its prepared statements are named."""

    def __init__(self) -> None:
        self._gathered: list[Message] = []
        self._texts: dict[bytes, str] = {}
        self._text = ""

    def add(self, message: Message) -> Request | None:
        """Return the request that ends with this message, if one does."""
        self._gathered.append(message)
        self._learn(message)
        if message.kind not in ENDS_A_REQUEST:
            return None
        words = ["prepare"] if message.kind == FLUSH else []
        request = Request(tuple(self._gathered), " ".join([*words, self._text or "sync"]))
        self._gathered, self._text = [], ""
        return request

    def take(self) -> bytes:
        """Return what was gathered and does not wait for the end of a request."""
        taken = b"".join(message.raw for message in self._gathered)
        self._gathered = []
        return taken

    def _learn(self, message: Message) -> None:
        if message.kind == STARTUP:
            self._text = "connect"
        elif message.kind == QUERY:
            self._text = plain(message.content.split(b"\0")[0].decode())
        elif message.kind == PARSE:
            name, text, *_ = message.content.split(b"\0", 2)
            self._text = self._texts[name] = plain(text.decode())
        elif message.kind == BIND and not self._text:
            self._text = self._texts.get(message.content.split(b"\0", 2)[1], "")


def plain(text: str) -> str:
    """Return a statement in one line, without the comments that stand above it."""
    lines = text.splitlines()
    return " ".join(" ".join(line for line in lines if not line.lstrip().startswith("--")).split()).rstrip(";")


def query(text: str) -> bytes:
    """Return the bytes of a simple query."""
    return _message(QUERY, text.encode() + b"\0")


def run_and_flush(text: str) -> bytes:
    """Return the bytes that run a statement and do not ask whether the server is ready again."""
    parse = _message(PARSE, b"\0" + text.encode() + b"\0\0\0")
    return parse + _message(BIND, bytes(8)) + _message(EXECUTE, bytes(5)) + _message(FLUSH, b"")


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + _LENGTH.pack(4 + len(content)) + content
