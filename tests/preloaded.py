"""Services that begin as a fork of a process which has read the program already: most of a start is done only once.

From there on they are what `boxoffice serve` is in any shell: with a session, an environment and a log of their own,
and real sockets. That the command itself starts is tested in tests/embedded. `python -m tests.preloaded` is that
process: each line that it reads asks for a service or how one has ended, and is answered by a line.
"""

import atexit
import functools
import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from tests.waiting import until_now

ROOT = Path(__file__).resolve().parents[1]


class Forked:
    """A service that was forked: as much of subprocess.Popen as tests ask of it."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._nursery.ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status once it has ended. Raises subprocess.TimeoutExpired."""
        try:
            until_now(lambda: self.poll() is not None, seconds_max=math.inf if timeout is None else timeout)
        except AssertionError:
            raise subprocess.TimeoutExpired("boxoffice serve", timeout or 0) from None
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class Nursery:
    """The process that services are forked from. It ends with this one."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.preloaded"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self.close)

    def ask(self, question: Mapping[str, object]) -> int | None:
        """Ask, and return what is answered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer: int | None = json.loads(self._process.stdout.readline())
            return answer

    def close(self) -> None:
        """Let it end; services that still run go on."""
        self._process.communicate()


@functools.cache
def nursery() -> Nursery:
    """Return the one of this process, started when it is first asked for."""
    return Nursery()


def start_forked(environment: Mapping[str, str], log: Path, *arguments: str) -> Forked:
    """Start `boxoffice` with these arguments and this environment; what it prints goes to `log`."""
    pid = nursery().ask({"arguments": arguments, "environment": dict(environment), "log": str(log)})
    assert pid is not None
    return Forked(nursery(), pid)


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(arguments: list[str], environment: Mapping[str, str], log: str) -> None:
    """Turn this process, just forked, into the command."""
    os.setsid()
    for file, flags, place in (
        (os.devnull, os.O_RDONLY, 0),
        (log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1),
    ):
        opened = os.open(file, flags, 0o644)
        os.dup2(opened, place)
        os.close(opened)
    os.dup2(1, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = ["boxoffice", *arguments]


def _serve() -> None:
    """Fork and tell until nobody asks any more."""
    import boxoffice.app  # noqa: F401 - what makes a start long
    from boxoffice.cli import main

    while question := sys.stdin.readline():
        asked = json.loads(question)
        if "ended" in asked:
            answer = _ended(asked["ended"])
        elif (answer := os.fork()) == 0:
            _become(asked["arguments"], asked["environment"], asked["log"])
            main()
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
