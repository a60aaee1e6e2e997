"""How results read: the same columns and words in the terminal, on the page and in the documentation."""

import statistics
from collections.abc import Sequence

from tests.torture.results import Report, Result, Trial

COLUMNS = (
    "fault",
    "times",
    "before",
    "meanwhile",
    "silent",
    "back after",
    "holds",
    "payments",
    "releases",
    "refused",
    "503",
    "no answer",
    "untrue",
)
UNTRUTHS_SHOWN = 5


def cells(result: Result) -> list[str]:
    """Return a row of the table: one cell for each of COLUMNS.

    before: holds a second; meanwhile: the same, beside before; silent: the longest time without any, the worst trial's;
    back after: until it sold as fast as before, the median and the worst trial's.
    """
    if not result.trials:
        return [result.name, "0", *[""] * (len(COLUMNS) - 3), "not run"]
    counts = [trial.counts for trial in result.trials]
    return [
        result.name,
        str(len(result.trials)),
        f"{statistics.median(trial.before for trial in result.trials):,.0f}",
        _meanwhile(result.trials),
        f"{max(trial.silence_seconds for trial in result.trials):.1f} s",
        _recovery(result.trials),
        f"{sum(each.holds for each in counts):,}",
        f"{sum(each.payments for each in counts):,}",
        f"{sum(each.releases for each in counts):,}",
        f"{sum(each.refusals for each in counts):,}",
        f"{sum(each.busy for each in counts):,}",
        f"{sum(each.no_answer for each in counts):,}",
        f"{sum(len(trial.untrue) for trial in result.trials):,}",
    ]


def _meanwhile(trials: Sequence[Trial]) -> str:
    """Return how fast it sold while the fault lasted, beside before: the median."""
    shares = [trial.during / trial.before for trial in trials if trial.during is not None and trial.before]
    return f"{statistics.median(shares):.0%}" if shares else "-"


def _recovery(trials: Sequence[Trial]) -> str:
    known = [trial.recovery_seconds for trial in trials if trial.recovery_seconds is not None]
    if len(known) < len(trials):
        return "never"
    return f"{statistics.median(known):.1f} / {max(known):.1f} s"


def outcome_of(trial: Trial) -> str:
    """Return what came out of one trial, in a line."""
    recovered = "never" if trial.recovery_seconds is None else f"after {trial.recovery_seconds:.1f} s"
    judged = f"{len(trial.untrue)} UNTRUE" if trial.untrue else "all accounted for"
    return f"{trial.did}; back {recovered}; {trial.counts.holds:,} holds, {trial.counts.no_answer:,} unknown; {judged}"


def failures(report: Report) -> list[str]:
    """Name everything that makes a run fail: what was untrue, and what could not be made here."""
    found = []
    for result in report.results:
        if result.not_run:
            found.append(f"{result.name}: NOT RUN: {result.not_run}")
        for number, trial in enumerate(result.trials, start=1):
            shown = trial.untrue[:UNTRUTHS_SHOWN]
            more = len(trial.untrue) - len(shown)
            found += [f"{result.name}, trial {number}: {each}" for each in shown]
            found += [f"{result.name}, trial {number}: and {more:,} more"] if more else []
    return found


def total_of(report: Report) -> str:
    """Return what a run came to, in a line: how many trials of how many faults, what was told, what was untrue."""
    trials = [trial for result in report.results for trial in result.trials]
    holds, payments = sum(each.counts.holds for each in trials), sum(each.counts.payments for each in trials)
    told = f"{len(trials)} trials of {len(report.results)} faults, {holds:,} holds, {payments:,} payments"
    return f"{told}, {sum(len(each.untrue) for each in trials):,} untrue"


def remarks_of(result: Result) -> list[str]:
    """Return what is worth reading beside a row: what the fault was, and what it did each time."""
    done = dict.fromkeys(trial.did for trial in result.trials)
    return [f"{result.what}. {'; '.join(done)}."]
