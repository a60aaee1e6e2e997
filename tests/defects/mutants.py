"""`make mutants`: changes the pure files in every way that mutmut knows, and sees that a test notices each.

What survives must be explained in survivors.toml: a change that makes no difference anybody could see.
"""

import subprocess
import sys
from collections import Counter

from rich.console import Console

from tests.defects.copied_tree import PYTHON, CopiedTree, copied_tree
from tests.defects.page import PAGE, explained
from tests.defects.survivors import read_explanations, survivor_of

NOT_KILLED = ("survived", "no tests", "suspicious", "not checked")

console = Console(highlight=False, soft_wrap=True)


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
    PAGE.write_text(explained(PAGE.read_text(encoding="utf-8"), known), encoding="utf-8")
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
