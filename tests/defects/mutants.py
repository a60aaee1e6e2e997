"""`make mutants`: changes the pure files in every way that mutmut knows, and sees that a test notices each.

What survives must be explained in survivors.toml: a change that makes no difference anybody could see.
"""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.defects.copied_tree import PYTHON, CopiedTree, copied_tree

FILE = Path(__file__).with_name("survivors.toml")
NOT_KILLED = ("survived", "no tests", "suspicious", "not checked")
SUFFIX = re.compile(r"__mutmut_\d+$")

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True, order=True)
class Survivor:
    """A change that no test notices: in which function, and the lines before and after it."""

    function: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, order=True)
class Explanation:
    """Why survivors of one kind make no difference that anybody could see; `…` stands for anything."""

    function: str
    old: str
    new: str
    because: str

    def explains(self, survivor: Survivor) -> bool:
        """Tell whether it speaks of this one."""
        pairs = ((self.function, survivor.function), (self.old, survivor.old), (self.new, survivor.new))
        return all(
            re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), text) is not None for pattern, text in pairs
        )


def read_explanations(file: Path = FILE) -> tuple[Explanation, ...]:
    """Return all explanations, in the order of the file."""
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("survivor", [])
    return tuple(Explanation(**row) for row in rows)


def survivor_of(name: str, difference: str) -> Survivor:
    """Return the survivor that mutmut shows by this name as this difference."""
    lines = [line for line in difference.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    return Survivor(
        SUFFIX.sub("", name).replace("xǁ", "").replace("ǁ", ".").replace(".x_", "."),
        " ".join(line[1:].strip() for line in lines if line.startswith("-")),
        " ".join(line[1:].strip() for line in lines if line.startswith("+")),
    )


def main() -> int:
    """Make all mutants; say which survive unexplained, and which explanations have nothing to explain any more."""
    known = read_explanations()
    with copied_tree() as tree:
        (tree.root / "src/boxoffice/page").unlink()  # a link to what may not have been built, and is not needed
        console.print("Making the mutants and running the tests on each; this takes minutes ...")
        log = _mutmut(tree, "run", "--max-children", "2")
        outcomes = _outcomes(tree)
        if not outcomes:
            console.print(log, markup=False)
            return 1
        names = [name for name, outcome in outcomes.items() if outcome in NOT_KILLED]
        found = {survivor_of(name, _mutmut(tree, "show", name)) for name in names}
    for outcome, count in Counter(outcomes.values()).most_common():
        console.print(f"{count:5} {outcome}")
    unexplained = sorted(one for one in found if not any(each.explains(one) for each in known))
    needless = [each for each in known if not any(each.explains(one) for one in found)]
    for survivor in unexplained:
        console.print(f"NOT NOTICED {survivor}", markup=False)
    for explanation in needless:
        console.print(f"NOTICED BY NOW, explain it no longer: {explanation}", markup=False)
    return bool(unexplained or needless)


def _outcomes(tree: CopiedTree) -> dict[str, str]:
    """Return how each mutant ended, by name."""
    lines = _mutmut(tree, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if ": " in line)


def _mutmut(tree: CopiedTree, *arguments: str) -> str:
    command = [PYTHON, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    sys.exit(main())
