"""What all processes behind the port counted, summed up for the picture that an admin watches. Pure.

Made of the same answer as /metrics, so that both tell the same.
"""

import datetime as dt
import re
from collections.abc import Iterator

from boxoffice.api.admin_view_messages import FlightSize, HoldCounts, LiveCounts
from boxoffice.counting import FLIGHT_SIZES, HOLD_OUTCOMES

SHOWN_BY_NAME = {"held", "replayed", "overloaded", "failed"}
SOLD_OUT = {"sold_out_by_mark", "sold_out_by_pass"}

_SAMPLE = re.compile(rb"^(boxoffice_\w+)\{([^}]*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(rb'(\w+)="([^"]*)"')


class Sums:
    """Samples of an exposition in Prometheus's text format, summed over the processes."""

    def __init__(self, exposition: bytes) -> None:
        self._sums: dict[tuple[str, str], float] = {}
        for name, labels, value in _SAMPLE.findall(exposition):
            told = sorted(f"{label.decode()}={given.decode()}" for label, given in _LABEL.findall(labels))
            sample = name.decode(), ",".join(each for each in told if not each.startswith("process="))
            self._sums[sample] = self._sums.get(sample, 0.0) + float(value)

    def of(self, name: str, labels: str = "") -> int:
        """Return the sum of the samples with exactly these labels besides the process; 0 when there is none."""
        return int(self._sums.get((name, labels), 0))


def live_counts(exposition: bytes, at: dt.datetime) -> LiveCounts:
    """Return the counts that an exposition of all processes tells."""
    sums = Sums(exposition)
    return LiveCounts(
        at=at,
        processes=sums.of("boxoffice_scrape_processes", "state=answered"),
        silent=sums.of("boxoffice_scrape_processes", "state=silent"),
        holds=_holds(sums),
        paid=sums.of("boxoffice_payments_total", "outcome=paid"),
        released=sums.of("boxoffice_releases_total", "outcome=released"),
        expired=sums.of("boxoffice_sweeper_expired_total"),
        flights=sums.of("boxoffice_flight_requests_count", "kind=hold"),
        flight_sizes=list(_flight_sizes(sums)),
    )


def _holds(sums: Sums) -> HoldCounts:
    counted = {outcome: sums.of("boxoffice_holds_total", f"outcome={outcome}") for outcome in HOLD_OUTCOMES}
    return HoldCounts(
        held=counted["held"],
        replayed=counted["replayed"],
        sold_out=sum(counted[outcome] for outcome in SOLD_OUT),
        overloaded=counted["overloaded"],
        failed=counted["failed"],
        other=sum(number for outcome, number in counted.items() if outcome not in SHOWN_BY_NAME | SOLD_OUT),
    )


def _flight_sizes(sums: Sums) -> Iterator[FlightSize]:
    """Yield the flights of each size; Prometheus's buckets hold those of all smaller sizes too."""
    before = 0
    for bound in (*FLIGHT_SIZES, None):
        name = "+Inf" if bound is None else str(float(bound))
        up_to = sums.of("boxoffice_flight_requests_bucket", f"kind=hold,le={name}")
        yield FlightSize(at_most=bound, flights=up_to - before)
        before = up_to
