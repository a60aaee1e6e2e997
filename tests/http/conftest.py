"""Both event loops: the one that the service runs on, and Python's own, whose sockets are not quite the same."""

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run every test on each of them."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
