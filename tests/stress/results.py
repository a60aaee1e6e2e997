"""A result as a run would leave it, made up: for tests of what is judged and drawn from it."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from stress.latency import distribution_of, latency_of
from stress.values import (
    VERSION,
    Audit,
    Ceiling,
    Check,
    Fill,
    Generator,
    Moment,
    Offered,
    Phase,
    Processors,
    Result,
    Service,
    Setting,
)
from tests.bench.results import report

SECONDS = 60
PHASES = (("warm_up", 0, 6), ("ramp", 6, 16), ("rush", 16, 34), ("plateau", 34, 50), ("sold_out", 50, 60))
KEPT = Check(group="sums", name="buyers", what="every buyer's story has an end", found="10 buyers <= 10", kept=True)
CLEAN = Audit(when="in the end", clean=True, findings=[], notes=[], dates=2, reservations=9, tickets=20)


def histogram(second: int, slowness: int) -> Mapping[int, int]:
    """Latencies of one second, the slower the more there is to do."""
    return {round(1_000 * 2 ** (place / 3)) * slowness: round(60 * math.exp(-place / 4)) for place in range(16)}


def moment(second: int) -> Moment:
    """A second in which more is sold until the middle of the run, and nothing at its end."""
    busy = math.sin(math.pi * min(second, 50) / 50)
    counts = {"held": round(150 * busy), "paid": round(100 * busy), "browsed": 40, "let_go": round(15 * busy)}
    counts |= {"sold_out": 180 if second >= 50 else 3, "refused_for_load": 2, "buyers": round(160 * busy)}
    latency = {kind: latency_of(histogram(second, slow)) for kind, slow in (("browse", 1), ("hold", 3), ("pay", 2))}
    return Moment(second=second, counts=counts, latency=latency)


def fill(second: int) -> Fill:
    """Sixteen shards that fill one after the other."""
    return Fill(second=second, current=[min(150, max(0, second * 6 - 9 * n)) for n in range(16)], maxima=[150] * 16)


def processors(second: int, *, own: bool = True) -> Processors:
    """A second in which everybody has something to do."""
    return Processors(
        second=second,
        generator=0.9,
        service=0.3 if own else None,
        postgres=0.2 + second / 200 if own else None,
        machine=1.6,
    )


def result(*, checks: Sequence[Check] = (KEPT,), own: bool = True, name: str = "quick <run>") -> Result:
    """A run on a machine that does not exist."""
    moments = [moment(second) for second in range(SECONDS)]
    names = sorted({name for each in moments for name in each.counts})
    busiest = Offered(per_second=310, processors=0.95)
    return Result(
        version=VERSION,
        name=name,
        began_at="2026-11-23T12:00:00+00:00",
        quick=True,
        seconds=SECONDS,
        service=Service(own=own, hold_seconds=10 if own else None, workers=1 if own else None, shards=16),
        machine=report().machine,
        settings=[Setting(name="think_ms", value="200 to 800")],
        phases=[Phase(name=name, begins=begins, ends=ends) for name, begins, ends in PHASES],
        moments=moments,
        totals={name: sum(each.counts.get(name, 0) for each in moments) for name in names},
        latency={kind: distribution_of(histogram(0, slow)) for kind, slow in (("browse", 1), ("hold", 3), ("pay", 2))},
        fills=[fill(second) for second in range(SECONDS)],
        processors=[processors(second, own=own) for second in range(SECONDS)],
        generator=Generator(
            ceiling=Ceiling(per_second=1200, offered_per_second=2000, processors=1.0, threads=1),
            busiest=busiest,
            arrived=1.0,
            is_bottleneck=True,
            finding="Artillery was the bottleneck: `make bench` says what the service can do.",
            bench_holds_per_second=15_911,
        ),
        audits=[CLEAN],
        checks=list(checks),
    )


def broken(check: Check) -> Check:
    """The check, not kept."""
    return msgspec.structs.replace(check, kept=False)
