"""Control: the auditor, shown a story by hand and what is stored of it; with each thing made wrong, it must say so."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.simulation.auditor import audit
from tests.simulation.event_model import Counted, Counters, Offer
from tests.simulation.operations import Change, Hold, Lines, Pay, Release, Repeat, Scenario
from tests.simulation.stored import Row, Stored
from tests.simulation.story import ChangeTold, HoldTold, Story, Tickets, Told, UseTold

FOUR = Offer(Counted(4, 2), (Counted(3, 1), Counted(None, 1)))
FIVE = FOUR._replace(total=Counted(5, 2))
HELD_SECONDS = 1.0


def tickets(name: str, *kinds: int) -> Tickets:
    return frozenset((f"{name}{place}", kind) for place, kind in enumerate(kinds))


def hold(number: int, lines: Lines, sent_at: float, *, key: int = 0) -> HoldTold:
    """A hold that is refused, until something else is said of it."""
    operation = Hold(number=number, client=0, service=0, date=0, lines=lines, key=key)
    return HoldTold(
        operation=operation,
        sent_at=sent_at,
        answered_at=sent_at + 0.1,
        date=0,
        lines=lines,
        key=key,
        outcome="refused",
    )


def held(told: HoldTold, name: str) -> HoldTold:
    kinds = [kind for kind, units in told.lines for _ in range(units)]
    return replace(told, outcome="held", name=name, expires_at=told.sent_at + 1.05, tickets=tickets(name, *kinds))


FIRST = held(hold(1, ((0, 2),), 1.0, key=1), "a")
AGAIN = replace(
    FIRST, operation=Repeat(number=2, client=0, service=1, of=1, at_once=False), sent_at=1.2, answered_at=1.3,
    outcome="replayed",
)  # fmt: skip
PAID = UseTold(
    operation=Pay(number=3, client=0, service=0, of=1, reference="payment 1"), sent_at=1.4, answered_at=1.5,
    verb="pay", name="a", outcome="done", reference="payment 1", tickets=FIRST.tickets,
)  # fmt: skip
SECOND = held(hold(4, ((1, 2),), 1.2), "b")
REFUSED = hold(5, ((1, 1),), 1.5)
LET_GO = UseTold(
    operation=Release(number=6, client=0, service=0, of=4), sent_at=1.7, answered_at=1.8, verb="release", name="b",
    outcome="done",
)  # fmt: skip
THIRD = held(hold(7, ((1, 1),), 1.9), "c")
PERHAPS_PAID = UseTold(
    operation=Pay(number=8, client=0, service=0, of=7, reference="payment 7"), sent_at=2.9, verb="pay", name="c",
    outcome="unknown", reference="payment 7",
)  # fmt: skip
RAISED = ChangeTold(
    operation=Change(number=9, client=0, service=0, changes=(Counters(place=-1, limit=5),)), sent_at=3.2,
    answered_at=3.3, outcome="done", offer=FIVE,
)  # fmt: skip
UNANSWERED = replace(hold(10, ((0, 1),), 3.4, key=10), outcome="unknown", answered_at=math.inf)

TOLD: Sequence[Told] = (FIRST, AGAIN, PAID, SECOND, REFUSED, LET_GO, THIRD, PERHAPS_PAID, RAISED, UNANSWERED)

SOLD = Row(name="a", date=0, key="key-1", reference="payment 1", expires_at=FIRST.expires_at, tickets=FIRST.tickets)
RACED = Row(name="c", date=0, key=None, reference="payment 7", expires_at=THIRD.expires_at, tickets=THIRD.tickets)
UNHEARD = Row(name="d", date=0, key="key-10", reference=None, expires_at=9.0, tickets=tickets("d", 0))


def stored(*rows: Row, offer: Offer = FIVE) -> Stored:
    return Stored(begun_at=6.0, ended_at=6.1, offer=offer, rows={row.name: row for row in rows}, faults=(), counters=4)


def faults(seen: Stored, told: Sequence[Told] = TOLD) -> list[str]:
    scenario = Scenario(seed=0, offer=FOUR, dates=1, clients=1, operations=[one.operation for one in told])
    return audit(scenario, Story(told=list(told)), [seen], HELD_SECONDS).faults


@pytest.mark.parametrize(
    "rows",
    [(SOLD, RACED), (SOLD,), (SOLD, UNHEARD), (SOLD, RACED, UNHEARD)],
    ids=["the payment won", "the deadline won", "an unanswered hold was made", "all of it"],
)
def test_what_is_possible_is_accepted(rows: Sequence[Row]) -> None:
    assert faults(stored(*rows)) == []


def test_a_refusal_may_rest_on_what_was_so_a_moment_ago() -> None:
    assert faults(stored(SOLD), [*TOLD, hold(11, ((1, 1),), 1.9)]) == []


def test_control_nothing_is_refused_for_what_was_back_when_nothing_was_held() -> None:
    told = [THIRD, hold(11, ((1, 4),), 3.4)]
    later = stored(offer=FOUR)
    assert faults(later, told) == []
    assert faults(replace(later, begun_at=3.0, ended_at=3.05), told)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(stored(RACED), id="a sale is missing"),
        pytest.param(stored(replace(SOLD, reference=None, expires_at=9.0)), id="a payment is lost"),
        pytest.param(stored(replace(SOLD, reference="payment 7")), id="another reference"),
        pytest.param(stored(replace(SOLD, tickets=tickets("x", 0, 0))), id="other tickets"),
        pytest.param(stored(replace(SOLD, tickets=tickets("a", 0))), id="a ticket is missing"),
        pytest.param(stored(replace(SOLD, key=None)), id="the key is forgotten"),
        pytest.param(stored(replace(SOLD, expires_at=9.0)), id="another deadline"),
        pytest.param(stored(replace(SOLD, date=1)), id="another date"),
        pytest.param(stored(SOLD, replace(RACED, reference="payment 1")), id="a reference that nobody sent"),
        pytest.param(
            stored(SOLD, replace(RACED, name="b", tickets=SECOND.tickets, expires_at=SECOND.expires_at)),
            id="what was let go is sold",
        ),
        pytest.param(stored(SOLD, replace(UNHEARD, key="key-11")), id="a hold that nobody asked for"),
        pytest.param(stored(SOLD, UNHEARD, replace(UNHEARD, name="e")), id="an unanswered hold made two"),
        pytest.param(stored(SOLD, replace(UNHEARD, reference="payment 1")), id="paid, though nobody knows it"),
        pytest.param(stored(SOLD, offer=FOUR), id="a change is lost"),
        pytest.param(stored(SOLD, offer=FIVE._replace(types=FOUR.types[::-1])), id="another change"),
        pytest.param(replace(stored(SOLD), faults=["a counter"]), id="a counter is wrong"),
    ],
)
def test_control_what_is_stored_wrongly_is_found(seen: Stored) -> None:
    assert faults(seen)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([*TOLD, hold(11, ((1, 1),), 5.0)], id="refused though there is room"),
        pytest.param([*TOLD, hold(11, ((1, 1),), 1.9, key=11)], id="a key is refused for what was so a moment ago"),
        pytest.param([*TOLD, held(hold(11, ((0, 1),), 1.35), "f")], id="held though there was no room"),
        pytest.param([*TOLD, held(hold(11, ((1, 1),), 4.0), "a")], id="one name, two reservations"),
        pytest.param(
            [*TOLD, replace(held(hold(11, ((1, 1),), 4.0), "f"), tickets=frozenset([("a0", 1)]))],
            id="one ticket, two reservations",
        ),
        pytest.param([*TOLD, held(hold(11, ((0, 2),), 4.0, key=1), "f")], id="one key, two reservations"),
        pytest.param([*TOLD, hold(11, ((0, 2),), 4.0, key=1)], id="the owner of a key is refused"),
        pytest.param([*TOLD, replace(LET_GO, sent_at=2.0, answered_at=2.1)], id="let go twice"),
        pytest.param([*TOLD, replace(LET_GO, name="a", sent_at=2.0, answered_at=2.1)], id="a sale is let go"),
        pytest.param([*TOLD, replace(PAID, outcome="gone")], id="paid and gone"),
        pytest.param(
            [*TOLD, replace(PAID, sent_at=1.6, answered_at=1.7, verb="look", reference=None)],
            id="seen held, though paid",
        ),
        pytest.param(
            [*TOLD, replace(PAID, name="b", sent_at=1.85, answered_at=1.9, tickets=None)], id="paid after the release"
        ),
        pytest.param([*TOLD, replace(PAID, tickets=THIRD.tickets)], id="paid for other tickets"),
        pytest.param([*TOLD, replace(RAISED, outcome="below sold", sold=5)], id="refused to raise above what is sold"),
        pytest.param([*TOLD[:1], *TOLD[2:], replace(AGAIN, lines=((0, 1),))], id="a replay of other tickets"),
        pytest.param([*TOLD[1:]], id="a replay of what was never made"),
    ],
)
def test_control_what_is_told_wrongly_is_found(told: Sequence[Told]) -> None:
    assert faults(stored(SOLD), told)
