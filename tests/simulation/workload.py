"""From a seed to a scenario: the same seed always gives the same operations, whatever the services do.

Seeds differ in what they do much of: one changes the event all the time, another one hardly ever pays, a third has a
single date and a single shard. What is rare in one is common in another.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypedDict

from tests.simulation.event_model import Counted, Counters, Offer
from tests.simulation.operations import Change, Hold, Lines, Look, Operation, Pay, Release, Repeat, Scenario

Weights: TypeAlias = Mapping[type[Operation], float]

SERVICES = 3
RECENT = 24
"""Operations belong to one of so many holds before them."""

USUAL: Weights = {Hold: 45, Repeat: 8, Pay: 18, Release: 14, Look: 9, Change: 1.5}
MOODS = (0.4, 1, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """What a seed does much of; shares are between 0 and 1."""

    weights: Weights
    cut: float
    keyed: float
    waits: float
    units_max: int


def scenario_of(seed: int, operations: int, *, services: int = SERVICES, one_date: bool = False) -> Scenario:
    """Return the scenario of a seed; of a single date that is never changed, if so wanted."""
    chance = random.Random(f"simulation/{seed}")
    types = chance.randint(1, 3)
    dates = 1 if one_date else chance.randint(1, 3)
    offer = _offer(chance, types, tickets=max(12, round(operations * chance.choice((0.15, 0.3, 0.5, 0.8)) / dates)))
    mood = _mood(chance, changes=not one_date)
    clients = chance.randint(6, 16)
    made = _Maker(chance, mood, offer, dates=dates, clients=clients, services=services)
    return Scenario(
        seed=seed,
        offer=offer,
        dates=dates,
        clients=clients,
        operations=[made.operation(number) for number in range(1, operations + 1)],
    )


def _offer(chance: random.Random, types: int, *, tickets: int) -> Offer:
    limits = [chance.choice((None, tickets, max(1, tickets * 2 // 3), max(1, tickets // 3))) for _ in range(types)]
    return Offer(
        Counted(tickets, chance.choice((1, 2, 3, 5, 8))),
        tuple(Counted(limit, chance.choice((1, 1, 2, 3, 6))) for limit in limits),
    )


def _mood(chance: random.Random, *, changes: bool) -> Mood:
    weights = {kind: weight * chance.choice(MOODS) for kind, weight in USUAL.items()}
    weights[Change] *= changes and chance.choice((0, 1, 3))
    return Mood(
        weights=weights,
        cut=chance.choice((0, 0.02, 0.05)),
        keyed=chance.choice((0, 0.3, 0.6)),
        waits=chance.choice((0.03, 0.08, 0.15)),
        units_max=chance.choice((2, 4, 6)),
    )


class _Common(TypedDict):
    number: int
    client: int
    service: int
    cut_after_ms: int | None


class _Maker:
    """Makes one operation after the other."""

    def __init__(
        self, chance: random.Random, mood: Mood, offer: Offer, *, dates: int, clients: int, services: int
    ) -> None:
        self._chance = chance
        self._mood = mood
        self._offer = offer
        self._dates = dates
        self._clients = clients
        self._services = services
        self._keyed: list[Hold] = []
        self._asked: list[int] = []

    def operation(self, number: int) -> Operation:
        kinds, weights = zip(*self._mood.weights.items(), strict=True)
        kind = self._chance.choices(kinds, weights)[0]
        if kind is Change:
            return Change(**self._common(number), changes=self._changes())
        if kind in (Hold, Repeat) or not self._asked:
            repeats = kind is Repeat and self._keyed
            made = self._repeat(number, self._chance.choice(self._keyed[-RECENT:])) if repeats else self._hold(number)
            self._asked.append(number)
            return made
        return self._use(number, kind, self._chance.choice(self._asked[-RECENT:]))

    def _common(self, number: int) -> _Common:
        cut = self._chance.choice((0, 0, 1, 3, 8)) if self._chance.random() < self._mood.cut else None
        return _Common(
            number=number,
            client=self._chance.randrange(self._clients),
            service=self._chance.randrange(self._services),
            cut_after_ms=cut,
        )

    def _hold(self, number: int) -> Hold:
        common = self._common(number)
        key = number if self._chance.random() < self._mood.keyed else 0
        made = Hold(**common, date=self._chance.randrange(self._dates), lines=self._lines(), key=key)
        if key:
            self._keyed.append(made)
        return made

    def _repeat(self, number: int, of: Hold) -> Repeat:
        other = self._lines() if self._chance.random() < 0.25 else None
        at_once = self._chance.random() < 0.5
        return Repeat(**self._common(number), of=of.number, at_once=at_once, other_lines=other)

    def _use(self, number: int, kind: type[Operation], of: int) -> Operation:
        common = self._common(number)
        waits = self._chance.random() < self._mood.waits
        after = self._chance.choice((-30, -8, -2, 0, 1, 4, 60, 400)) if waits else None
        if kind is Pay:
            reference = f"payment {of}" if self._chance.random() < 0.9 else f"other payment {number}"
            return Pay(**common, of=of, after_deadline_ms=after, reference=reference)
        return (Release if kind is Release else Look)(**common, of=of, after_deadline_ms=after)

    def _lines(self) -> Lines:
        types = len(self._offer.types)
        chosen = self._chance.choices(range(types), k=self._chance.randint(1, self._mood.units_max))
        return tuple((place, chosen.count(place)) for place in sorted(set(chosen)))

    def _changes(self) -> tuple[Counters, ...]:
        places = self._chance.sample(range(-1, len(self._offer.types)), self._chance.randint(1, 2))
        return tuple(self._counter(place) for place in sorted(places))

    def _counter(self, place: int) -> Counters:
        shards = self._chance.choice((None, 1, 2, 4, 7, 12))
        whole = self._offer.total.limit or 0
        limits: Sequence[int | None] = [max(1, round(whole * part)) for part in (0.4, 0.8, 1, 1.3)]
        if place >= 0:
            limits = [None, *limits]
        if shards is not None and self._chance.random() < 0.4:
            return Counters(place=place, shards=shards)
        return Counters(place=place, limit=self._chance.choice(limits), shards=shards)
