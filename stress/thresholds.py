"""What a storm must not do, whatever it reaches: fail, answer what was never promised, be slow."""

from collections.abc import Iterator, Mapping, Sequence

from stress.artillery import Ended
from stress.latency import latency_of, merged
from stress.records import Records
from stress.settings import StormSettings
from stress.values import Check
from stress.words import milliseconds

REASONS_SHOWN = 3


def check_thresholds(records: Records, settings: StormSettings, ended: Ended) -> list[Check]:
    """Return the thresholds, met or not."""
    return [*_faults(records), *_latency(records, settings.latency_ms_max), _artillery(ended)]


def _faults(records: Records) -> Iterator[Check]:
    totals = records.totals
    for name, what in (("failed", "no request fails"), ("malformed", "every answer is one that the API promises")):
        found = f"{totals[name]:,} {name}"
        reasons = ", ".join(f"{reason} ({number:,})" for reason, number in most(records.reasons))
        shown = f"{found}: {reasons}" if totals[name] and reasons else found
        yield Check(group="thresholds", name=name, what=what, found=shown, kept=totals[name] == 0)


def most(reasons: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Return the reasons that were given most often."""
    return sorted(reasons.items(), key=lambda each: -each[1])[:REASONS_SHOWN]


def _latency(records: Records, bounds: Mapping[str, float]) -> Iterator[Check]:
    found = latency_of(merged(records.histograms.values()))
    by_name = {"p50": found.p50_ms, "p95": found.p95_ms, "p99": found.p99_ms}
    for name, bound in bounds.items():
        yield Check(
            group="thresholds",
            name=f"latency-{name}",
            what=f"{name} of all answers is at most {milliseconds(bound)}",
            found=milliseconds(by_name[name]),
            kept=by_name[name] <= bound,
        )


def _artillery(ended: Ended) -> Check:
    words = next((line.strip() for line in reversed(ended.last_words) if line.strip()), "it said nothing")
    found = "exit status 0" if ended.status == 0 else f"exit status {ended.status}: {words}"
    what = "Artillery itself ends well, with its own thresholds met"
    return Check(group="thresholds", name="artillery", what=what, found=found, kept=ended.status == 0)
