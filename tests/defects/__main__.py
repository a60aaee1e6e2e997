"""`make defects`: makes the code wrong in one small way after the other, and sees that a test notices each."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from bench.interrupting import end_as_interrupted
from tests.defects.copied_tree import CopiedTree, copied_tree
from tests.defects.hunt import Catch, hunt, run
from tests.defects.page import PAGE, written
from tests.defects.table import Defect, read_table

console = Console(highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Hunt the defects that are asked for, write the page, and say whether each was noticed."""
    asked = argparse.ArgumentParser(prog="make defects", description=__doc__)
    asked.add_argument("--only", default="", help="only defects whose name holds this")
    only = asked.parse_args(arguments).only
    defects = read_table()
    wanted = [defect for defect in defects if only in defect.name]
    if not wanted:
        console.print(f"No defect has {only!r} in its name.", markup=False)
        return 1
    with copied_tree() as tree:
        caught: dict[str, Catch] = {}
        for defect in wanted:
            console.print(f"{len(caught) + 1}/{len(wanted)} {defect.name} ...", end=" ")
            caught[defect.name] = _hunted(tree, defect)
            PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), defects, caught), encoding="utf-8")
        wrongly = _failing_without(tree, caught)
    missed = [name for name, catch in caught.items() if catch.test is None]
    console.print(f"{len(caught) - len(missed)} of {len(caught)} noticed")
    for name in missed:
        console.print(f"not noticed: {name}")
    return bool(missed or wrongly)


def _hunted(tree: CopiedTree, defect: Defect) -> Catch:
    catch = hunt(tree, defect)
    console.print(f"{catch.seconds:.0f} s: {catch.test or 'NOT NOTICED'} {catch.words}"[:400], markup=False)
    return catch


def _failing_without(tree: CopiedTree, caught: dict[str, Catch]) -> bool:
    """Run the tests that noticed something once more on the code as it is: there all of them must pass."""
    tests = sorted({catch.test for catch in caught.values() if catch.test is not None})
    console.print(f"The same {len(tests)} tests without any defect ...")
    found = run(tree, tests) if tests else None
    if found is not None:
        console.print(f"FAILS WITHOUT ANY DEFECT: {found[0]} {found[1]}", markup=False)
    return found is not None


if __name__ == "__main__":
    end_as_interrupted()
    sys.exit(main())
