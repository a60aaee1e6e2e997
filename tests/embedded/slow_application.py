"""An ASGI application that tells what happens to it, and answers /slow only when a line is given on a named pipe."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping

Message = MutableMapping[str, object]
PIPE = "SLOW_PIPE"


def tell(word: str) -> None:
    sys.stderr.write(word + "\n")
    sys.stderr.flush()


async def application(
    scope: Mapping[str, object],
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            tell(event)
            await send({"type": f"lifespan.{event}.complete"})
        return
    if scope["path"] == "/slow":
        tell("slow")
        await asyncio.to_thread(wait_for_the_pipe)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def wait_for_the_pipe() -> None:
    with open(os.environ[PIPE]) as pipe:  # noqa: PTH123 - waits until somebody writes
        pipe.read()


def create_application() -> object:
    return application
