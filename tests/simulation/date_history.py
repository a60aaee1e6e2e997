"""From the story to the history of one date, for the checker: what clients saw of holds, releases and payments there.

A refusal is right if at some moment between EXHAUSTED_SECONDS_MAX before its request and its answer there was no room.
One with an Idempotency-Key is never given from memory: it is right only between its own request and answer.

An expiry is an event of its own. The strict history has units back at the deadline: no refusal may rest on a hold
whose time is over. The lenient one has them back within LATE_SECONDS_MAX of it, and before the database was seen with
nothing held. What is right strictly is right leniently too, and is found so sooner; so the lenient history is looked at
only where the strict one is not right.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.simulation.date_model import Kind, Step
from tests.simulation.histories import deadlines, said_of
from tests.simulation.linearizability import Timed
from tests.simulation.operations import Lines
from tests.simulation.stored import Stored
from tests.simulation.story import ChangeTold, HoldTold, Story, UseTold

EXHAUSTED_SECONDS_MAX = 0.25
LATE_SECONDS_MAX = 2.0


class DateHistory:
    """One date's part of a story; `hold_seconds` is the least time for which anything is held."""

    def __init__(self, story: Story, date: int, types: int, hold_seconds: float) -> None:
        self._story = story
        self._date = date
        self._types = types
        self._hold_seconds = hold_seconds
        self._holds = [told for told in story.holds if told.date == date]
        names = dict.fromkeys(told.name for told in self._holds if told.name)
        self._places = {name: place for place, name in enumerate(names)}
        self._deadlines = deadlines(story)
        self._uses = [use for use in story.uses if use.name in self._places]

    def steps(self, stored: Sequence[Stored], *, strict: bool) -> list[Timed[Step]]:
        """Return the history, which ends with what was stored."""
        return [
            *self._made(strict=strict),
            *self._perhaps_made(),
            *(step for told in self._holds for step in self._told(told)),
            *(step for use in self._uses for step in self._used(use)),
            *self._fates(stored),
            *(step for told in self._story.changes for step in _changed(told)),
            *(step for seen in stored for step in self._seen(seen)),
        ]

    def _made(self, *, strict: bool) -> Iterator[Timed[Step]]:
        """Holds that somebody was told of, and their ends."""
        told_of: dict[str, list[HoldTold]] = {}
        for told in self._holds:
            if told.name:
                told_of.setdefault(told.name, []).append(told)
        first_uses: dict[str, float] = {}
        for use in self._uses:
            first_uses[use.name] = min(use.sent_at, first_uses.get(use.name, math.inf))
        for name, all_told in told_of.items():
            end, expires_at = self._deadlines[name]
            units = self._units(all_told[0].lines)
            next_at = min([first_uses.get(name, math.inf), expires_at, *self._sent_again(all_told)])
            like = ("hold", units) if next_at > end else None
            hold = Step(kind="hold", reservation=self._places[name], units=units, like=like, said=f"{name} is held")
            yield Timed(hold, self._asked_at(all_told), end)
            yield from self._ends(name, units, max(expires_at, end), strict=strict)

    def _asked_at(self, all_told: Sequence[HoldTold]) -> float:
        """Return when a hold was asked for at the earliest: where its maker was not answered, all who were not."""
        makers = [told.sent_at for told in all_told if told.outcome == "held"]
        key = all_told[0].key
        unanswered = [told.sent_at for told in self._holds if told.outcome == "unknown" and key and told.key == key]
        return min(makers or unanswered or [told.sent_at for told in all_told])

    def _sent_again(self, all_told: Sequence[HoldTold]) -> Iterable[float]:
        return [told.sent_at for told in all_told if told.outcome == "replayed"]

    def _ends(self, name: str, units: tuple[int, ...], end: float, *, strict: bool) -> Iterator[Timed[Step]]:
        place, (_, expires_at) = self._places[name], self._deadlines[name]
        if strict:
            yield Timed(Step(kind="expire", reservation=place, units=units, said=f"{name} expires"), expires_at, end)
            return
        yield Timed(Step(kind="deadline", reservation=place, said=f"{name} is over"), expires_at, end)
        back = Step(kind="give back", reservation=place, units=units, like=("back", units), said=f"{name} is back")
        yield Timed(back, expires_at, end + LATE_SECONDS_MAX)

    def _perhaps_made(self) -> Iterator[Timed[Step]]:
        """Holds that nobody was told of, and that may have been made all the same."""
        unknown = [told for told in self._holds if told.outcome == "unknown"]
        for place, told in enumerate(unknown, start=len(self._places)):
            units = self._units(told.lines)
            yield Timed(Step(kind="hold", reservation=place, units=units, said=said_of(told)), told.sent_at)
            lapse = Step(kind="expire", reservation=place, units=units, said=f"lapse of {said_of(told)}")
            yield Timed(lapse, told.sent_at + self._hold_seconds)

    def _told(self, told: HoldTold) -> Iterator[Timed[Step]]:
        """What an answer to a hold says besides."""
        if told.outcome == "replayed":
            live = Step(kind="is live", reservation=self._places[told.name], said=said_of(told))
            yield Timed(live, told.sent_at, told.answered_at)
        elif told.outcome == "refused":
            since = told.sent_at - (0 if told.key else EXHAUSTED_SECONDS_MAX)
            refusal = Step(kind="refuse", units=self._units(told.lines), said=said_of(told))
            yield Timed(refusal, since, told.answered_at)

    def _used(self, use: UseTold) -> Iterator[Timed[Step]]:
        """What an answer says of the state that a reservation was in."""
        kind: Kind
        match use.verb, use.outcome:
            case _, "gone":
                kind = "is gone"
            case _, "paid otherwise":
                kind = "is paid"
            case "look", "done":
                kind = "is held" if use.reference is None else "is paid"
            case "pay", "done":
                kind = "is paid"
            case _:
                return
        step = Step(kind=kind, reservation=self._places[use.name], said=said_of(use))
        in_time = kind == "is held"
        until = self._in_time(use.name, use.sent_at, use.answered_at) if in_time else use.answered_at
        yield Timed(step, use.sent_at, until)

    def _fates(self, stored: Sequence[Stored]) -> Iterator[Timed[Step]]:
        """What became of each reservation, as far as it is known of any moment.

        A payment is for good. So where one is known to have counted, it counted between the first request that may
        have been it and the first who knew, and before the deadline; where the reservation is gone, none has. A release
        that was answered was the only one; of those that were not, one may have been.
        """
        for name, place in self._places.items():
            uses = [use for use in self._uses if use.name == name]
            units = self._units_of(name)
            known = [use.answered_at for use in uses if _shows_payment(use)]
            known += [seen.ended_at for seen in stored if name in seen.rows and seen.rows[name].reference is not None]
            gone = any(use.outcome == "gone" for use in uses) or any(name not in seen.rows for seen in stored)
            tried = [use for use in uses if use.verb == "pay" and use.outcome in ("done", "unknown")]
            if tried and (known or not gone):
                paid = Step(kind="pay", reservation=place, said=f"{name} is paid")
                since = min(use.sent_at for use in tried)
                yield Timed(paid, since, self._in_time(name, since, min(known)) if known else math.inf)
            if not known:
                release = Step(kind="release", reservation=place, units=units, said=f"{name} is let go")
                yield from self._releases(name, uses, release)

    def _releases(self, name: str, uses: Sequence[UseTold], release: Step) -> Iterator[Timed[Step]]:
        done = [use for use in uses if use.verb == "release" and use.outcome == "done"]
        unknown = [use.sent_at for use in uses if use.verb == "release" and use.outcome == "unknown"]
        for use in done:
            yield Timed(release, use.sent_at, self._in_time(name, use.sent_at, use.answered_at))
        if unknown and not done:
            yield Timed(release, min(unknown))

    def _in_time(self, name: str, since: float, until: float) -> float:
        """Return when something has happened for which a reservation must be held: before its deadline too.

        Said so, a search need not go far to find that it has let a deadline pass too early.
        """
        return max(since, min(until, self._deadlines[name][1]))

    def _seen(self, seen: Stored) -> Iterator[Timed[Step]]:
        for name, place in self._places.items():
            row = seen.rows.get(name)
            if row is None:
                yield Timed(Step(kind="is gone", reservation=place, said="stored"), seen.begun_at, seen.ended_at)
            elif row.reference is not None:
                yield Timed(Step(kind="is paid", reservation=place, said="stored"), seen.begun_at, seen.ended_at)
        if all(row.reference is not None for row in seen.rows.values() if row.date == self._date):
            yield Timed(Step(kind="none is held", said="stored: nothing is held"), seen.begun_at, seen.ended_at)

    def _units_of(self, name: str) -> tuple[int, ...]:
        return self._units(next(told.lines for told in self._holds if told.name == name))

    def _units(self, lines: Lines) -> tuple[int, ...]:
        wanted: Mapping[int, int] = dict(lines)
        return tuple(wanted.get(place, 0) for place in range(self._types))


def _changed(told: ChangeTold) -> Iterator[Timed[Step]]:
    limits = tuple((one.place, one.limit) for one in told.operation.changes if one.limit != "as it is")
    if limits and told.outcome in ("done", "unknown"):
        yield Timed(Step(kind="change", limits=limits, said=said_of(told)), told.sent_at, told.answered_at)


def _shows_payment(use: UseTold) -> bool:
    """Tell whether an answer shows that a reservation is paid."""
    return use.outcome == "paid otherwise" or (use.outcome == "done" and use.reference is not None)
