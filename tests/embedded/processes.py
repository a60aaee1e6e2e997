"""Looking at processes, and running the `boxoffice` command as people do."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from boxoffice.settings import Settings, environment_name
from tests.clients import client_to, is_ready
from tests.waiting import until_now

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 60.0


def is_running(process_id: int) -> bool:
    """Tell whether the process is there and no zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(process_id: int) -> list[int]:
    """Return the processes that this one started, those that have just ended included."""
    try:
        return [int(each) for each in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(process_id: int) -> list[int]:
    """Return the processes that this one started, and those that they started."""
    return [each for child in children(process_id) for each in (child, *descendants(child))]


def program_of(process_id: int) -> str:
    """Return the name of the program that a process runs; empty when it has ended."""
    try:
        return Path(f"/proc/{process_id}/exe").readlink().name
    except (FileNotFoundError, ProcessLookupError):
        return ""


def named(program: str, process_ids: Sequence[int]) -> list[int]:
    """Return those of the processes that run this program."""
    return [each for each in process_ids if program_of(each) == program]


def clean_environment(told: Mapping[str, str]) -> dict[str, str]:
    """Return this environment without settings of Boxoffice, and with those told."""
    ours = {environment_name(field) for field in Settings.__struct_fields__}
    return {**{name: value for name, value in os.environ.items() if name not in ours}, **told}


def boxoffice(*arguments: str, told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "boxoffice", *arguments]
    environment = clean_environment(told)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)


async def refuses(url: str) -> bool:
    """Tell whether nobody listens any more.

    A connection that was taken just before the listener closed is cut instead of refused: that says nothing yet.
    """
    async with client_to() as client:
        try:
            await client.get(url)
        except httpx.ConnectError:
            return True
        except httpx.TransportError:
            return False
    return False


def kill_at_once(process_ids: Sequence[int]) -> None:
    """Kill processes as a machine that loses power would: none of them sees another die."""
    for how in (signal.SIGSTOP, signal.SIGKILL):  # stopped first: nobody does something about another's death
        tell(process_ids, how)


def tell(process_ids: Sequence[int], how: signal.Signals) -> None:
    """Send a signal to processes, as far as they are still there."""
    for each in process_ids:
        with suppress(ProcessLookupError):  # one of Postgres's short-lived workers, which has ended by itself
            os.kill(each, how)


class Running:
    """A command that goes on until it is told to stop; `prefix` comes before it."""

    def __init__(
        self, command: Sequence[str], *, port: int, told: Mapping[str, str], log: Path, host: str = "127.0.0.1"
    ) -> None:
        self.port = port
        self._host = host
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=clean_environment(told), stdout=output, stderr=output, start_new_session=True
            )

    def until_ready(self) -> None:
        """Wait until it is ready for requests; fail with its words when it ends."""

        def ready() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return self.is_ready()

        until_now(ready, seconds_max=READY_SECONDS_MAX)

    def is_ready(self) -> bool:
        """Tell whether it answers that it is ready."""
        return is_ready(f"http://{self._host}:{self.port}")

    def stop(self, how: signal.Signals = signal.SIGTERM, *, seconds_max: float = STOP_SECONDS_MAX) -> int:
        """Tell it to stop, and return its exit status; fail when that takes longer than it may."""
        self.process.send_signal(how)
        return self.process.wait(seconds_max)

    def kill_everything(self) -> None:
        """End it and all that it started at once, as a machine that loses power would."""
        everything = [self.process.pid, *descendants(self.process.pid)]
        kill_at_once(everything)
        self.process.wait()
        until_now(lambda: not any(map(is_running, everything)))

    def clean_up(self) -> None:
        """Leave nothing behind, whatever a test left unfinished."""
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill_everything()
