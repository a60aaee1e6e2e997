"""What the proof consists of: a line for each part. docs/proof.md says what each of them does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

OF_PYTEST = r"^(\d+ passed.*?) in [\d.]+s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A command that plays one part in full, and how its output tells what that came to.

    `counts` is a pattern of a line, the last one that fits counts, and of that line what is in brackets. Where none
    fits, the part has not done its work, however it ended.
    """

    name: str
    command: Sequence[str]
    counts: str

    def counts_in(self, output: str) -> str | None:
        """Return what the part says that it came to."""
        found = re.findall(self.counts, output, re.MULTILINE)
        return found[-1] if found else None


def make(target: str, *settings: str, counts: str, name: str = "") -> Part:
    """Return the part that a target of the Makefile plays; it has the target's name unless it is given another."""
    return Part(name=name or target, command=("make", "--no-print-directory", target, *settings), counts=counts)


PARTS: Sequence[Part] = (
    make("simulate", "SEEDS=200", "OPERATIONS=500", counts=r"^(\d+ of \d+ seeds clean)"),
    make("simulate-defects", "SEEDS=10", "OPERATIONS=300", counts=r"^(\d+ of \d+ defects found)"),
    make("torture", "TIMES=5", counts=r"^(\d+ trials of \d+ faults.* untrue)$"),
    make("faults", counts=OF_PYTEST),
    make("hostile", "CASES=20000", "INPUTS=100000", counts=r"^([\d,]+ cases, [\d,]+ inputs, \d+ server errors)"),
    make("defects", counts=r"^(\d+ of \d+ noticed)$"),
    make("mutants", counts=r"^(\d+ of \d+ noticed, \d+ explained)$"),
    make("stress-sabotage", counts=OF_PYTEST),
    make("redis-cluster", counts=OF_PYTEST),
    make("failover", "TIMES=3", counts=OF_PYTEST),
    make("balancer", counts=r"^(\d+ passed, \d+ failed)$"),
    make("deploy", counts=OF_PYTEST),
    make(
        "bench",
        "ONLY=open-loop-without-redis",
        name="open-loop-without-redis",
        # What a row misses is no failure of the benchmark, but one of the proof.
        counts=r"^open-loop-without-redis: (.*\breached\b.*)$",
    ),
)


def chosen(names: Sequence[str], parts: Sequence[Part] = PARTS) -> Sequence[Part]:
    """Return the parts of these names, or all when none is named. Raises KeyError with the name of one that is missing.

    They come in the order of the table.
    """
    for name in names:
        if name not in {part.name for part in parts}:
            raise KeyError(name)
    return [part for part in parts if not names or part.name in names]
