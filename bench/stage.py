"""What every row is given: the servers, the shop, the options, and the one way to alternate two runs."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.options import Options
from bench.servers import Process, Servers
from bench.shop import HOLD_SECONDS, Shop
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
