"""Playing one part: its output is shown as it comes and kept in a file, and what came of it is told."""

import re
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.proof.parts import Part

LOOK_SECONDS = 0.2
END_SECONDS_MAX = 60.0
MADE_BY_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL"}

Show = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a part ended. `status` is None when it could not be begun; `counts`, when it does not tell them."""

    status: int | None
    counts: str | None
    seconds: float

    @property
    def fault(self) -> str | None:
        """What is wrong, in a few words; None when the part holds."""
        if self.status is None:
            return "could not be begun"
        if self.status:
            return f"status {self.status}"
        return "told no counts" if self.counts is None else None


def play(part: Part, folder: Path, environment: Mapping[str, str], show: Show) -> Outcome:
    """Run a part to its end. All that it says is in `<its name>.log` in the folder afterwards."""
    log = folder / f"{part.name}.log"
    began = time.monotonic()
    with log.open("wb") as output, log.open("rb") as said:
        try:
            process = subprocess.Popen(part.command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        except OSError as error:
            show(f"{error}\n".encode())
            return Outcome(status=None, counts=None, seconds=0.0)
        status = _follow(process, said, show)
    counts = part.counts_in(log.read_text(encoding="utf-8", errors="replace"))
    return Outcome(status=status, counts=counts, seconds=time.monotonic() - began)


def _follow(process: subprocess.Popen[bytes], said: BinaryIO, show: Show) -> int:
    """Show what is said until the process has ended; return its status.

    What is read is a file, not a pipe, which a server that was left behind would keep open.
    """
    try:
        while True:
            try:
                return process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                show(said.read())
    except KeyboardInterrupt:
        # The part stops what it has started, as on Ctrl-C, which it has heard too when it came from the keyboard.
        process.terminate()
        process.wait(END_SECONDS_MAX)
        raise
    finally:
        show(said.read())


def environment_of_parts(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return an environment in which make knows nothing of what this make was told: ONLY= is meant for the proof."""
    told = environment.get("MAKEFLAGS", "").partition("-- ")[2]
    left_out = MADE_BY_MAKE.union(re.findall(r"(?:^|(?<!\\)\s)(\w+)=", told))
    kept = {name: value for name, value in environment.items() if name not in left_out}
    return {**kept, "PYTHONUNBUFFERED": "1"}
