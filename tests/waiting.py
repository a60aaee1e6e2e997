"""Waiting for something to become true: the one place where tests poll."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

SECONDS_MAX = 60.0
"""A machine that is busy with other things makes everything slow; only what never comes waits so long."""
PAUSE_SECONDS = 0.01


async def until(condition: Callable[[], bool | Awaitable[bool]], *, seconds_max: float = SECONDS_MAX) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds_max`."""
    deadline = time.monotonic() + seconds_max
    while True:
        holds = condition()
        if await holds if inspect.isawaitable(holds) else holds:
            return
        assert time.monotonic() < deadline, f"not within {seconds_max} s: {inspect.getsource(condition).strip()}"
        await asyncio.sleep(PAUSE_SECONDS)


async def pass_time(seconds: float) -> None:
    """Let time pass that is part of what is done: how long a fault lasts, how fast people come.

    Whatever is to become true meanwhile is waited for by `until`.
    """
    await asyncio.sleep(seconds)


async def turn_of_the_loop() -> None:
    """Return when all has run that was ready to run: one turn of the event loop, at least."""
    loop = asyncio.get_running_loop()
    turned = loop.create_future()
    loop.call_soon(turned.set_result, None)
    await turned


def until_now(condition: Callable[[], bool], *, seconds_max: float = SECONDS_MAX) -> None:
    """Do what `until` does, where there is no event loop."""
    deadline = time.monotonic() + seconds_max
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds_max} s: {inspect.getsource(condition).strip()}"
        time.sleep(PAUSE_SECONDS)


async def until_moment(moment: float) -> None:
    """Return at a moment of the wall clock, for tests of what happens just then; at once when it is over."""
    loop = asyncio.get_running_loop()
    come = loop.create_future()
    loop.call_later(max(0.0, moment - time.time()), come.set_result, None)
    await come
