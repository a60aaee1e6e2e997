"""What the generator wrote while it ran: the moments and the stories, read line by line from all of its threads."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from stress.errors import Unreadable
from stress.latency import Histogram, distribution_of, latency_of, merged
from stress.values import Distribution, Moment

MOMENTS = "moments-*.ndjson"
Line = TypeVar("Line", bound=msgspec.Struct)
End = Literal["paid", "walked_away", "let_go", "sold_out", "refused_for_load", "failed", "malformed", "gone"]


class MomentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One second of one thread."""

    second: int
    counts: dict[str, int]
    latency_us: dict[str, dict[int, int]]
    reasons: dict[str, int] = {}


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """What the service told a buyer."""

    held: bool = False
    paid: bool = False
    let_go: bool = False


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One buyer from the first request to the end; `late`: the hold was gone when its time may have been over."""

    buyer: str
    event_id: int
    tickets: int
    end: End
    reservation: str | None
    acknowledged: Acknowledged
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All that was written, of all threads; seconds count from the first one of the run."""

    began: int
    moments: Sequence[Moment]
    histograms: Mapping[str, Histogram]
    stories: Sequence[Story]
    reasons: Mapping[str, int]
    threads: int

    @property
    def latency(self) -> Mapping[str, Distribution]:
        """How long answers took over the whole run, by kind of request."""
        return {kind: distribution_of(histogram) for kind, histogram in self.histograms.items()}

    @property
    def totals(self) -> Counter[str]:
        """How all requests ended."""
        total: Counter[str] = Counter()
        for moment in self.moments:
            total.update(moment.counts)
        return total


def read_records(folder: Path) -> Records:
    """Read what a run left in a folder. Raises Unreadable when there is nothing, or something else."""
    by_second: dict[int, list[MomentLine]] = defaultdict(list)
    reasons: Counter[str] = Counter()
    for line in _lines(folder, MOMENTS, MomentLine):
        by_second[line.second].append(line)
        reasons.update(line.reasons)
    if not by_second:
        raise Unreadable("the generator left no moments: it sent nothing")
    began = min(by_second)
    seconds = range(began, max(by_second) + 1)
    return Records(
        began=began,
        moments=[_moment(second - began, by_second.get(second, [])) for second in seconds],
        histograms=_histograms([line for lines in by_second.values() for line in lines]),
        stories=list(_lines(folder, "stories-*.ndjson", Story)),
        reasons=reasons,
        threads=len(list(folder.glob(MOMENTS))),
    )


def _moment(second: int, lines: Sequence[MomentLine]) -> Moment:
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line.counts)
    latency = {kind: latency_of(histogram) for kind, histogram in _histograms(lines).items()}
    return Moment(second=second, counts=dict(counts), latency=latency)


def _histograms(lines: Sequence[MomentLine]) -> Mapping[str, Histogram]:
    kinds = sorted({kind for line in lines for kind in line.latency_us})
    return {kind: merged(line.latency_us.get(kind, {}) for line in lines) for kind in kinds}


def _lines(folder: Path, pattern: str, kind: type[Line]) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(kind)
    for file in sorted(folder.glob(pattern)):
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            try:
                yield decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise Unreadable(f"{file.name}, line {number}: {error}") from error
