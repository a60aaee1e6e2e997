"""Moments: what is remembered is exact, and what is forgotten counts for everyone."""

from boxoffice.availability.moments import Moments

NEVER = float("-inf")


def test_a_subject_changed_last_when_it_was_noted_last() -> None:
    moments = Moments(10)
    assert moments.last("one") == NEVER
    moments.note("one", 1.0)
    moments.note("two", 2.0)
    moments.note("one", 3.0)
    assert (moments.last("one"), moments.last("two"), moments.last("three")) == (3.0, 2.0, NEVER)
    assert (moments.last("two", "one"), moments.last("one", "two"), moments.last()) == (3.0, 3.0, NEVER)
    assert len(moments) == 2


def test_one_that_is_forgotten_counts_for_every_subject() -> None:
    moments = Moments(2)
    for moment, subject in enumerate(("one", "two", "one", "three")):
        moments.note(subject, float(moment))
    assert len(moments) == 2
    assert (moments.last("five"), moments.last("one")) == (1.0, 2.0)  # "two" made way, for "one" was noted again
    moments.note("four", 4.0)
    assert (moments.last("five"), moments.last("three"), moments.last("four")) == (2.0, 3.0, 4.0)


def test_a_moment_for_all_takes_the_place_of_earlier_ones_and_never_falls() -> None:
    moments = Moments(10)
    moments.note("one", 5.0)
    moments.note_all(7.0)
    assert (moments.last("one"), moments.last("two"), len(moments)) == (7.0, 7.0, 0)
    moments.note_all(6.0)
    assert moments.last("one") == 7.0
    moments.note("one", 8.0)
    assert (moments.last("one"), moments.last("two")) == (8.0, 7.0)


def test_a_floor_never_falls_when_one_is_forgotten() -> None:
    moments = Moments(1)
    moments.note_all(9.0)
    moments.note("one", 1.0)
    moments.note("two", 2.0)
    assert moments.last("three") == 9.0
