"""The model of one date, for the checker: so many tickets, so many of each type, and who holds them.

State: units taken by type, the limits, and of each reservation one bit whether it is held, overdue (its deadline is
over, its units are not back yet) or paid; none of them before it was made and once it is gone.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal[
    "hold", "refuse", "pay", "release", "expire", "deadline", "give back", "is held", "is paid", "is live", "is gone",
    "none is held", "change",
]  # fmt: skip

GIVING_BACK = frozenset({"release", "expire", "give back"})
OF_ONE_RESERVATION = frozenset({"pay", "deadline", "is held", "is paid", "is live", "is gone"})


class Limits(NamedTuple):
    """The tickets of a date, and of each of its types; None: as many as there are."""

    total: int
    types: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened on a date.

    `expire` is deadline and give back in one; `none is held` says that nothing is held or overdue. `units` by type are
    what is held, refused or let go; `limits`, by place (-1: the total), are those that a change makes new. `like` is
    the same for steps that may stand for each other. `said` is for people.
    """

    kind: Kind
    reservation: int = -1
    units: tuple[int, ...] = ()
    limits: tuple[tuple[int, int | None], ...] = ()
    like: Hashable | None = None
    said: str = ""


class DateState(NamedTuple):
    """How a date stands; reservations as bits. Changes are counted, because one to what is there already may still
    come after another one."""

    taken: tuple[int, ...]
    limits: Limits
    made: int = 0
    held: int = 0
    overdue: int = 0
    paid: int = 0
    changes: int = 0

    def fits(self, units: tuple[int, ...]) -> bool:
        """Tell whether so much is left."""
        after = _plus(self.taken, units)
        return sum(after) <= self.limits.total and all(
            limit is None or not wanted or taken <= limit
            for taken, wanted, limit in zip(after, units, self.limits.types, strict=True)
        )


class DateModel:
    """One date that begins with nothing sold."""

    def __init__(self, limits: Limits) -> None:
        self.first = DateState((0,) * len(limits.types), limits)

    def after(self, state: DateState, what: Step) -> DateState | None:
        """Return how the date stands after a step, None when that cannot have happened."""
        bit = 1 << what.reservation if what.reservation >= 0 else 0
        match what.kind:
            case "hold":
                return None if state.made & bit or not state.fits(what.units) else _taken(state, what.units, bit)
            case "refuse":
                return None if state.fits(what.units) else state
            case "change":
                return _changed(state, what.limits)
            case "pay" if state.held & bit:
                return state._replace(held=state.held & ~bit, paid=state.paid | bit)
            case "pay":
                return state if state.paid & bit else None
            case "release":
                return _given_back(state._replace(held=state.held & ~bit), what.units) if state.held & bit else None
            case "deadline" | "expire" | "give back":
                return _over(state, what, bit) if state.made & bit else None
        return state if _is(state, what.kind, bit) else None

    def goes_first(self, one: Step, other: Step) -> bool:
        """Tell whether one step may always come before another.

        What gives back makes room for holds and only takes reasons from refusals; a hold the other way round.
        """
        if one.reservation == other.reservation >= 0:
            return False
        if "change" in (one.kind, other.kind):
            return one.kind in OF_ONE_RESERVATION
        if other.kind == "none is held":
            return one.kind != "hold"
        if one.kind in GIVING_BACK:
            return other.kind != "refuse"
        if one.kind == "hold":
            return other.kind not in GIVING_BACK
        return True

    def twin(self, what: Step) -> Hashable | None:
        """Return what steps have in common that may stand for each other."""
        return what.like


def _plus(taken: tuple[int, ...], units: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([one + other for one, other in zip(taken, units, strict=True)])


def _taken(state: DateState, units: tuple[int, ...], bit: int) -> DateState:
    return state._replace(taken=_plus(state.taken, units), made=state.made | bit, held=state.held | bit)


def _given_back(state: DateState, units: tuple[int, ...]) -> DateState:
    return state._replace(taken=_plus(state.taken, tuple([-one for one in units])))


def _over(state: DateState, what: Step, bit: int) -> DateState | None:
    """Return the state after a deadline or its consequence: the same where there is nothing to end any more."""
    match what.kind:
        case "deadline" if state.held & bit:
            return state._replace(held=state.held & ~bit, overdue=state.overdue | bit)
        case "expire" if state.held & bit:
            return _given_back(state._replace(held=state.held & ~bit), what.units)
        case "give back" if state.overdue & bit:
            return _given_back(state._replace(overdue=state.overdue & ~bit), what.units)
        case "give back" if state.held & bit:
            return None
    return state


def _is(state: DateState, kind: Kind, bit: int) -> bool:
    match kind:
        case "is held":
            return bool(state.held & bit)
        case "is paid":
            return bool(state.paid & bit)
        case "is live":
            return bool((state.held | state.paid) & bit)
        case "none is held":
            return not state.held | state.overdue
    return not (state.held | state.paid) & bit


def _changed(state: DateState, new: tuple[tuple[int, int | None], ...]) -> DateState | None:
    """Return the state with new limits, None when more is taken than they allow."""
    counters: list[int | None] = [*state.limits.types, state.limits.total]  # the place of the total is -1
    for place, limit in new:
        counters[place] = limit
    *types, total = counters
    if any(limit is not None and taken > limit for taken, limit in zip(state.taken, types, strict=True)):
        return None
    if total is None or sum(state.taken) > total:
        return None
    return state._replace(limits=Limits(total, tuple(types)), changes=state.changes + 1)
