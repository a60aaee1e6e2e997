"""What a run is told: by the command line, and by the settings of the scenarios, whose defaults load/ has."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.errors import CannotRun
from stress.values import Phase, Setting

PHASES = ("warm_up", "ramp", "rush", "plateau", "sold_out")


class CeilingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the generator's ceiling is measured."""

    seconds: float
    rate: float
    buyers_max: int


class StormSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of the scenarios, as far as they are asked for here; load/ checks them all."""

    seconds: dict[str, float]
    rates: dict[str, float]
    think_ms: tuple[float, float]
    shards: int
    timeout_seconds: float
    latency_ms_max: dict[str, float]
    ceiling: CeilingSettings
    told: dict[str, object] = {}
    """All of them, for whoever shows them."""

    @property
    def load_seconds(self) -> float:
        """How long buyers arrive."""
        return sum(self.seconds.values())

    @property
    def visitors(self) -> float:
        """How many are to arrive in all phases; on the ramp the rate rises evenly."""
        rates = {**self.rates, "ramp": (self.rates["warm_up"] + self.rates["rush"]) / 2}
        return sum(seconds * rates[phase] for phase, seconds in self.seconds.items())


def read_settings(told: str) -> StormSettings:
    """Read the settings as load/ tells them."""
    return msgspec.structs.replace(msgspec.json.decode(told, type=StormSettings), told=msgspec.json.decode(told))


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says. Without `target`, a service and its servers are started for the run."""

    quick: bool = False
    target: str | None = None
    admin_token: str | None = None
    workers: int = 1
    hold_seconds: int | None = None
    changes: tuple[str, ...] = ()
    settings: Path | None = None
    ceiling: bool = True
    name: str | None = None

    @property
    def storm_set(self) -> str:
        """Which set of load/settings.json holds."""
        return "quick" if self.quick else "default"

    @property
    def seconds_to_pay(self) -> int:
        """How long a hold lives in a service of ours."""
        return self.hold_seconds or (10 if self.quick else 60)


def phases_of(settings: StormSettings) -> list[Phase]:
    """Return the phases in their order, each where the one before it ends; those that take no time are left out."""
    phases, begins = [], 0
    for name in PHASES:
        seconds = int(settings.seconds.get(name, 0))
        if seconds:
            phases.append(Phase(name=name, begins=begins, ends=begins + seconds))
        begins += seconds
    return phases


def changed(options: Options) -> dict[str, object]:
    """Return what goes over the defaults of load/: a file's figures, and over these each `path=value` that was given.

    Raises CannotRun when the file cannot be read, or a change is none.
    """
    told = _read(options.settings) if options.settings else {}
    below = told.setdefault(options.storm_set, {})
    if not isinstance(below, dict):
        raise CannotRun(f"{options.storm_set} in {options.settings} is no set of settings")
    for change in options.changes:
        path, equals, value = change.partition("=")
        if not equals or not path:
            raise CannotRun(f"{change!r} changes nothing: write it as rates.rush=500")
        _put(below, path.split("."), _figure(value))
    return told


def _read(file: Path) -> dict[str, object]:
    try:
        told: object = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise CannotRun(f"the settings cannot be read from {file}: {error}") from error
    if not isinstance(told, dict):
        raise CannotRun(f"{file} holds no sets of settings")
    return told


def _put(below: dict[str, object], path: Sequence[str], value: object) -> None:
    first, *rest = path
    if not rest:
        below[first] = value
        return
    deeper = below.setdefault(first, {})
    if not isinstance(deeper, dict):
        raise CannotRun(f"{first} is one figure, not several")
    _put(deeper, rest, value)


def _figure(value: str) -> object:
    try:
        figure: object = msgspec.json.decode(value)
    except msgspec.MsgspecError:
        return value
    return figure


def flat(settings: Mapping[str, object], prefix: str = "") -> list[Setting]:
    """Return each figure under its path, as people read it."""
    found: list[Setting] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            found += flat(value, f"{prefix}{name}.")
        else:
            found.append(Setting(name=f"{prefix}{name}", value=_shown(value)))
    return found


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_shown(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return "none" if value is None else str(value)
