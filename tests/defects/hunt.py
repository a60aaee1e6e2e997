"""Running the suite on the copy until a test fails, the likeliest tests first."""

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.defects.copied_tree import PYTHON, CopiedTree
from tests.defects.first_failure import FAILURE
from tests.defects.table import Defect

OTHERS = (
    "tests/unit",
    "tests/booking",
    "tests/catalog",
    "tests/availability",
    "tests/faults",
    "tests/api",
    "tests/concurrency",
)
RUN_SECONDS_MAX = 400.0
END_SECONDS_MAX = 30.0


class NothingRanError(Exception):
    """pytest could not do its work, which says nothing about a defect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catch:
    """The test that noticed, what it said, and after how many seconds of testing. Without a test: nobody noticed."""

    test: str | None
    words: str
    seconds: float


def hunt(tree: CopiedTree, defect: Defect) -> Catch:
    """Run the tests with the defect in the copy, until one fails."""
    began = time.monotonic()
    with tree.with_defect(defect):
        for paths in _rounds(defect):
            found = run(tree, paths)
            if found is not None:
                test, words = found
                return Catch(test=test, words=words, seconds=time.monotonic() - began)
    return Catch(test=None, words="", seconds=time.monotonic() - began)


def _rounds(defect: Defect) -> Iterator[Sequence[str]]:
    yield defect.tests
    yield from ([path] for path in OTHERS)


def run(tree: CopiedTree, paths: Sequence[str]) -> tuple[str, str] | None:
    """Run some tests on the copy; return the first that failed or did not end, and why; None when all passed."""
    note, log = tree.root.parent / "failure", tree.root.parent / "log"
    note.unlink(missing_ok=True)
    options = ["-p", "tests.defects.first_failure", "-p", "no:cacheprovider"]
    command = [PYTHON, "-m", "pytest", *options, *paths]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=tree.root, env={**tree.environment, FAILURE: str(note)}, stdout=output, stderr=output
        )
        try:
            status = process.wait(RUN_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            _interrupt(process)
            return note.read_text(encoding="utf-8").splitlines()[0], f"did not end within {RUN_SECONDS_MAX:.0f} s"
    test, *words = note.read_text(encoding="utf-8").splitlines() if note.exists() else [""]
    if words:
        return test, words[0]
    if status:
        raise NothingRanError(log.read_text(encoding="utf-8", errors="replace")[-2_000:])
    return None


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """End pytest as Ctrl-C does, so that it ends what it has started."""
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS_MAX)
    process.kill()
    process.wait()
