"""One client's connection: bytes in, whole requests to the application one after the other, answers out in that order.

Modes: idle (between requests), receiving (a request has begun), answering (the application has one; more may wait
behind it), deaf (what still comes is thrown away; closed when the last answer is out), closed. Every mode but
answering, which the application bounds, has a deadline: nobody keeps a connection by being slow.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

import httptools

from boxoffice.http.answers import CONTINUE, answer_bytes, refusal_bytes
from boxoffice.http.request import BODY_BYTES_MAX, Application, Header, Request

HEAD_BYTES_MAX = 64 * 1024
HEADERS_MAX = 100
DRAINED_BYTES_MAX = 1024 * 1024
"""What is still read, and thrown away, of a body that is too large: a client that is sending seldom listens yet."""
PIPELINED_MAX = 16

IDLE_SECONDS_MAX = 75.0
REQUEST_SECONDS_MAX = 10.0
UNREAD_SECONDS_MAX = 30.0
DEAF_SECONDS_MAX = 2.0
NEVER = float("inf")

OLD, NEW = "1.0", "1.1"


class Refused(Exception):  # noqa: N818 - an answer, and no fault of ours
    """What arrives is no request that can be handed on; `status` says why. None: it was handed on without the rest."""

    def __init__(self, status: HTTPStatus | None) -> None:
        super().__init__(status)
        self.status = status


class House(Protocol):
    """What a connection asks of the server that it belongs to; `now` and `date` are told anew once a second."""

    application: Application
    now: float
    date: str
    stopping: bool

    def opened(self, connection: "Connection") -> bool:
        """Take a connection in; false when there are too many."""
        ...

    def closed(self, connection: "Connection", unfinished: asyncio.Task[None] | None) -> None:
        """Let a connection go; its request may still be under way."""
        ...


class Connection(asyncio.Protocol):
    """One client, from its first byte to its last."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._parser = httptools.HttpRequestParser(self)
        self._receiving = False
        self._head_bytes = 0
        self._answering: Request | None = None
        self._behind: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._deaf = False
        self._reads = True
        self._unread = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (asyncio)."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream's has all of it
        name = transport.get_extra_info("peername")
        self._client = name[0] if name else ""
        self.deadline = self._house.now + IDLE_SECONDS_MAX
        if not self._house.opened(self):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, ("retry-after", "1"))

    def connection_lost(self, _: Exception | None) -> None:
        """End, and let the application know who is gone (asyncio)."""
        unanswered = [request for request in (self._answering, *self._behind) if request]
        for request in unanswered:
            request.gone = True
        for _left in range(len(unanswered) + self._receiving):
            self._house.application.client_left()
        self._house.closed(self, self._task if self._answering else None)
        self._answering = self._task = None
        self._behind.clear()

    def data_received(self, data: bytes) -> None:
        """Read what has arrived (asyncio)."""
        if self._deaf:
            return
        if self._receiving and self._head_bytes >= 0:  # The head goes on; one arrival more or less does not matter.
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._deafen()  # The request was handed on without its upgrade; what follows it is in no known language.
        except httptools.HttpParserError as error:
            status = _status_of(error)
            if status is not None:
                self._refuse(status)

    def pause_writing(self) -> None:
        """Read no more from a client that does not read (asyncio)."""
        self._unread = True
        self._turn_reading()
        self.deadline = self._house.now + UNREAD_SECONDS_MAX

    def resume_writing(self) -> None:
        """Go on with a client that has read (asyncio)."""
        self._unread = False
        if self._answering is None and not self._deaf:
            self._go_on()
        self._turn_reading()

    def on_message_begin(self) -> None:
        """Begin a request (the parser)."""
        self._receiving = True
        self._head_bytes = 0
        self._target = b""
        self._headers: list[Header] = []
        self._body: list[bytes] = []
        self._body_bytes = 0
        if self._answering is None:
            self.deadline = self._house.now + REQUEST_SECONDS_MAX

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target (the parser)."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header (the parser). What is sent behind a body is none."""
        if self._head_bytes < 0:
            return
        if len(self._headers) >= HEADERS_MAX:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        """Judge the head (the parser)."""
        self._head_bytes = -1
        self._version = self._parser.get_http_version()
        if self._version not in (OLD, NEW):
            raise Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
        hosts = 0
        for name, value in self._headers:
            if name == "host":
                hosts += 1
            elif name == "expect":
                self._expect(value)
        if hosts != 1 and (hosts or self._version == NEW):
            raise Refused(HTTPStatus.BAD_REQUEST)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body (the parser)."""
        self._body_bytes += len(body)
        if self._body_bytes <= BODY_BYTES_MAX:
            self._body.append(body)
        elif self._body_bytes > DRAINED_BYTES_MAX:
            self._cut_body()

    def on_message_complete(self) -> None:
        """Hand the whole request on (the parser). An old client's connection is not kept, whatever it asks for."""
        keeps_alive = self._version == NEW and self._parser.should_keep_alive()
        self._hand_on(keeps_alive=keeps_alive and not self._parser.should_upgrade())

    def send(self, request: Request, status: int, headers: Sequence[Header], body: bytes) -> None:
        """Send the answer to the request that the application has; nothing when the client has left."""
        if request.gone:
            return
        if request is not self._answering:
            raise AssertionError("a request is answered once")
        closes = self._house.stopping or not request.keeps_alive
        to_head = request.method == "HEAD"
        self._transport.write(answer_bytes(status, headers, body, self._house.date, to_head=to_head, closes=closes))
        self._answering = None
        if closes:
            self._behind.clear()
            self._close()
        else:
            self._go_on()

    def expire(self) -> None:
        """Give up on a client whose deadline has passed."""
        if self._deaf or self._unread:
            self._transport.abort()
        elif self._receiving:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._transport.close()

    def stop(self) -> asyncio.Task[None] | None:
        """Close at once, or behind the answer that is under way; return the work on that."""
        if self._answering is None:
            (self._transport.abort if self._deaf else self._transport.close)()
        return self._task if self._answering else None

    def _expect(self, expectation: str) -> None:
        if expectation.lower() != "100-continue":
            raise Refused(HTTPStatus.EXPECTATION_FAILED)
        declared = next((value for name, value in self._headers if name == "content-length"), "0")
        if int(declared) > DRAINED_BYTES_MAX:
            self._cut_body()
        if self._answering is None:
            self._transport.write(CONTINUE)

    def _cut_body(self) -> None:
        """Hand on a request whose body is far too large, and hear no more of it."""
        self._body_bytes = DRAINED_BYTES_MAX
        self._hand_on(keeps_alive=False)
        self._deafen()
        raise Refused(None)

    def _hand_on(self, *, keeps_alive: bool) -> None:
        self._receiving = False
        self._head_bytes = 0
        try:
            request = Request(
                self,
                method=self._parser.get_method().decode("ascii"),
                target=self._target,
                headers=self._headers,
                body=b"".join(self._body) if self._body_bytes <= BODY_BYTES_MAX else None,
                client=self._client,
                keeps_alive=keeps_alive,
            )
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST) from error
        if self._answering is None:
            self._start(request)
        else:
            self._behind.append(request)
            self._turn_reading()

    def _start(self, request: Request) -> None:
        self._answering = request
        self.deadline = NEVER
        self._task = asyncio.get_running_loop().create_task(self._house.application.answer(request))

    def _go_on(self) -> None:
        """Turn to the next request, unless the client has yet to read the answer before it."""
        if self._unread:
            return
        if self._behind:
            self._start(self._behind.popleft())
            self._turn_reading()
        else:
            self.deadline = self._house.now + (REQUEST_SECONDS_MAX if self._receiving else IDLE_SECONDS_MAX)

    def _refuse(self, status: HTTPStatus, *headers: Header) -> None:
        """Answer what could not be handed on; unheard, where earlier requests still wait for their answers."""
        self._receiving = False
        if self._answering is None:
            self._transport.write(refusal_bytes(status, headers, self._house.date))
        self._deafen()

    def _deafen(self) -> None:
        self._deaf = True
        if self._answering is None:
            self._close()
        else:
            (self._behind[-1] if self._behind else self._answering).keeps_alive = False

    def _close(self) -> None:
        """Close behind what was sent. Where more may come, wait for the client's end: a reset could undo the answer."""
        if not self._deaf:
            self._transport.close()
        elif self._transport.can_write_eof():
            self._transport.write_eof()
            self.deadline = self._house.now + DEAF_SECONDS_MAX

    def _turn_reading(self) -> None:
        """Read on, or not: a client may send no more than it lets us answer."""
        reads = not self._unread and len(self._behind) < PIPELINED_MAX
        if reads != self._reads and not self._transport.is_closing():
            self._reads = reads
            (self._transport.resume_reading if reads else self._transport.pause_reading)()


def _status_of(error: httptools.HttpParserError) -> HTTPStatus | None:
    if isinstance(error.__context__, Refused):
        return error.__context__.status
    unknown = isinstance(error, httptools.HttpParserInvalidMethodError)
    return HTTPStatus.NOT_IMPLEMENTED if unknown else HTTPStatus.BAD_REQUEST
