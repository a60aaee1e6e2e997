"""wrk: a closed loop, each connection sending its next request when the last is answered. Every status is counted.

What a row sends stands in a script in `lua/`; all share `counting.lua`, which prints what was answered as JSON.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from bench.errors import CannotRun, Untrue
from bench.programs import GRACE_SECONDS, find_program, finish_program, start_program

SCRIPTS = Path(__file__).parent / "lua"
COUNTED = "counted "
ANSWER_SECONDS_MAX = 60


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: answers by status, and requests without an answer by reason."""

    seconds: float
    statuses: dict[int, int]
    unanswered: dict[str, int]

    def per_second(self, status: int) -> float:
        """Return the rate of one status."""
        return self.statuses.get(status, 0) / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send: a script with its arguments, to a server, from so many connections."""

    script: str
    url: str
    arguments: Sequence[str | int]
    expected: frozenset[int]
    connections: int


class RunningLoad:
    """A load that is under way; as a context, it does not outlive an error."""

    def __init__(self, load: Load, seconds: float) -> None:
        self._load = load
        self._seconds = seconds
        duration = max(1, round(seconds))
        command = [find_program("wrk"), "-t1", f"-c{load.connections}", f"-d{duration}s"]
        command += [f"--timeout={ANSWER_SECONDS_MAX}s", "-s", f"{load.script}.lua", load.url, "--"]
        command += [str(argument) for argument in load.arguments]
        self._process: subprocess.Popen[str] = start_program(command, folder=SCRIPTS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def finish(self) -> Answers:
        """Wait for its end. Raises CannotRun, and Untrue for an answer that was not expected or did not come."""
        answers = parse_wrk(finish_program(self._process, seconds_max=self._seconds + GRACE_SECONDS))
        check_answers(answers.statuses, answers.unanswered, self._load.expected)
        return answers


def run_wrk(load: Load, seconds: float) -> Answers:
    """Send a load for a time. Raises as `finish` does."""
    return RunningLoad(load, seconds).finish()


def parse_wrk(output: str) -> Answers:
    """Read what our script printed at the end. Raises CannotRun when it did not."""
    for line in output.splitlines():
        if line.startswith(COUNTED):
            return msgspec.json.decode(line.removeprefix(COUNTED), type=Answers, strict=False)
    raise CannotRun("wrk left no count of its answers")


def check_answers(statuses: Mapping[int, int], unanswered: Mapping[str, int], expected: frozenset[int]) -> None:
    """Raise Untrue unless there are answers, and only of the statuses expected."""
    others = {status: count for status, count in statuses.items() if status not in expected}
    if others:
        raise Untrue("unexpected answers: " + ", ".join(f"{count:,} x {status}" for status, count in others.items()))
    lost = {reason: count for reason, count in unanswered.items() if count}
    if lost:
        raise Untrue("no answer: " + ", ".join(f"{count:,} x {reason}" for reason, count in lost.items()))
    if not statuses:
        raise Untrue("no answer at all")
