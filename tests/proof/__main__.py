"""`make proof`: plays all parts of the proof in full, one after the other, and says in the end what they came to.

A part that fails does not keep the others from being played. Exit status 1 when one failed or was not run.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bench.interrupting import end_as_interrupted
from tests.house.tree import ROOT
from tests.proof.parts import PARTS, Part, chosen
from tests.proof.playing import Outcome, environment_of_parts, play
from tests.proof.summary import holds, render

FOLDER = ROOT / ".proof"
WIDTH = 120


def main() -> int:
    """Play the parts that are asked for."""
    asked = argparse.ArgumentParser(prog="make proof", description=__doc__)
    asked.add_argument("--only", action="append", default=[], help="name of a part; may be given several times")
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    try:
        parts = chosen(asked.parse_args().only)
    except KeyError as error:
        console.print(f"there is no part {error}, but {', '.join(part.name for part in PARTS)}", markup=False)
        return 1
    outcomes: dict[str, Outcome] = {}
    play_all(parts, FOLDER, console, outcomes)
    console.print(render(parts, outcomes))
    console.print(f"What each part said: {FOLDER}", soft_wrap=True)
    return 0 if holds(parts, outcomes) else 1


def play_all(
    parts: Sequence[Part],
    folder: Path,
    console: Console,
    outcomes: dict[str, Outcome],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Play parts under a heading each, and note how each ends; when it is interrupted, the rest is left out."""
    folder.mkdir(exist_ok=True)
    alone = environment_of_parts(environment)

    def show(said: bytes) -> None:
        console.file.write(said.decode(errors="replace"))
        console.file.flush()

    try:
        for number, part in enumerate(parts, start=1):
            console.print()
            console.rule(f"[bold]{number} of {len(parts)}: {part.name}[/bold]", align="left")
            outcomes[part.name] = play(part, folder, alone, show)
    except KeyboardInterrupt:
        console.print("\nInterrupted.")


if __name__ == "__main__":
    end_as_interrupted()
    sys.exit(main())
