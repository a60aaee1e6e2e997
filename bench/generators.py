"""What sends the load: wrk and h2load, which are Debian packages, or k6, which everybody can install."""

from collections.abc import Collection, Sequence

from bench.h2load import run_h2load
from bench.k6_loads import run_k6_timetable, start_k6
from bench.load import Load, RunningLoad
from bench.options import Generator
from bench.programs import PACKAGES, missing_packages
from bench.timetable import Timed, Timetable
from bench.wrk import start_wrk


def choose(wanted: Generator | None, needs: Collection[str]) -> Generator:
    """Return the generator that was wanted; else wrk, unless one of the programs that are needed is not there."""
    if wanted is not None:
        return wanted
    return "k6" if missing_packages(needs) else "wrk"


def sends_load(needs: Collection[str]) -> bool:
    """Tell whether a row with these needs has a load generator at all."""
    return any(program in PACKAGES for program in needs)


def programs_of(generator: Generator, needs: Collection[str]) -> Sequence[str]:
    """Return the programs that a row needs with this generator."""
    if generator == "wrk" or not sends_load(needs):
        return list(needs)
    return [*(program for program in needs if program not in PACKAGES), "k6"]


def start_load(generator: Generator, load: Load, seconds: float) -> RunningLoad:
    """Begin to send a load for a time. Raises CannotRun."""
    return start_k6(load, seconds) if generator == "k6" else start_wrk(load, seconds)


def run_timetable(
    generator: Generator,
    url: str,
    table: Timetable,
    seconds: float,
    *,
    body: str | None,
    expected: frozenset[int],
    may_fall_behind: bool = False,
) -> Sequence[Timed]:
    """Send requests by a timetable, and return each; one that may not fall behind fails rather than leave some out.

    Raises CannotRun, and Untrue for an answer that was not expected.
    """
    if generator == "k6":
        return run_k6_timetable(url, table, seconds, body=body, expected=expected, may_fall_behind=may_fall_behind)
    return run_h2load(url, table, seconds, body=body, expected=expected)
