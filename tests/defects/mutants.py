"""`make mutants`: changes the pure files in every way that mutmut knows, and sees that a test notices each.

What survives must be explained in survivors.toml: a change that makes no difference anybody could see.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rich.console import Console

from bench.interrupting import end_as_interrupted
from tests.defects.copied_tree import PYTHON, CopiedTree, copied_tree
from tests.defects.page import PAGE, counted, explained
from tests.defects.survivors import (
    Count,
    Explanation,
    Survivor,
    belongs_to,
    pure_modules,
    read_explanations,
    survivor_of,
)

NOT_KILLED = ("survived", "no tests", "skipped", "suspicious", "not checked", "check was interrupted by user")
SPINNER = re.compile(r"^\W*[\u2800-\u28ff].*\n?", re.M)

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Make the mutants; say which survive unexplained, and which explanations have nothing to explain any more."""
    asked = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    asked.add_argument("--only", default="", help="only modules whose name holds one of these words")
    only = asked.parse_args().only
    words, known = only.split() or [""], read_explanations()
    modules = [module for module in pure_modules() if any(word in module for word in words)]
    if not modules:
        console.print(f"No module that is changed has {only} in its name.", markup=False)
        return 1
    with copied_tree() as tree:
        (tree.root / "src/boxoffice/page").unlink()  # a link to what may not have been built, and is not needed
        console.print("Making the mutants and running the tests on each; this takes minutes ...")
        log = _mutmut(tree, "run", "--max-children", "2", *(f"{module}.x*" for module in modules))
        every = _outcomes(tree)
        outcomes = {name: how for name, how in every.items() if any(belongs_to(name, one) for one in modules)}
        if not every or set(outcomes.values()) == {"not checked"}:
            console.print(SPINNER.sub("", log), markup=False)
            return 1
        alive = [name for name, outcome in outcomes.items() if outcome in NOT_KILLED]
        found = {name: survivor_of(name, _mutmut(tree, "show", name)) for name in alive}
    for outcome, number in Counter(outcomes.values()).most_common():
        console.print(f"{number:5} {outcome}")
    counts = {module: count_of(module, outcomes, found, known) for module in modules}
    text = counted(PAGE.read_text(encoding="utf-8"), pure_modules(), counts)
    PAGE.write_text(explained(text, known), encoding="utf-8")
    in_part = len(modules) < len(pure_modules())
    faults = faults_of(found.values(), [each for each in known if not in_part or _speaks_of_one(each, modules)], known)
    for fault in faults:
        console.print(fault, markup=False)
    console.print(told(counts.values()))
    return bool(faults)


def count_of(
    module: str, outcomes: Mapping[str, str], found: Mapping[str, Survivor], known: Sequence[Explanation]
) -> Count:
    """Return what became of the changes of one module."""
    alive = [survivor for name, survivor in found.items() if belongs_to(name, module)]
    changes = sum(belongs_to(name, module) for name in outcomes)
    return Count(
        changes=changes, noticed=changes - len(alive), explained=sum(_is_explained(one, known) for one in alive)
    )


def faults_of(
    found: Collection[Survivor], to_be_needed: Sequence[Explanation], known: Sequence[Explanation]
) -> Sequence[str]:
    """Return what is wrong: survivors without explanation, and explanations without survivor."""
    unexplained = sorted(one for one in set(found) if not _is_explained(one, known))
    needless = [each for each in to_be_needed if not any(each.explains(one) for one in found)]
    return [f"NOT NOTICED {one}" for one in unexplained] + [
        f"NOTICED BY NOW, explain it no longer: {each}" for each in needless
    ]


def told(counts: Collection[Count]) -> str:
    """Return what all came to, in a line."""
    changes, noticed = sum(each.changes for each in counts), sum(each.noticed for each in counts)
    return f"{noticed} of {changes} noticed, {sum(each.explained for each in counts)} explained"


def _is_explained(survivor: Survivor, known: Sequence[Explanation]) -> bool:
    return any(each.explains(survivor) for each in known)


def _speaks_of_one(explanation: Explanation, modules: Sequence[str]) -> bool:
    return explanation.function.startswith(tuple(f"{module}." for module in modules))


def _outcomes(tree: CopiedTree) -> Mapping[str, str]:
    """Return how each mutant ended, by name; a file without functions has none."""
    lines = _mutmut(tree, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if ": " in line)


def _mutmut(tree: CopiedTree, *arguments: str) -> str:
    command = [PYTHON, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    end_as_interrupted()
    sys.exit(main())
