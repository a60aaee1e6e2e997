"""What a capacity run measures, fits and predicts: plain values, kept in JSON."""

from pathlib import Path

import msgspec

from bench.options import Generator
from bench.values import Machine

PARTS = ("web", "database", "redis", "kernel", "generator")
"""Who takes processor time: the service, all of PostgreSQL, Redis, the kernel's own threads, what sends the load."""
AMOUNTS = ("wal_bytes", "wal_syncs", "commits", "redis_commands", "redis_bytes")
BYTES = ("http_in", "http_out", "database_in", "database_out")
"""As the service sees them, counted by a relay in runs of their own."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """One way of being under load. A closed loop, unless `per_second` says at which rate holds are due; 0: no load.

    `fitted`: the model is fitted to it; otherwise it is what the model has to predict.
    """

    name: str
    what: str
    workers: int = 1
    connections: int = 256
    events: int = 1
    dates: int = 1
    shards: int = 16
    tickets: int = 2
    per_second: float | None = None
    fitted: bool = True


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did: every cost is a sum over these. `rows` are the counter rows that flights moved."""

    seconds: float = 0.0
    flights: float = 0.0
    holds: float = 0.0
    tickets: float = 0.0
    rows: float = 0.0


DRIVERS: tuple[str, ...] = Work.__struct_fields__


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one of each costs of one resource: a second (of one process without load), a flight, a hold and so on."""

    seconds: float = 0.0
    flights: float = 0.0
    holds: float = 0.0
    tickets: float = 0.0
    rows: float = 0.0

    def of(self, work: Work) -> float:
        """Return what some work costs."""
        return (
            self.seconds * work.seconds
            + self.flights * work.flights
            + self.holds * work.holds
            + self.tickets * work.tickets
            + self.rows * work.rows
        )


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a configuration: what it did, and what each part spent on it (seconds of a processor, or an amount).

    `others` is the processor time of what is not ours. `commit_ms` is what a flight waited for the log to be written
    and synchronised, as Postgres tells.
    """

    configuration: str
    rate: float
    work: Work
    spent: dict[str, float]
    others: float = 0.0
    commit_ms: float = 0.0


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What was fitted: costs by resource, and what is no processor's time.

    `wait_seconds`: what a flight waits beside processor time: the commit, and being woken. `chained`: the share of the
    service's time for holds and tickets that lies between two flights of a date, not beside a flight. `rows_of_date`:
    counter rows that a flight moves for each date aboard. `usable`: the share of the processors that is used when all
    have work, because threads do not share them as evenly as could be.
    """

    costs: dict[str, Cost]
    wait_seconds: float
    chained: float
    rows_of_date: float
    usable: float = 1.0


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What the simulation says of a layout: holds a second, holds in a flight, processors in use by part."""

    rate: float
    flight_holds: float
    processors: dict[str, float]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration beside its prediction: medians of the rounds that were measured."""

    configuration: Configuration
    rates: list[float]
    measured: Prediction
    predicted: Prediction

    @property
    def error(self) -> float:
        """By how much the predicted rate is beside the measured one, as a share of it."""
        return self.predicted.rate / self.measured.rate - 1


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All that a run found, and all that the page is written from."""

    machine: Machine
    measured_at: str
    generator: Generator
    rounds: int
    seconds: float
    disk_bytes_per_second: float
    configurations: list[Configuration]
    runs: list[Run]
    relayed: list[Run]
    model: Model
    points: list[Point]


def read_results(file: Path) -> Results:
    """Read what a run wrote. Raises what reading and decoding raise."""
    return msgspec.json.decode(file.read_bytes(), type=Results)
