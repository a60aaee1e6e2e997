"""A closed loop: each connection sends its next request when the last is answered. Every status is counted.

wrk and k6 both run scripts of ours, which print what was answered in the same form.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import msgspec

from bench.errors import CannotRun, Untrue
from bench.programs import GRACE_SECONDS, finish_program

COUNTED = "counted "


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
    """A load that a generator's process sends; as a context, it does not outlive an error."""

    def __init__(self, process: subprocess.Popen[str], load: Load, seconds: float) -> None:
        self._process = process
        self._load = load
        self._seconds = seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def finish(self) -> Answers:
        """Wait for its end. Raises CannotRun, and Untrue for an answer that was not expected or did not come."""
        answers = parse_answers(finish_program(self._process, seconds_max=self._seconds + GRACE_SECONDS))
        check_answers(answers.statuses, answers.unanswered, self._load.expected)
        return answers


def parse_answers(output: str) -> Answers:
    """Read what our script printed at the end. Raises CannotRun when it did not."""
    for line in output.splitlines():
        if line.startswith(COUNTED):
            return msgspec.json.decode(line.removeprefix(COUNTED), type=Answers, strict=False)
    raise CannotRun("the generator left no count of its answers")


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
