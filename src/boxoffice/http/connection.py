"""One client's connection: bytes in, whole requests to the application one after the other, answers out in that order.

Modes: idle (between requests), receiving (a request has begun), answering (the application has one; more may wait
behind it), unread (the client does not read: nothing is read of it or answered), deaf (what still comes is thrown away;
closed when the last answer is out), closing (when all that was sent has been read), closed. Every mode but answering,
which the application bounds, has a deadline: nobody keeps a connection by being slow.
"""

import asyncio
from collections import deque
from http import HTTPStatus

import httptools

from boxoffice.http.answers import CONTINUE, answer_bytes, refusal_bytes
from boxoffice.http.bounds import (
    DEAF_SECONDS_MAX,
    DRAINED_BYTES_MAX,
    HEAD_BYTES_MAX,
    HEADERS_MAX,
    IDLE_SECONDS_MAX,
    NEVER,
    PIECE_BYTES_MAX,
    REQUEST_SECONDS_MAX,
    UNREAD_SECONDS_MAX,
)
from boxoffice.http.house import House
from boxoffice.http.refusals import Refused, status_of
from boxoffice.http.request import BODY_BYTES_MAX, Header, Headers, Request, head_bytes

OLD, NEW = "1.0", "1.1"


class Connection(asyncio.Protocol):
    """One client, from its first byte to its last."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._parser = httptools.HttpRequestParser(self)
        self._receiving = False
        self._answering: Request | None = None
        self._behind: deque[Request] = deque()
        self._held: deque[bytes] = deque()
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
        self._held.clear()

    def data_received(self, data: bytes) -> None:
        """Read what has arrived (asyncio)."""
        if self._deaf:
            return
        if self._behind or len(data) > PIECE_BYTES_MAX:
            self._held.extend(data[at : at + PIECE_BYTES_MAX] for at in range(0, len(data), PIECE_BYTES_MAX))
            self._read_on()
            return
        if self._receiving:  # It goes on; one piece more or less does not matter.
            if self._arrived_bytes - self._body_bytes > HEAD_BYTES_MAX:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            self._arrived_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._begin_again(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._give_up(error)

    def pause_writing(self) -> None:
        """Read no more from a client that does not read (asyncio)."""
        self._unread = True
        self._turn_reading()
        self.deadline = self._house.now + UNREAD_SECONDS_MAX

    def resume_writing(self) -> None:
        """Go on with a client that has read (asyncio)."""
        self._unread = False
        if not self._deaf and not self._transport.is_closing():
            self._go_on()
        self._turn_reading()

    def on_message_begin(self) -> None:
        """Begin a request (the parser)."""
        self._receiving = self._in_head = True
        self._arrived_bytes = 0
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
        if not self._in_head:
            return
        if len(self._headers) >= HEADERS_MAX:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._headers.append((name.decode("latin-1").lower(), value.strip().decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Judge the head (the parser)."""
        self._in_head = False
        self._version = self._parser.get_http_version()
        if self._version not in (OLD, NEW):
            raise Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
        hosts, expectation = 0, ""
        for name, value in self._headers:
            if name == "host":
                hosts += 1
            elif name == "expect":
                expectation = value
        if hosts != 1 and (hosts or self._version == NEW):
            raise Refused(HTTPStatus.BAD_REQUEST)
        if expectation and self._version == NEW and not self._parser.should_upgrade():
            self._expect(expectation)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body (the parser)."""
        self._body_bytes += len(body)
        if self._body_bytes <= BODY_BYTES_MAX:
            self._body.append(body)
        elif self._body_bytes > DRAINED_BYTES_MAX:
            self._cut_body()

    def on_message_complete(self) -> None:
        """Hand the whole request on (the parser). An old client's connection is not kept, whatever it asks for."""
        if not self._parser.should_upgrade():
            self._hand_on(keeps_alive=self._version == NEW and self._parser.should_keep_alive())
        elif self._parser.get_method() == b"CONNECT":
            raise Refused(HTTPStatus.NOT_IMPLEMENTED)

    def send(self, request: Request, status: int, headers: Headers, body: bytes) -> None:
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
        if self._deaf or self._transport.get_write_buffer_size():
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
        if self._answering is None and not self._unread:
            self._start(request)
        else:
            self._behind.append(request)

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
        else:
            self.deadline = self._house.now + (REQUEST_SECONDS_MAX if self._receiving else IDLE_SECONDS_MAX)
        if self._held:
            self._read_on()

    def _read_on(self) -> None:
        """Read what has been held back, until a request has to wait."""
        while self._held and not self._behind:
            self.data_received(self._held.popleft())
        self._turn_reading()

    def _begin_again(self, rest: bytes) -> None:
        """Read the same request without its wish for another protocol, which the parser would not let it outlive."""
        headers = [(name, value) for name, value in self._headers if name != "upgrade"]
        head = head_bytes(self._parser.get_method(), self._target, self._version, headers)
        self._parser, deadline = httptools.HttpRequestParser(self), self.deadline
        try:
            self._parser.feed_data(head)
        except httptools.HttpParserError as error:
            self._give_up(error)
            return
        if self._receiving:
            self.deadline = deadline
        if rest:
            self._held.appendleft(rest)
            self._read_on()

    def _give_up(self, error: httptools.HttpParserError) -> None:
        status = status_of(error)
        if status is not None:
            self._refuse(status)

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
            self.deadline = self._house.now + UNREAD_SECONDS_MAX
        elif self._transport.can_write_eof():
            self._transport.write_eof()
            self.deadline = self._house.now + DEAF_SECONDS_MAX

    def _turn_reading(self) -> None:
        """Read on, or not: a client may send no more than it lets us answer."""
        reads = not self._unread and not self._held
        if reads != self._reads and not self._transport.is_closing():
            self._reads = reads
            (self._transport.resume_reading if reads else self._transport.pause_reading)()
