"""What torture finds, as it is kept in JSON: plain values without behaviour."""

import msgspec

from bench.values import Machine


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How hard and how long."""

    per_second: float = 650.0
    buyers: int = 256
    warm_seconds: float = 3.0
    before_seconds: float = 4.0
    fault_seconds: float = 10.0
    after_seconds: float = 3.0
    load_min: float = 500.0
    """Holds acknowledged a second before the fault; with fewer, the trial is not what it claims to be."""
    share_back: float = 0.9
    """It has recovered when it sells at this share of the rate before."""
    patience_seconds: tuple[float, ...] = (2.0, 20.0)
    """Of buyers, in turn: how long they wait for an answer."""
    without_key: float = 0.1
    """Of holds asked for without an Idempotency-Key: those whose outcome is unknown can only lapse."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyers of one trial were told while the load ran, and the tickets that were sold in the end: all."""

    holds: int = 0
    payments: int = 0
    releases: int = 0
    refusals: int = 0
    busy: int = 0
    busy_later: int = 0
    no_answer: int = 0
    settled: int = 0
    sold_in_the_end: int = 0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One fault, once. `untrue` names everything that was not as promised."""

    did: str
    before: float
    during: float | None
    silence_seconds: float
    recovery_seconds: float | None
    counts: Counts
    untrue: list[str]


class Result(msgspec.Struct, kw_only=True):
    """All trials of one fault; or why there are none."""

    name: str
    what: str
    options: Options
    measured_at: str
    trials: list[Trial] = []
    not_run: str | None = None


class Report(msgspec.Struct, kw_only=True):
    """All that is known; a run of one fault replaces that one and keeps the others."""

    machine: Machine
    results: list[Result] = []
