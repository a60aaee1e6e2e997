"""A way to Postgres that breaks at a request of one's choice: before it, after it, or by an error of the server's.

It speaks as much of the wire protocol as it takes to count round trips, over all connections: a request is what a
client sends until it waits (for the beginning of a connection, a simple query, a Sync, or the Flush of a preparation).

Modes: passing (every request is counted), armed (the n-th request from now on meets the fault), broken (it has), away
(a fault that stays: nothing passes until `heal`).
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum

import asyncpg

from tests.faults import wire
from tests.freezing import CHUNK_BYTES_MAX, Stream, Way


class Fault(Enum):
    """What happens to a request."""

    NOT_SENT = "the connection is cut before the request"
    NOT_HEARD = "the connection is cut after the request, before its answer"
    AWAY = "the connection is cut before the request, and no other is to be had until later"
    TERMINATED = "57P01"
    CANCELLED = "57014"
    DEADLOCK = "40P01"
    DISK_FULL = "53100"

    @property
    def of_the_server(self) -> bool:
        """Whether the server refuses the request and stays."""
        return self in {Fault.CANCELLED, Fault.DEADLOCK, Fault.DISK_FULL}


class PostgresProxy(Way):
    """Leads to the Postgres of a URL."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._direct_url = url
        self._fault: Fault | None = None
        self._at = 0
        self.requests: list[str] = []
        """What was asked for since it was armed, in order."""
        self.broken: str | None = None
        """The request that met the fault."""

    def arm(self, at: int, fault: Fault | None) -> None:
        """Count anew, and have the request of this number, from 1, meet the fault."""
        self._at, self._fault = at, fault
        self.requests, self.broken = [], None

    def heal(self) -> None:
        """Let everything pass from now on."""
        self._fault = None

    @property
    def away(self) -> bool:
        """Whether nothing passes."""
        return self._fault is Fault.AWAY and self.broken is not None

    def fault_of(self, request: wire.Request) -> Fault | None:
        """Count a request and return what happens to it; a fault that it cannot meet passes it by."""
        if self.away:
            return Fault.NOT_SENT
        self.requests.append(request.text)
        if self._fault is None or len(self.requests) != self._at:
            return None
        if self._fault.of_the_server and (request.connects or request.text == "ROLLBACK"):
            return None
        self.broken = request.text
        # Who connects is answered several times before all is ready; so it is cut off at once.
        return Fault.NOT_SENT if request.connects and self._fault is not Fault.AWAY else self._fault

    async def terminate(self, process_id: int) -> None:
        """End one of the server's processes, as an administrator would."""
        connection = await asyncpg.connect(self._direct_url)
        try:
            assert await connection.fetchval("SELECT pg_terminate_backend($1)", process_id)
        finally:
            await connection.close()

    def _both_ways(self, client: Stream, server: Stream) -> Sequence[Coroutine[None, None, None]]:
        session = _Session(client[1], server[1])
        return self._carry_requests(session, client[0]), self._carry_answers(session, server[0])

    async def _carry_requests(self, session: "_Session", reader: asyncio.StreamReader) -> None:
        messages, requests = wire.Messages(started=False), wire.Requests()
        with suppress(ConnectionError):
            while content := await reader.read(CHUNK_BYTES_MAX):
                await self._passes.wait()
                for message in messages.of(content):
                    if not messages.started and message.code in {wire.SSL_REQUEST, wire.GSS_REQUEST}:
                        session.client.write(b"N")
                        continue
                    if not messages.started and message.code == wire.CANCEL_REQUEST:
                        session.server.write(message.raw)
                        continue
                    messages.started = True
                    request = requests.add(message)
                    if message.kind in wire.GOES_AT_ONCE:
                        session.server.write(requests.take())
                    elif request is not None:
                        await self._send(session, request)
        session.server.close()

    async def _send(self, session: "_Session", request: wire.Request) -> None:
        fault = self.fault_of(request)
        if fault is None:
            session.server.write(request.raw)
        elif fault is Fault.TERMINATED:
            await self.terminate(session.process_id)
        elif fault.of_the_server:
            session.only_errors = True
            session.server.write(_failing(fault, request))
        elif fault is Fault.NOT_HEARD:
            session.unheard_until = request.answer_ends
            session.server.write(request.raw)
        else:
            session.cut()

    async def _carry_answers(self, session: "_Session", reader: asyncio.StreamReader) -> None:
        messages = wire.Messages(started=True)
        with suppress(ConnectionError):
            while content := await reader.read(CHUNK_BYTES_MAX):
                await self._passes.wait()
                for message in messages.of(content):
                    if message.kind == wire.KEY_DATA:
                        session.process_id = message.process_id
                    if message.kind in session.unheard_until:
                        session.cut()
                    elif session.passes(message.kind):
                        session.client.write(message.raw)
        session.client.close()


@dataclass(slots=True)
class _Session:
    """One connection, both its ends."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    process_id: int = 0
    unheard_until: frozenset[bytes] = frozenset()
    """The kinds of messages upon which it is cut; what the server answers before is lost too."""
    only_errors: bool = False
    """Whether the client hears of nothing but the error that is on its way."""

    def passes(self, kind: bytes) -> bool:
        """Tell whether the client hears of a message of this kind."""
        if kind == wire.ERROR:
            self.only_errors = False
        return not self.unheard_until and not self.only_errors

    def cut(self) -> None:
        """End it, both ways."""
        self.client.transport.abort()
        self.server.transport.abort()


def _failing(fault: Fault, request: wire.Request) -> bytes:
    """Return what the server is asked instead: it fails as the request might. A COMMIT that fails has rolled back."""
    fail = f"DO $$ BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = '{fault.value}'; END $$"
    if request.prepares:
        return wire.run_and_flush(fail)
    return wire.query(f"ROLLBACK; {fail}" if request.text == "COMMIT" else fail)


@asynccontextmanager
async def proxy_to(url: str) -> AsyncIterator[PostgresProxy]:
    """Open a proxy within."""
    proxy = PostgresProxy(url)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
