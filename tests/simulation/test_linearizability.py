"""The checker of linearizability and its model of a date, shown histories that are right and that are wrong."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.date_model import DateModel, DateState, Kind, Limits, Step
from tests.simulation.linearizability import Timed, check

LAST_ONE = Limits(1, (None,))
TWO_TYPES = Limits(3, (2, None))
WINDOW = 0.25
LATE = 2.0


def step(
    kind: Kind, begin: float, end: float = math.inf, *, of: int = -1, units: tuple[int, ...] = (1,)
) -> Timed[Step]:
    """Something that was asked for at `begin` and answered at `end`."""
    return Timed(Step(kind=kind, reservation=of, units=units), begin, end)


def refusal(sent_at: float, answered_at: float, *, units: tuple[int, ...] = (1,)) -> Timed[Step]:
    """A refusal, which may rest on what was so a moment ago."""
    return step("refuse", sent_at - WINDOW, answered_at, units=units)


def expiry(of: int, expires_at: float, *, units: tuple[int, ...] = (1,)) -> list[Timed[Step]]:
    """A deadline, and the units' return some time after it."""
    return [
        step("deadline", expires_at, expires_at, of=of),
        step("give back", expires_at, expires_at + LATE, of=of, units=units),
    ]


def verdict(limits: Limits, *history: Timed[Step]) -> str:
    return check(history, DateModel(limits)).kind


RIGHT: dict[str, tuple[Limits, list[Timed[Step]]]] = {
    "one after the other": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), refusal(3, 4), step("release", 5, 6, of=0), step("hold", 7, 8, of=1)],
    ),
    "a refusal while the last one is being held": (LAST_ONE, [step("hold", 1, 4, of=0), refusal(2, 3)]),
    "a refusal that rests on what was so a moment ago": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, 4, of=0), refusal(4.2, 4.3)],
    ),
    "a hold of what is being let go": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, 6, of=0), step("hold", 4, 5, of=1)],
    ),
    "a refusal before a release that was asked for long before": (
        Limits(2, (None,)),
        [step("hold", 1, 2, of=0), step("release", 3, 9, of=0), step("hold", 4, 5, of=1), refusal(6, 7)],
    ),
    "a hold after a release that was asked for before it": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, 9, of=0), refusal(4, 5), step("hold", 6, 7, of=1)],
    ),
    "a large hold waits for a release, a small one does not": (
        Limits(3, (None,)),
        [
            step("hold", 1, 2, of=0),
            step("hold", 3, 10, of=1, units=(2,)),
            step("hold", 3, 11, of=2),
            step("is held", 4, 5, of=2),
            step("release", 7, 20, of=0),
        ],
    ),
    "an expiry is late, and then somebody else has it": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), *expiry(0, 5), refusal(6.5, 6.6), step("hold", 6.7, 6.8, of=1)],
    ),
    "a refusal that rests on what was so just before nothing was held": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), *expiry(0, 5), step("none is held", 5.5, 5.6), refusal(5.7, 5.8)],
    ),
    "somebody holds before nothing was held, and somebody after it": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), *expiry(0, 5), step("none is held", 4, 6), step("hold", 4, 9, of=1)],
    ),
    "a payment before the deadline keeps the ticket": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("pay", 4.9, 5.5, of=0), *expiry(0, 5), refusal(9, 9.1)],
    ),
    "a hold that nobody was told of explains a refusal": (LAST_ONE, [step("hold", 1, of=0), refusal(2, 3)]),
    "a release that nobody was told of": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, of=0), step("hold", 4, 5, of=1)],
    ),
    "a type is full, another is not": (
        TWO_TYPES,
        [
            step("hold", 1, 2, of=0, units=(2, 0)),
            refusal(3, 4, units=(1, 0)),
            step("hold", 3, 4, of=1, units=(0, 1)),
            refusal(5, 6, units=(0, 1)),
        ],
    ),
    "limits are raised, and lowered to what they were": (
        LAST_ONE,
        [
            Timed(Step(kind="change", limits=((-1, 1),)), 1, 9),
            Timed(Step(kind="change", limits=((-1, 2),)), 1, 9),
            step("hold", 2, 3, of=0),
            step("hold", 4, 5, of=1),
            step("release", 6, 7, of=0),
            refusal(11, 12),
        ],
    ),
}

