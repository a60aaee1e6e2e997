"""One server process of ours: ends with its parent where the system allows it, and is never taken for another's."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from boxoffice.errors import CannotStart

STOP_SECONDS_MAX = 1.0
START_SECONDS_MAX = 60.0
POLL_SECONDS = 0.01


def with_parent(death_signal: str) -> list[str]:
    """Return the command prefix that sends `death_signal` to a process when the thread that started it ends.

    Empty where setpriv is missing: then a killed launcher leaves the server behind, and the next launcher stops it.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", death_signal] if setpriv else []


def wait_until(condition: Callable[[], bool], *, seconds_max: float) -> bool:
    """Return True as soon as `condition` holds, False when it did not within `seconds_max`."""
    deadline = time.monotonic() + seconds_max
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def wait_until_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], *, name: str, last_words: Callable[[], str]
) -> None:
    """Wait for a server that was just started. Raises CannotStart with its last words when it ends or is too slow."""
    if not wait_until(lambda: process.poll() is not None or ready(), seconds_max=START_SECONDS_MAX):
        end(process, signal.SIGKILL)
        raise CannotStart(f"{name} did not start within {START_SECONDS_MAX:.0f} s: {last_words()}")
    if process.poll() is not None:
        raise CannotStart(f"{name} did not start: {last_words()}")


def end(process: subprocess.Popen[bytes], *signals: signal.Signals, seconds_max: float = STOP_SECONDS_MAX) -> None:
    """Stop a process of ours: the signals in turn, each with `seconds_max` to follow, then SIGKILL. Repeatable."""
    for each in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(each)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds_max)


def end_leftovers(program: str, folder: Path, *signals: signal.Signals) -> None:
    """End the processes of `program` that still work in `folder`, which the caller has locked: their launcher is dead.

    They get the signals in turn, each with STOP_SECONDS_MAX to follow, then SIGKILL.
    """
    for each in (*signals, signal.SIGKILL):
        for process_id in _working_in(program, folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, each)
        if wait_until(lambda: not _working_in(program, folder), seconds_max=STOP_SECONDS_MAX):
            return
    raise CannotStart(f"{program} still runs in {folder} and cannot be stopped")


def _working_in(program: str, folder: Path) -> list[int]:
    """Return the processes that run `program` with `folder` as working folder; none where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            executable = (entry / "exe").readlink().name.removesuffix(" (deleted)")
            if executable == program and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found
