"""A page's shell lines and the output that it claims for them: pure functions of its text.

A block of ```sh may be followed by a block of ```text: what its lines print. `…` there stands for whatever differs
from one run to the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.M | re.S)
SEAM = "-- the next block --"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Shell lines of a page, and what they print; None when the page does not say."""

    lines: str
    output: str | None


def steps(text: str) -> list[Step]:
    """Return the page's blocks of shell lines, in order, each with the output that follows it."""
    found: list[Step] = []
    for language, said in _BLOCK.findall(text):
        if language == "sh":
            found.append(Step(lines=said, output=None))
        elif found and found[-1].output is None:
            found[-1] = Step(lines=found[-1].lines, output=said)
        else:
            raise ValueError(f"output without the lines that print it: {said}")
    return found


def script(story: Sequence[Step]) -> str:
    """Return one script of all steps, whose output says where each begins; variables carry over."""
    return "".join(f"\nprintf '\\n%s\\n' '{SEAM}'\n{step.lines}" for step in story)


def outputs(printed: str) -> list[str]:
    """Return what each step of a script printed."""
    return [part.strip() for part in printed.split(SEAM)[1:]]


def agrees(claimed: str, printed: str) -> bool:
    """Tell whether an output is what the page claims; the page may break a long line where it likes."""
    lines = (re.escape(line).replace("…", ".*?") for line in claimed.strip().splitlines())
    return re.fullmatch(r"\s*".join(lines), printed.strip()) is not None
