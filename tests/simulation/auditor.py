"""The auditor: works out from requests and answers alone what the database must hold, and compares.

Where the outcome cannot be known (payment against expiry, a connection that was cut, a 503 that says so), exactly the
possible ones are accepted: each key, each date and the event's offer must have an order of events in which every answer
is right, and which ends with what is stored. The rest is counting.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.simulation.date_history import DateHistory
from tests.simulation.date_model import DateModel, Limits, Step
from tests.simulation.event_model import EventModel, Offer, Turn
from tests.simulation.histories import histories_of_keys, history_of_offer
from tests.simulation.key_model import KeyModel, Use
from tests.simulation.linearizability import Timed, Verdict, check
from tests.simulation.operations import Lines, Scenario
from tests.simulation.player import key_text
from tests.simulation.stored import Row, Stored
from tests.simulation.story import HoldTold, Story, Tickets

What = TypeVar("What", Use, Turn, Step)
State = TypeVar("State", bound=Hashable)
STUCK_SHOWN_MAX = 6


@dataclass(slots=True, kw_only=True)
class Audit:
    """What was found wrong, and how much was compared."""

    faults: list[str] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)


def audit(scenario: Scenario, story: Story, stored: Sequence[Stored], hold_seconds: float) -> Audit:
    """Judge a story by what was stored at some moments after it, or while nothing but sales went on."""
    found = Audit(faults=list(story.faults))
    found.faults += _contradictions(story)
    _audit_keys(found, story, stored, hold_seconds)
    _audit_offer(found, scenario.offer, story, stored)
    for date in range(scenario.dates):
        _audit_date(found, scenario, date, story, stored, hold_seconds)
    for seen in stored:
        found.faults += [*seen.faults, *_rows(story, seen)]
        found.compared["reservations"] += len(seen.rows)
        found.compared["tickets"] += sum(len(row.tickets) for row in seen.rows.values())
        found.compared["counters"] += seen.counters
    return found


def _contradictions(story: Story) -> Iterator[str]:
    """Find reservations of which two answers tell different tickets, lines or deadlines, and tickets of two of them."""
    known: dict[str, HoldTold] = {}
    owners: dict[str, str] = {}
    for told in story.holds:
        if not told.name:
            continue
        first = known.setdefault(told.name, told)
        if _fixed(told) != _fixed(first):
            yield f"{told.name} is told twice, and differently: {first} and {told}"
        for ticket, _ in told.tickets:
            if owners.setdefault(ticket, told.name) != told.name:
                yield f"ticket {ticket} belongs to {told.name} and to {owners[ticket]}"
    for use in story.uses:
        if use.tickets is not None and use.tickets != known[use.name].tickets:
            yield f"{use.name} was told to have {known[use.name].tickets}, then {use.tickets}"


def _fixed(told: HoldTold) -> tuple[int, Lines, int, float, Tickets]:
    return told.date, told.lines, told.key, told.expires_at, told.tickets


def _audit_keys(found: Audit, story: Story, stored: Sequence[Stored], hold_seconds: float) -> None:
    for slot, history in histories_of_keys(story, stored, hold_seconds).items():
        verdict = check(history, KeyModel())
        found.compared["keys"] += 1
        if not verdict.right:
            found.faults.append(_said(f"what was told of {slot}", verdict, history))


def _audit_offer(found: Audit, offer: Offer, story: Story, stored: Sequence[Stored]) -> None:
    history = history_of_offer(story, stored)
    verdict = check(history, EventModel(offer))
    found.compared["changes"] += len(story.changes)
    if not verdict.right:
        found.faults.append(_said("what the event offers", verdict, history))


def _audit_date(
    found: Audit, scenario: Scenario, date: int, story: Story, stored: Sequence[Stored], hold_seconds: float
) -> None:
    total = scenario.offer.total.limit
    assert total is not None
    limits = Limits(total, tuple(one.limit for one in scenario.offer.types))
    history = DateHistory(story, date, len(limits.types), hold_seconds)
    for strict in (True, False):
        steps = history.steps(stored, strict=strict)
        verdict = check(steps, DateModel(limits))
        found.compared["steps of dates"] += len(steps) if strict else 0
        found.compared["steps of the search"] += verdict.steps
        if verdict.right:
            found.compared["dates, strictly" if strict else "dates, leniently"] += 1
            return
    found.faults.append(_said(f"what happened on date {date}", verdict, steps))


def _said(what: str, verdict: Verdict[State, What], history: Sequence[Timed[What]]) -> str:
    """Say how far the events can be put in order, and what cannot come next."""
    stuck = "\n    ".join(_event(one) for one in verdict.stuck[:STUCK_SHOWN_MAX])
    return (
        f"{what} is {verdict.kind}: {verdict.explained} of {len(history)} events can be put in order"
        f" ({verdict.steps} steps), up to {verdict.state}; none of these can follow:\n    {stuck}"
    )


def _event(one: Timed[What]) -> str:
    return f"{one.what.kind}: {one.what.said}, {one.begin:.4f} to {one.end:.4f}"


def _rows(story: Story, stored: Stored) -> Iterator[str]:
    """Find rows that are not as they were told, and rows that nobody asked for."""
    known = {told.name: told for told in story.holds if told.name}
    unanswered = Counter((told.date, told.lines, _key(told.key)) for told in story.holds if told.outcome == "unknown")
    for row in stored.rows.values():
        told = known.get(row.name)
        if told is not None:
            if (row.date, row.key, row.expires_at, row.tickets) != (
                told.date, _key(told.key), told.expires_at, told.tickets
            ):  # fmt: skip
                yield f"{row} was told to be {told}"
            continue
        asked = (row.date, _lines_of(row), row.key)
        unanswered[asked] -= 1
        if unanswered[asked] < 0 or row.reference is not None:
            yield f"{row} belongs to no request"


def _key(key: int) -> str | None:
    return key_text(key) if key else None


def _lines_of(row: Row) -> Lines:
    return tuple(sorted(Counter(kind for _, kind in row.tickets).items()))
