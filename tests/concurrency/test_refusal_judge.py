"""The judge of refusals, shown answers that are true, too old, or never true."""

import math

import pytest

from tests.concurrency.refusal_judge import Judge, Refusal, Stay

CAPACITY = 10
LIMITS = {1: 6, 2: 8}
FULL = Stay(lines={1: 6, 2: 4}, sent_at=1.0, held_at=1.1, leaving_at=2.0, gone_at=2.1)
"""The whole date: certainly from 1.1 to 2.0, possibly from 1.0 to 2.1."""


def age(*stays: Stay, lines: dict[int, int], sent_at: float, answered_at: float) -> float:
    """Return what the judge says of one refusal."""
    refusal = Refusal(lines=lines, sent_at=sent_at, answered_at=answered_at)
    return Judge(CAPACITY, LIMITS, stays).age_at_least(refusal)


@pytest.mark.parametrize(
    ("sent_at", "answered_at", "expected"),
    [
        (1.5, 1.6, 0),  # while it is full
        (0.5, 1.01, 0),  # it may have become full just before
        (2.05, 2.5, 0),  # it may still be full, the release is not answered
        (2.6, 2.7, 0.5),  # it has been empty for half a second
        (0.5, 0.9, math.inf),  # it has never been full
    ],
)
def test_a_refusal_is_as_old_as_the_last_moment_at_which_it_was_true(
    sent_at: float, answered_at: float, expected: float
) -> None:
    assert age(FULL, lines={1: 1}, sent_at=sent_at, answered_at=answered_at) == pytest.approx(expected)


def test_what_fits_beside_the_others_was_refused_for_nothing() -> None:
    some = Stay(lines={2: 7}, sent_at=1.0, held_at=1.1)
    assert age(some, lines={1: 3}, sent_at=1.5, answered_at=1.6) == math.inf
    assert age(some, lines={1: 4}, sent_at=1.5, answered_at=1.6) == 0
    assert age(some, lines={2: 1}, sent_at=1.5, answered_at=1.6) == math.inf
    assert age(some, lines={2: 2}, sent_at=1.5, answered_at=1.6) == 0


def test_holds_that_were_never_in_force_together_do_not_add_up() -> None:
    first = Stay(lines={2: 6}, sent_at=1.0, held_at=1.1, leaving_at=1.2, gone_at=1.3)
    later = Stay(lines={2: 6}, sent_at=1.4, held_at=1.5)
    assert age(first, later, lines={1: 4}, sent_at=1.25, answered_at=1.6) == math.inf
    assert age(first, later, lines={1: 5}, sent_at=1.25, answered_at=1.6) == 0
    overlapping = Stay(lines={1: 1}, sent_at=1.28, held_at=1.5)
    assert age(first, overlapping, lines={1: 4}, sent_at=1.45, answered_at=1.6) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("lines", "sent_at", "held_at", "too_much"),
    [
        ({1: 1}, 1.2, 1.9, True),  # the whole date was held all the time
        ({1: 1}, 1.05, 1.9, False),  # it may have been first
        ({1: 1}, 1.2, 2.05, False),  # it may have come after the release
        ({1: 7}, 3.0, 3.1, True),  # more than there are of its type
    ],
)
def test_a_hold_beside_what_was_certainly_in_force(
    lines: dict[int, int], sent_at: float, held_at: float, too_much: bool
) -> None:
    stay = Stay(lines=lines, sent_at=sent_at, held_at=held_at)
    judge = Judge(CAPACITY, LIMITS, [FULL, stay])
    assert judge.is_too_much(stay) is too_much
    assert not judge.is_too_much(FULL)
