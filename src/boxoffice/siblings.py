"""The processes behind one port: each has a number, and each answers when another one asks what it has counted.

Modes: alone (one process, or a server that is not ours: number 0, nobody to ask), among siblings (a number taken and a
socket open, both in a folder that the parent named), closed. A number is a lock on a file: the system lets go of it
however its process ends, and the process that replaces a killed one takes it again. So the numbers stay few, and
nothing is ever told of a process that is no more. Nothing is sent and nothing written before somebody asks.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import structlog

FOLDER_VARIABLE = "BOXOFFICE_SIBLINGS_FOLDER"
ANSWER_SECONDS_MAX = 1.0
END = b"# EOF\n"
"""Ends every answer: of a process that dies while it tells, half of the numbers must not be taken for all."""

log = structlog.get_logger(__name__)


class Told(NamedTuple):
    """What the siblings answered, and how many of them live and did not answer in time."""

    texts: Sequence[bytes]
    silent: int


@contextmanager
def meeting_place(processes: int) -> Iterator[None]:
    """Within, processes that are started find each other in a folder of their own; a single one needs none.

    They make the folder, under a name that nobody can guess. So one that is killed before they begin leaves nothing.
    """
    os.environ.pop(FOLDER_VARIABLE, None)  # another service's, when this one was started from within it
    if processes == 1:
        yield
        return
    folder = Path(tempfile.gettempdir()) / f"boxoffice-{secrets.token_hex(8)}"
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[FOLDER_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


class Siblings:
    """One process among those of `folder`; without a folder it is alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self.number = 0
        self._folder = folder
        self._lock: int | None = None
        self._server: asyncio.Server | None = None

    @classmethod
    def of_environment(cls) -> "Siblings":
        """Return this process among those of the same `meeting_place`."""
        folder = os.environ.get(FOLDER_VARIABLE)
        return cls(Path(folder) if folder else None)

    async def open(self, tell: Callable[[], bytes]) -> None:
        """Take a number, and from now on tell whoever asks. When that fails it is logged, and this one is alone."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._take_number(self._folder)
            # It replaces the socket that a killed process of this number may have left.
            self._server = await asyncio.start_unix_server(_teller(tell), self._socket(self._folder))
        except OSError as error:
            log.warning("siblings_not_found", folder=str(self._folder), error=str(error))
            self._folder = None

    async def ask(self) -> Told:
        """Return what the others tell at this moment; waits for them together, at most ANSWER_SECONDS_MAX."""
        if self._folder is None:
            return Told((), 0)
        own = self._socket(self._folder)
        others = [path for path in sorted(self._folder.glob("*.socket")) if path != own]
        answers = await asyncio.gather(*map(_ask_one, others), return_exceptions=True)
        gone = (FileNotFoundError, ConnectionRefusedError)
        silent = sum(isinstance(answer, BaseException) and not isinstance(answer, gone) for answer in answers)
        return Told([answer for answer in answers if isinstance(answer, bytes)], silent)

    async def close(self) -> None:
        """Tell nobody any more, and let the number go. Repeatable."""
        if self._folder is None:
            return
        if self._server is not None:
            self._server.close()
            self._socket(self._folder).unlink(missing_ok=True)
            self._server = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if _is_left(self._folder):  # where the parent was killed, nobody else removes it
            shutil.rmtree(self._folder, ignore_errors=True)

    def _socket(self, folder: Path) -> Path:
        return folder / f"{self.number}.socket"

    def _take_number(self, folder: Path) -> None:
        for number in count():
            lock = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                self.number, self._lock = number, lock
                return


def _is_left(folder: Path) -> bool:
    """Tell whether no process has a number here any more. Those who look at once do not disturb each other."""
    for path in folder.glob("*.lock"):
        with suppress(FileNotFoundError), path.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
    return True


def _teller(tell: Callable[[], bytes]) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # whoever asked does not listen any more
            writer.write(tell() + END)
            await writer.drain()
        writer.close()

    return answer


async def _ask_one(socket: Path) -> bytes:
    async with asyncio.timeout(ANSWER_SECONDS_MAX):
        reader, writer = await asyncio.open_unix_connection(socket)
        try:
            text = await reader.read()
        finally:
            writer.close()
    if not text.endswith(END):
        raise ConnectionResetError("it told only a part")
    return text.removesuffix(END)
