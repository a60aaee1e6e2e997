"""From the story to histories that the checker can judge: of each key, and of what the event offers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from tests.simulation.event_model import Turn
from tests.simulation.key_model import Use, UseKind
from tests.simulation.linearizability import Timed
from tests.simulation.player import key_text
from tests.simulation.stored import Stored
from tests.simulation.story import ChangeTold, HoldTold, Story, Told, UseTold

Slot: TypeAlias = str
"""An Idempotency-Key, or the name of a reservation that was made without one."""


def histories_of_keys(story: Story, stored: Sequence[Stored], hold_seconds: float) -> Mapping[Slot, list[Timed[Use]]]:
    """Return what happened to each key; `hold_seconds` is the least time for which anything is held."""
    found: defaultdict[Slot, list[Timed[Use]]] = defaultdict(list)
    slots: dict[str, Slot] = {}
    for told in story.holds:
        slot = key_text(told.key) if told.key else told.name
        if told.name:
            slots.setdefault(told.name, slot)
        if slot:
            found[slot] += _uses_of_hold(told, hold_seconds)
    for name, (first_told_at, expires_at) in deadlines(story).items():
        found[slots[name]].append(Timed(Use(kind="deadline", name=name), expires_at, max(expires_at, first_told_at)))
    for use in story.uses:
        found[slots[use.name]] += _uses_of_use(use)
    for seen in stored:
        for name, slot in slots.items():
            found[slot] += _seen(seen, name)
    return found


def deadlines(story: Story) -> Mapping[str, tuple[float, float]]:
    """Return of each reservation when it was first told of, and when it expires."""
    found: dict[str, tuple[float, float]] = {}
    for told in story.holds:
        if told.name:
            first_told_at = min(told.answered_at, found.get(told.name, (told.answered_at, 0.0))[0])
            found[told.name] = (first_told_at, told.expires_at)
    return found


def history_of_offer(story: Story, stored: Sequence[Stored]) -> list[Timed[Turn]]:
    """Return how the event was changed."""
    turns = [turn for told in story.changes for turn in _turns(told)]
    seen = [Timed(Turn(kind="is", offer=one.offer, said="stored"), one.begun_at, one.ended_at) for one in stored]
    return [*turns, *seen]


def _timed(told: Told, kind: Use) -> Timed[Use]:
    """Return a use with the time in which it happened."""
    return Timed(kind, told.sent_at, told.answered_at)


def said_of(told: Told) -> str:
    """Return what a message says of a request."""
    return f"{told.operation} at {told.sent_at:.4f} to {told.answered_at:.4f}"


def _uses_of_hold(told: HoldTold, hold_seconds: float) -> Iterable[Timed[Use]]:
    tickets, number, said = (told.date, told.lines), told.operation.number, said_of(told)
    match told.outcome:
        case "held":
            yield _timed(told, Use(kind="make", name=told.name, tickets=tickets, said=said))
        case "replayed":
            yield _timed(told, Use(kind="replay", name=told.name, tickets=tickets, said=said))
        case "other tickets":
            yield _timed(told, Use(kind="refuse for other tickets", tickets=tickets, said=said))
        case "refused":
            yield _timed(told, Use(kind="refuse for lack", said=said))
        case "unknown":
            yield _timed(told, Use(kind="may make", request=number, tickets=tickets, said=said))
            yield Timed(Use(kind="may lapse", request=number), told.sent_at + hold_seconds)


def _uses_of_use(told: UseTold) -> Iterable[Timed[Use]]:
    kind: UseKind
    match told.verb, told.outcome:
        case _, "busy":
            return
        case _, "gone":
            kind = "is gone"
        case "look", "done":
            kind = "is held" if told.reference is None else "is paid"
        case "pay", "done":
            kind = "pay"
        case "release", "done":
            kind = "release"
        case "pay" | "release", "paid otherwise":
            kind = "is paid otherwise"
        case "pay", "unknown":
            kind = "pay"
        case "release", "unknown":
            kind = "release"
        case _:
            return
    yield _timed(told, Use(kind=kind, name=told.name, reference=told.reference or "", said=said_of(told)))


def _seen(stored: Stored, name: str) -> Iterable[Timed[Use]]:
    """Return what the database tells of a reservation; of an unpaid one, nothing once its deadline is near or over."""
    row = stored.rows.get(name)
    if row is None:
        use = Use(kind="is gone", name=name, said="stored: gone")
    elif row.reference is not None:
        use = Use(kind="is paid", name=name, reference=row.reference, said=f"stored: paid with {row.reference}")
    elif row.expires_at > stored.ended_at:
        use = Use(kind="is held", name=name, said="stored: held")
    else:
        return
    yield Timed(use, stored.begun_at, stored.ended_at)


def _turns(told: ChangeTold) -> Iterable[Timed[Turn]]:
    changes, said = told.operation.changes, said_of(told)
    match told.outcome:
        case "done":
            turn = Turn(kind="change", changes=changes, offer=told.offer, said=said)
        case "below sold":
            turn = Turn(kind="refuse", changes=changes, sold=told.sold, said=said)
        case "unknown":
            turn = Turn(kind="may change", changes=changes, said=said)
        case _:
            return
    yield Timed(turn, told.sent_at, told.answered_at)
