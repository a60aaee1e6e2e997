"""The model of one Idempotency-Key, for the checker: at most one live reservation at a time, and what becomes of it.

A reservation without a key is the only one of a key of its own. State: the live reservation, or none; one that nobody
was told of yet has no name but the number of the request that may have made it.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

UseKind: TypeAlias = Literal[
    "make", "replay", "refuse for other tickets", "refuse for lack", "may make", "may lapse", "deadline",
    "pay", "release", "is held", "is paid", "is paid otherwise", "is gone",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Something that happened to a key: `name` is the reservation's, `request` the number of an unanswered request.

    `tickets` is what was asked for, the same for all that ask for the same. `said` is for people.
    """

    kind: UseKind
    name: str = ""
    request: int = 0
    tickets: Hashable = None
    reference: str = ""
    said: str = ""


class Live(NamedTuple):
    """The live reservation of a key; `reference` is None while it is held, `request` not 0 while it has no name."""

    name: str
    tickets: Hashable
    reference: str | None = None
    request: int = 0


class KeyState(NamedTuple):
    """What a key stands for now, and the names of all that it ever stood for."""

    live: Live | None = None
    made: frozenset[str] = frozenset()


class KeyModel:
    """One key that nobody has used yet."""

    first = KeyState()

    def after(self, state: KeyState, what: Use) -> KeyState | None:
        """Return what the key stands for after a use, None when that cannot have happened."""
        live = state.live
        match what.kind:
            case "make" | "may make":
                return _made(state, what) if live is None and what.name not in state.made else None
            case "replay":
                return _replayed(state, what)
            case "refuse for other tickets":
                return state if live and live.tickets != what.tickets else None
            case "refuse for lack":
                return state if live is None else None
            case "may lapse":
                return state._replace(live=None) if live and live.request == what.request else None
        if what.kind == "is gone":
            return None if live and live.name == what.name else state
        if what.name not in state.made:
            return None
        if live and live.name == what.name:
            return _used(state, live, what)
        return state if what.kind == "deadline" else None

    def goes_first(self, one: Use, other: Use) -> bool:
        """Tell that no order of two uses may be left out."""
        return False

    def twin(self, what: Use) -> Hashable | None:
        """Tell that no use is like another."""
        return None


def _made(state: KeyState, what: Use) -> KeyState:
    return KeyState(
        Live(what.name, what.tickets, request=what.request), state.made | {what.name} if what.name else state.made
    )


def _replayed(state: KeyState, what: Use) -> KeyState | None:
    """A replay tells of the live reservation, and the name of one that had none."""
    live = state.live
    if live is None or live.tickets != what.tickets:
        return None
    if live.request:
        fresh = what.name not in state.made
        return KeyState(live._replace(name=what.name, request=0), state.made | {what.name}) if fresh else None
    return state if live.name == what.name else None


def _used(state: KeyState, live: Live, what: Use) -> KeyState | None:
    """Return the state after something that concerns the live reservation."""
    match what.kind:
        case "pay" if live.reference in (None, what.reference):
            return state._replace(live=live._replace(reference=what.reference))
        case "release" if live.reference is None:
            return state._replace(live=None)
        case "deadline":
            return state._replace(live=None) if live.reference is None else state
        case "is held" if live.reference is None:
            return state
        case "is paid" if live.reference == what.reference:
            return state
        case "is paid otherwise" if live.reference not in (None, what.reference):
            return state
    return None
