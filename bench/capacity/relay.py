"""A relay that counts the bytes that pass through it, in both directions: what a hold puts on the wire."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

READ_BYTES_MAX = 65_536


class Counted:
    """What has passed so far: to the server that is relayed to, and back from it."""

    to_server = 0
    from_server = 0


@contextmanager
def relay(to_port: int) -> Iterator[tuple[int, Counted]]:
    """Relay from a free port to another one of this machine while the context lasts; return the port and the counts."""
    loop, counted = asyncio.new_event_loop(), Counted()
    meetings: set[asyncio.Task[None] | None] = set()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        meetings.add(asyncio.current_task())  # the loop itself forgets a task whose connections are all held up

        def told_server(count: int) -> None:
            counted.to_server += count

        def heard(count: int) -> None:
            counted.from_server += count

        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", to_port)
            with closing(to_server):
                await asyncio.gather(_pass_on(reader, to_server, told_server), _pass_on(from_server, writer, heard))
        except (OSError, asyncio.CancelledError):
            pass  # one side is gone, or the relay ends; asyncio's streams complain of a task that ends otherwise
        finally:
            writer.close()

    server = loop.run_until_complete(asyncio.start_server(meet, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], counted
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]) -> None:
    """Pass on what comes in one direction until it ends, and its end."""
    with suppress(OSError):  # one side has gone: nothing more passes
        while sent := await reader.read(READ_BYTES_MAX):
            count(len(sent))
            writer.write(sent)
            await writer.drain()
        writer.write_eof()


async def _end(server: asyncio.Server) -> None:
    """Take no more connections, and leave those that are open, also the one that is just being opened."""
    server.close()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
