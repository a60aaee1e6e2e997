"""What a run finds, as it is kept in JSON: plain values without behaviour."""

from pathlib import Path
from typing import Literal

import msgspec

from bench.options import Generator, Options

Group = Literal["shows", "others", "curves"]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure is to reach: at least and wanted, or at most and wanted where lower is better."""

    bound: float
    wanted: float
    lower_is_better: bool = False


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs, one after the other: the yardstick's figure and the service's. Without a yardstick that one is 1."""

    yardstick: float
    service: float


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A figure worth printing beside a row; nothing is judged by it."""

    what: str
    value: float
    unit: str


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold besides the figure; a row that breaks it is missed, whatever its figure."""

    what: str
    found: str
    kept: bool


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the measuring of one row yields."""

    pairs: list[Pair]
    facts: list[Fact] = []
    conditions: list[Condition] = []


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the report: measured, or why not. `unit` is that of its figure: x for a ratio.

    `generator` sent the load; None: the row needs none.
    """

    name: str
    group: Group
    what: str
    yardstick: str
    target: Target | None
    unit: str
    options: Options
    measured_at: str
    generator: Generator | None = None
    measured: Measured | None = None
    untrue: str | None = None
    not_run: str | None = None


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One place on a curve, and what was found there each time."""

    x: float
    found: list[float]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a plot."""

    name: str
    points: list[Point]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A plot: how a rate depends on one thing; or why it was not measured. `generator` as of a row."""

    name: str
    title: str
    x_label: str
    y_label: str
    options: Options
    measured_at: str
    generator: Generator | None = None
    series: list[Series] = []
    untrue: str | None = None
    not_run: str | None = None


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured, in words that tell machines apart and name none."""

    processor: str
    processors: int
    memory_gb: float
    system: str
    filesystem: str
    sync_ms: float
    programs: dict[str, str]
    durable: dict[str, str]


class Report(msgspec.Struct, kw_only=True):
    """All that is known; a run of one row replaces that row and keeps the others."""

    machine: Machine
    comparisons: list[Comparison] = []
    curves: list[Curve] = []


def read_report(file: Path) -> Report:
    """Read what a run wrote. Raises what reading and decoding raise."""
    return msgspec.json.decode(file.read_bytes(), type=Report)