WRONG: dict[str, tuple[Limits, list[Timed[Step]]]] = {
    "a lost update: both have the last one": (LAST_ONE, [step("hold", 1, 4, of=0), step("hold", 2, 3, of=1)]),
    "oversold in total": (
        TWO_TYPES,
        [step("hold", 1, 2, of=0, units=(2, 0)), step("hold", 1, 2, of=1, units=(0, 2))],
    ),
    "oversold of a type": (TWO_TYPES, [step("hold", 1, 2, of=number, units=(1, 0)) for number in range(3)]),
    "refused although there was room all the time": (LAST_ONE, [refusal(1, 2), step("hold", 3, 4, of=0)]),
    "refused for what was so too long ago": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, 4, of=0), refusal(4.3, 4.4)],
    ),
    "refused for what expired too long ago": (LAST_ONE, [step("hold", 1, 2, of=0), *expiry(0, 5), refusal(7.3, 7.4)]),
    "refused for what was back when nothing was held": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), *expiry(0, 5), step("none is held", 5.5, 5.6), refusal(5.9, 6)],
    ),
    "nothing is held though somebody holds": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("none is held", 3, 4), *expiry(0, 5)],
    ),
    "refused though the type has room": (
        TWO_TYPES,
        [step("hold", 1, 2, of=0, units=(2, 0)), refusal(3, 4, units=(0, 1))],
    ),
    "a stale read: held after the release": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, 4, of=0), step("is held", 5, 6, of=0)],
    ),
    "a stale read: held after the payment": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("pay", 3, 4, of=0), step("is held", 5, 6, of=0)],
    ),
    "read in the wrong order: sold again, then still held": (
        LAST_ONE,
        [
            step("hold", 1, 2, of=0),
            step("release", 3, 20, of=0),
            step("hold", 4, 5, of=1),
            step("is held", 6, 7, of=0),
        ],
    ),
    "a lost hold": (LAST_ONE, [step("hold", 1, 2, of=0), step("is gone", 3, 4, of=0), *expiry(0, 5)]),
    "paid after the deadline": (LAST_ONE, [step("hold", 1, 2, of=0), *expiry(0, 5), step("pay", 5.1, 5.2, of=0)]),
    "sold again before the deadline": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("hold", 3, 4, of=1), *expiry(0, 5)],
    ),
    "a sale that expired": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("pay", 3, 4, of=0), *expiry(0, 5), step("hold", 6, 6.5, of=1)],
    ),
    "let go twice": (
        LAST_ONE,
        [step("hold", 1, 2, of=0), step("release", 3, 5, of=0), step("release", 4, 6, of=0)],
    ),
    "what is held is released once only": (
        Limits(2, (None,)),
        [
            *(step("hold", 1, 2, of=number) for number in range(2)),
            step("release", 3, 4, of=0),
            *(step("hold", 5, 6, of=number) for number in (2, 3)),
        ],
    ),
    "lowered below what is sold": (
        Limits(2, (None,)),
        [*(step("hold", 1, 2, of=number) for number in range(2)), Timed(Step(kind="change", limits=((-1, 1),)), 3, 4)],
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_history_is_accepted(name: str) -> None:
    limits, history = RIGHT[name]
    assert verdict(limits, *history) == "right"


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_history_is_refused(name: str) -> None:
    limits, history = WRONG[name]
    assert verdict(limits, *history) == "wrong"


def test_what_cannot_follow_is_named() -> None:
    found = check(WRONG["a lost update: both have the last one"][1], DateModel(LAST_ONE))
    assert (found.explained, [one.what.reservation for one in found.stuck]) == (1, [0])


def test_a_search_that_takes_too_long_is_undecided() -> None:
    holds = [step("hold", 1, 2, of=number, units=(number + 1,)) for number in range(10)]
    releases = [step("release", 3, 9, of=number, units=(number + 1,)) for number in range(10)]
    history = [*holds, *releases, step("refuse", 4, 8)]
    assert check(history, DateModel(Limits(100, (None,))), steps_max=100).kind == "undecided"
    assert check(history, DateModel(Limits(100, (None,)))).kind == "wrong"
    assert check(history, DateModel(Limits(55, (None,))), steps_max=100).kind == "right"


def test_hundreds_at_once_are_decided_without_a_step_back() -> None:
    holds = [step("hold", 0, 10, of=number) for number in range(150)]
    refusals = [refusal(1, 9) for _ in range(150)]
    releases = [step("release", 11, 20, of=number) for number in range(150)]
    found = check([*holds, *refusals, *releases], DateModel(Limits(150, (None,))))
    assert (found.kind, found.steps) == ("right", 450)


UNITS = st.sampled_from([(1, 0), (0, 1), (1, 1)])
MOMENTS = st.integers(0, 6)


@st.composite
def histories(draw: st.DrawFn) -> list[Timed[Step]]:
    """Draw a few holds, what becomes of them, and refusals; right and wrong ones, about as many of each."""
    history: list[Timed[Step]] = []
    kinds: list[Kind] = ["pay", "release", "expire", "deadline", "give back", "is held", "is paid", "is gone"]
    for reservation in range(draw(st.integers(1, 3))):
        units = draw(UNITS)
        begin = draw(MOMENTS)
        end = begin + draw(st.integers(0, 3))
        like = ("hold", units)
        history.append(Timed(Step(kind="hold", reservation=reservation, units=units, like=like), begin, end))
        for kind in draw(st.lists(st.sampled_from(kinds), max_size=2)):
            since = end + draw(st.integers(1, 3))
            until = draw(st.sampled_from((since, since + 2, since + 4, math.inf)))
            back = ("back", units) if kind == "give back" else None
            history.append(Timed(Step(kind=kind, reservation=reservation, units=units, like=back), since, until))
    for _ in range(draw(st.integers(0, 2))):
        begin = draw(MOMENTS)
        history.append(step("refuse", begin, begin + draw(st.integers(0, 3)), units=draw(UNITS)))
    for _ in range(draw(st.integers(0, 1))):
        begin = draw(st.integers(0, 12))
        history.append(step("none is held", begin, begin + draw(st.integers(0, 4)), units=()))
    return history


@settings(max_examples=200, derandomize=True)
@given(histories(), st.sampled_from([Limits(1, (None, None)), Limits(2, (1, None)), Limits(3, (2, 2))]))
def test_no_order_is_left_out_that_matters(history: list[Timed[Step]], limits: Limits) -> None:
    """Leaving orders out is right only if it never changes the verdict: all orders are tried beside it."""
    model = DateModel(limits)
    assert check(history, model).right == in_some_order(history, model, model.first)


def in_some_order(history: Sequence[Timed[Step]], model: DateModel, state: DateState) -> bool:
    """Try every order that the times allow."""
    if all(one.end == math.inf for one in history):
        return True
    first_end = min(one.end for one in history)
    for place, one in enumerate(history):
        if one.begin <= first_end:
            after = model.after(state, one.what)
            if after is not None and in_some_order([*history[:place], *history[place + 1 :]], model, after):
                return True
    return False
