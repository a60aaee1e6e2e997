"""What a run finds, as it is kept in result.json: plain values without behaviour. Page and comparison need no more."""

from typing import Literal

import msgspec

from bench.values import Machine

VERSION = 1
"""Raised whenever an older result could no longer be read as what it was."""

Group = Literal["sums", "truth", "thresholds", "generator"]


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the storm, from one second of the run up to another."""

    name: str
    begins: int
    ends: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long answers took, in ms: upper bounds of the buckets in which the percentiles lie."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """So many answers took at most `ms_max`, and longer than the bucket before."""

    ms_max: float
    count: int


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """All answers of one kind of request."""

    latency: Latency
    buckets: list[Bucket]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One second of the run as the generator saw it: how requests ended, by outcome; how long they took, by kind."""

    second: int
    counts: dict[str, int]
    latency: dict[str, Latency]


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """The shards of the hot date's total at one second: what is taken of each, and how much it may be."""

    second: int
    current: list[int]
    maxima: list[int]


class Processors(msgspec.Struct, frozen=True, kw_only=True):
    """Processors kept busy during one second, by whom; None: not seen from here."""

    second: int
    generator: float
    service: float | None
    postgres: float | None
    machine: float | None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold: what, and what was found. One that is not kept makes the run fail, and names why."""

    group: Group
    name: str
    what: str
    found: str
    kept: bool


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit found: when, what it looked at, and what was not as it must be."""

    when: str
    clean: bool
    findings: list[str]
    notes: list[str]
    dates: int
    reservations: int
    tickets: int


class Ceiling(msgspec.Struct, frozen=True, kw_only=True):
    """What the generator reaches against a route that does nothing, measured in the same run."""

    per_second: float
    offered_per_second: float
    processors: float
    threads: int


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What the generator sent in the busiest seconds of the storm, and what that cost it."""

    per_second: float
    processors: float


class Generator(msgspec.Struct, frozen=True, kw_only=True):
    """The generator beside its ceiling; `is_bottleneck` tells whether it, not the service, set the pace.

    `arrived` is the share of the visitors who were to arrive that it let in, in time.
    """

    ceiling: Ceiling | None
    busiest: Offered
    arrived: float
    is_bottleneck: bool
    finding: str
    bench_holds_per_second: float | None


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What was stormed. Of a service that the run did not start, less is known: None."""

    own: bool
    hold_seconds: int | None
    workers: int | None
    shards: int


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of the scenarios, as it was."""

    name: str
    value: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of one run."""

    version: int
    name: str
    began_at: str
    quick: bool
    seconds: int
    service: Service
    machine: Machine
    settings: list[Setting]
    phases: list[Phase]
    moments: list[Moment]
    totals: dict[str, int]
    latency: dict[str, Distribution]
    fills: list[Fill]
    processors: list[Processors]
    generator: Generator
    audits: list[Audit]
    checks: list[Check]
