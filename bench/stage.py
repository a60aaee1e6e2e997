"""What every row is given: the servers, the shop, the options, and the one way to alternate two runs."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.generators import run_timetable, start_load
from bench.load import Answers, Load, RunningLoad
from bench.options import Options
from bench.servers import Process, Servers
from bench.shop import HOLD_SECONDS, Shop
from bench.timetable import Timed, Timetable
from bench.values import Fact, Pair


class Stage:
    """A row's surroundings. `say` hears what is going on, a line at a time."""

    def __init__(self, *, options: Options, servers: Servers, say: Callable[[str], None]) -> None:
        self.options = options
        self.servers = servers
        self.database = servers.database
        self.shop = Shop(servers.database)
        self.say = say

    @contextmanager
    def service(self, **changes: object) -> Iterator[Process]:
        """Run `boxoffice serve` while the context lasts: defaults, but for the workers and what is given."""
        given = {"workers": self.options.workers, "hold_seconds": HOLD_SECONDS, **changes}
        with self.servers.running(
            self.servers.settings(**given), "boxoffice", "serve", ready="/health/ready"
        ) as process:
            yield process

    def send(self, load: Load, seconds: float) -> Answers:
        """Send a load for a time. Raises as `RunningLoad.finish` does."""
        return self.sending(load, seconds).finish()

    def sending(self, load: Load, seconds: float) -> RunningLoad:
        """Begin to send a load for a time. Raises CannotRun."""
        return start_load(self.options.generator, load, seconds)

    def send_timed(
        self,
        url: str,
        table: Timetable,
        seconds: float,
        *,
        body: str | None,
        expected: frozenset[int],
        may_fall_behind: bool = False,
    ) -> Sequence[Timed]:
        """Send requests by a timetable. Raises as `run_timetable` does."""
        generator = self.options.generator
        return run_timetable(
            generator, url, table, seconds, body=body, expected=expected, may_fall_behind=may_fall_behind
        )

    def pairs(self, yardstick: Callable[[], float], service: Callable[[], float]) -> list[Pair]:
        """Run one after the other, in turn, as many pairs as were asked for."""
        found: list[Pair] = []
        for number in range(1, self.options.pairs + 1):
            self.say(f"pair {number} of {self.options.pairs}: yardstick")
            first = yardstick()
            self.say(f"pair {number} of {self.options.pairs}: service (yardstick {first:,.2f})")
            pair = Pair(yardstick=first, service=service())
            self.say(f"pair {number} of {self.options.pairs}: {pair.service:,.2f} / {pair.yardstick:,.2f}")
            found.append(pair)
        return found

    def median(self, what: str, run: Callable[[], float]) -> float:
        """Measure something that a row needs to know before it begins."""
        self.say(what)
        return statistics.median(run() for _ in range(self.options.repeats))

    def fact(self, what: str, run: Callable[[], float], unit: str) -> Fact:
        """Measure something that is printed beside a row."""
        return Fact(what=what, value=self.median(what, run), unit=unit)
