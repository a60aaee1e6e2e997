"""Histograms count each value once, at the right bound; traffic counts each request once, by how it ended."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.counting import REASONS, SECONDS, Histogram, Traffic
from boxoffice.errors import DatePast, InvalidRequest, Overloaded, OverloadReason, SoldOut
from boxoffice.values import Left

INFINITY = float("inf")


def test_a_histogram_counts_at_or_below_each_bound() -> None:
    histogram = Histogram((1, 2, 5))
    for value in (0, 1, 1.5, 2, 5, 5.1, 100):
        histogram.add(value)
    assert list(histogram.cumulated()) == [(1, 2), (2, 4), (5, 5), (INFINITY, 7)]
    assert histogram.count == 7
    assert histogram.total == pytest.approx(114.6)


@given(st.lists(st.floats(min_value=0, max_value=10)))
def test_a_histogram_says_what_a_recount_says(values: list[float]) -> None:
    histogram = Histogram(SECONDS)
    for value in values:
        histogram.add(value)
    recounted = [(bound, sum(value <= bound for value in values)) for bound in (*SECONDS, INFINITY)]
    assert list(histogram.cumulated()) == recounted
    assert histogram.total == pytest.approx(sum(values))


def test_traffic_begins_with_every_reason_at_zero() -> None:
    assert Traffic().overloads == dict.fromkeys(get_args(OverloadReason), 0)


def test_each_refusal_is_counted_once_by_its_problem() -> None:
    traffic = Traffic()
    for error in (DatePast("Begun."), InvalidRequest("No."), InvalidRequest("No."), ValueError("a fault")):
        traffic.refused(error)
    ended = {outcome: number for outcome, number in traffic.outcomes.items() if number}
    assert ended == {"date_past": 1, "invalid_request": 2, "failed": 1}


@pytest.mark.parametrize("reason", REASONS)
def test_an_overload_is_counted_by_its_reason(reason: OverloadReason) -> None:
    traffic = Traffic()
    traffic.refused(Overloaded("Too much.", reason=reason))
    left = reason == "client_left"
    assert traffic.outcomes["client_left" if left else "overloaded"] == 1
    assert sum(traffic.outcomes.values()) == 1
    assert traffic.overloads == {each: int(each == reason and not left) for each in REASONS}


def test_overloads_of_one_reason_add_up() -> None:
    traffic = Traffic()
    for _ in range(3):
        traffic.refused(Overloaded("Too much.", reason=REASONS[0]))
    assert traffic.overloads[REASONS[0]] == 3


def test_what_is_sold_out_is_left_to_who_found_it_out() -> None:
    traffic = Traffic()
    traffic.refused(SoldOut(Left(available=0, types={})))
    assert sum(traffic.outcomes.values()) == 0


def test_a_flight_is_in_the_air_between_its_start_and_its_end() -> None:
    traffic = Traffic()
    traffic.took_off(3, 0.002)
    traffic.took_off(4, 0.2)
    assert traffic.flights_in_air == 2
    traffic.landed(0.01)
    assert traffic.flights_in_air == 1
    assert (traffic.flight_sizes.total, traffic.flight_sizes.count) == (7, 2)
    assert (traffic.flight_seconds.total, traffic.flight_seconds.count) == (0.01, 1)
    assert traffic.wait_seconds.total == pytest.approx(0.202)
