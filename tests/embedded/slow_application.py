"""An RSGI application that tells what happens to it, and answers /slow only when a line is given on a named pipe."""

import asyncio
import os
import sys

from boxoffice.api.rsgi import Exchange, Scope

PIPE = "SLOW_PIPE"


def tell(word: str) -> None:
    sys.stderr.write(word + "\n")
    sys.stderr.flush()


class Application:
    def __rsgi_init__(self, _: asyncio.AbstractEventLoop) -> None:
        tell("startup")

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        tell("shutdown")

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        if scope.path == "/slow":
            tell("slow")
            await asyncio.to_thread(wait_for_the_pipe)
        exchange.response_bytes(200, [], str(os.getpid()).encode())


def wait_for_the_pipe() -> None:
    with open(os.environ[PIPE]) as pipe:  # noqa: PTH123 - waits until somebody writes
        pipe.read()


def create_application() -> Application:
    return Application()
