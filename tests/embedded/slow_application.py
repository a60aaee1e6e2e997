"""An application that tells what happens to it, and answers /slow only when a line is given on a named pipe."""

import asyncio
import os
import sys
import time

from boxoffice.errors import CannotStart
from boxoffice.http.request import Request

PIPE = "SLOW_PIPE"


def tell(word: str) -> None:
    sys.stderr.write(word + "\n")
    sys.stderr.flush()


class Application:
    async def open(self) -> None:
        tell("startup")

    def leave(self) -> None:
        tell("leave")

    async def drain(self) -> None:
        tell("drain")

    async def close(self) -> None:
        tell("shutdown")

    async def answer(self, request: Request) -> None:
        if request.path == "/slow":
            tell("slow")
            await asyncio.to_thread(wait_for_the_pipe)
        request.respond(200, [], str(os.getpid()).encode())

    def client_left(self) -> None:
        tell("left")


def wait_for_the_pipe() -> None:
    with open(os.environ[PIPE]) as pipe:  # noqa: PTH123 - waits until somebody writes
        pipe.read()


class Failing(Application):
    """One that cannot be opened."""

    async def open(self) -> None:
        tell(f"failed {time.monotonic()}")
        raise CannotStart("there is nothing to open")


def create_application() -> Application:
    return Application()


def create_failing() -> Application:
    return Failing()
