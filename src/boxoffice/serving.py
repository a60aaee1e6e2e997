"""The service's processes: `workers` of them behind one port, each a whole service of its own.

SIGTERM or SIGINT: for `leave_seconds` a worker lets balancers look elsewhere (0: it does not). Then the port is closed,
requests in flight are answered, or refused before ANSWER_SECONDS_MAX are over, and the application closes, all within
STOP_SECONDS_MAX. A worker that dies is replaced. Workers end with their parent, even when that is killed.
"""

import asyncio
import errno
import gc
import resource
import signal
import socket
from collections.abc import Callable
from importlib import import_module
from typing import Protocol

import uvloop

from boxoffice.errors import CannotStart
from boxoffice.http.request import Application
from boxoffice.http.server import Server
from boxoffice.settings import Settings
from boxoffice.siblings import meeting_place
from boxoffice.workers import Workers

# A test holds the parts of a stop to these.
STOP_SECONDS_MAX = 3.0
ANSWER_SECONDS_MAX = 2.0
COLLECT_AFTER_OBJECTS = 50_000


class Served(Application, Protocol):
    """An application that is told of the stop before its requests end."""

    def leave(self) -> None:
        """Say to whoever asks that this process is not ready any more; go on as before."""
        ...

    async def drain(self) -> None:
        """Begin nothing new; have everything under way answered, or refused, before ANSWER_SECONDS_MAX are over."""
        ...


def check_port(settings: Settings) -> None:
    """Raise CannotStart when something listens on the port already: processes that share a port would not notice."""
    place = f"{settings.host}:{settings.port}"
    try:
        with socket.create_server((settings.host, settings.port), family=_family(settings.host)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"{place} is in use: choose another port with PORT=") from error
        raise CannotStart(f"cannot listen on {place}: {error.strerror}") from error


def serve(settings: Settings, application: str = "boxoffice.app:create_application") -> None:
    """Serve until SIGTERM or SIGINT. The workers read their settings from the environment. Raises CannotStart."""
    check_port(settings)
    _raise_open_files()
    module, _, factory = application.partition(":")
    create: Callable[[], Served] = getattr(import_module(module), factory)  # imported once, shared by all workers

    def work() -> None:
        uvloop.run(_serve(settings, create()))

    with meeting_place(settings.workers):
        Workers(settings.workers, work).run(settings.leave_seconds + STOP_SECONDS_MAX)


async def _serve(settings: Settings, application: Served) -> None:
    """Serve in this process until SIGTERM or SIGINT."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    await application.open()
    try:
        _spare_the_collector()
        server = Server(application, settings.connections_max)
        await server.listen(settings.host, settings.port, shares_port=settings.workers > 1)
        await told.wait()
        if settings.leave_seconds:
            await leave(application, server, settings.leave_seconds)
        await asyncio.gather(application.drain(), server.stop(ANSWER_SECONDS_MAX))
    finally:
        await application.close()


async def leave(application: Served, server: Server, seconds: float) -> None:
    """Let balancers look elsewhere, so that nobody is on the way here when this process stops.

    For half of the time those that ask hear that it is not ready; for the other half those that never ask find the
    door closed, and part from us one answer at a time.
    """
    application.leave()
    await asyncio.sleep(seconds / 2)
    server.close_door()
    await asyncio.sleep(seconds / 2)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _spare_the_collector() -> None:
    """Leave what lives as long as the process out of every collection, and collect the rest less often.

    Requests make few cycles; at the interpreter's own thresholds the collector took a seventh of the time of a hold.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 50, 50)


def _raise_open_files() -> None:
    """Take all the file descriptors that this process may have: a connection needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
