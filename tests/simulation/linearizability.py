"""A checker of linearizability: did what clients saw happen in some order, one operation after the other?

Each operation took effect at one moment between its request and its answer; the checker looks for an order of those
moments in which every answer is the right one (Wing and Gong 1993). It remembers what it has tried (Lowe 2017), and
leaves out orders that differ only in what does not matter:

- an operation that changes nothing, and is right now, is taken now;
- so is one that may always go before all that could come before it (`goes_first`);
- of several that do the same (`twin`), the one that must end first is taken first.

A history that is right is nearly always found right without a step back. One that is wrong is searched through, up to
`steps_max`; beyond that it is undecided, which is told apart from right and from wrong.
"""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

STEPS_MAX = 20_000

State = TypeVar("State", bound=Hashable)
What = TypeVar("What")
What_contra = TypeVar("What_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Timed(Generic[What]):
    """An operation, and from when to when it was under way. Without an end nobody knows whether it ever took effect."""

    what: What
    begin: float
    end: float = math.inf


class Model(Protocol[State, What_contra]):
    """What is checked: one operation after the other on one state.

    An operation that leaves a state unchanged must leave all later ones unchanged too.
    """

    @property
    def first(self) -> State:
        """The state before everything."""
        ...

    def after(self, state: State, what: What_contra, /) -> State | None:
        """Return the state after an operation, None when it cannot have happened in this one."""
        ...

    def goes_first(self, one: What_contra, other: What_contra, /) -> bool:
        """Tell whether, wherever `other` and then `one` are right, `one` and then `other` are right and end alike."""
        ...

    def twin(self, what: What_contra, /) -> Hashable | None:
        """Return the same for operations that may stand for each other, None for one that is like no other."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Generic[State, What]):
    """What was found; of a history that is not right, the longest beginning that is, and what could not follow it."""

    kind: Literal["right", "wrong", "undecided"]
    steps: int
    explained: int
    state: State
    stuck: Sequence[Timed[What]]

    @property
    def right(self) -> bool:
        """Whether there is such an order."""
        return self.kind == "right"


def check(
    history: Sequence[Timed[What]], model: Model[State, What], *, steps_max: int = STEPS_MAX
) -> Verdict[State, What]:
    """Look for an order of the operations in which each is right."""
    return _Search(history, model).run(steps_max)


@dataclass(slots=True)
class _Place(Generic[State]):
    """A beginning of an order: the operations taken, as bits; all before `low` are; and what can follow."""

    done: int
    low: int
    state: State
    follows: Iterator[tuple[int, State]]


class _Search(Generic[State, What]):
    def __init__(self, history: Sequence[Timed[What]], model: Model[State, What]) -> None:
        self._history = sorted(history, key=lambda one: (one.begin, one.end))
        self._model = model
        self._due = sum(1 << place for place, one in enumerate(self._history) if one.end < math.inf)
        self._tried: set[tuple[int, State]] = set()

    def run(self, steps_max: int) -> Verdict[State, What]:
        deepest = self._place(0, 0, self._model.first)
        places = [deepest]
        steps = 0
        while places:
            here = places[-1]
            if here.done & self._due == self._due:
                return self._verdict("right", steps, here)
            if here.done.bit_count() > deepest.done.bit_count():
                deepest = here
            following = next(here.follows, None)
            if following is None:
                places.pop()
                continue
            place, state = following
            done = here.done | 1 << place
            if (done, state) in self._tried:
                continue
            if steps == steps_max:
                return self._verdict("undecided", steps, deepest)
            steps += 1
            self._tried.add((done, state))
            places.append(self._place(done, here.low, state))
        return self._verdict("wrong", steps, deepest)

    def _verdict(
        self, kind: Literal["right", "wrong", "undecided"], steps: int, here: _Place[State]
    ) -> Verdict[State, What]:
        stuck = [] if kind == "right" else [self._history[place] for place in self._next(here.done, here.low)]
        return Verdict(kind=kind, steps=steps, explained=here.done.bit_count(), state=here.state, stuck=stuck)

    def _place(self, done: int, low: int, state: State) -> _Place[State]:
        while done >> low & 1:
            low += 1
        return _Place(done, low, state, iter(self._follows(done, low, state)))

    def _next(self, done: int, low: int) -> list[int]:
        """Return all that began before anything else must have ended, the first to end first."""
        found, first_end = [], math.inf
        for place in range(low, len(self._history)):
            one = self._history[place]
            if done >> place & 1:
                continue
            if one.begin > first_end:
                break
            found.append(place)
            first_end = min(first_end, one.end)
        return sorted(found, key=lambda place: self._history[place].end)

    def _follows(self, done: int, low: int, state: State) -> list[tuple[int, State]]:
        """Return what can be taken next and the state after it, as few of them as are enough."""
        found: list[tuple[int, State]] = []
        twins: set[Hashable] = set()
        for place in self._next(done, low):
            one = self._history[place]
            after = self._model.after(state, one.what)
            if after is None:
                continue
            if after == state:
                if one.end < math.inf:
                    return [(place, after)]
                continue
            twin = self._model.twin(one.what)
            if twin is not None and twin in twins:
                continue
            twins.add(twin)
            found.append((place, after))
        return next(([one] for one in found if self._goes_first(one[0], done, low)), found)

    def _goes_first(self, place: int, done: int, low: int) -> bool:
        """Tell whether one may be taken now whatever else could come before it."""
        one = self._history[place]
        if one.end == math.inf:
            return False
        for other_place in range(low, len(self._history)):
            other = self._history[other_place]
            if other.begin > one.end:
                return True
            if other_place == place or done >> other_place & 1:
                continue
            if not self._model.goes_first(one.what, other.what):
                return False
        return True
