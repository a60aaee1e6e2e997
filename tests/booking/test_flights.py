"""Combining: by back-pressure, in turns, within bounds."""

import asyncio
import time
from collections.abc import Callable, Hashable

import pytest

from boxoffice.booking.flights import Flights
from boxoffice.booking.passengers import Boarded
from boxoffice.errors import Overloaded
from tests.waiting import turn_of_the_loop, until


def alone(key: str) -> Hashable:
    """Every key is a group of its own."""
    return key


def by_first_letter(key: str) -> Hashable:
    """Keys that begin alike may fly together."""
    return key[0]


class Airport:
    """Records what flies, and lets a flight land when told to."""

    def __init__(self) -> None:
        self.departures: list[dict[str, list[int]]] = []
        self.may_land = asyncio.Event()
        self.one_by_one = False

    async def fly(self, boarded: Boarded[str, int, int]) -> None:
        self.departures.append(
            {key: [passenger.request for passenger in passengers] for key, passengers in boarded.items()}
        )
        await self.may_land.wait()
        if self.one_by_one:
            self.may_land.clear()
        for passenger in (passenger for passengers in boarded.values() for passenger in passengers):
            if passenger.request < 0:
                raise ValueError("no such request")
            passenger.settle(passenger.request * 2)

    def flights(
        self,
        *,
        at_once: int = 1,
        requests_max: int = 100,
        queue_max: int = 100,
        group_of: Callable[[str], Hashable] = alone,
        wait_ms_max: int = 1_000,
    ) -> Flights[str, int, int]:
        return Flights(
            self.fly,
            group_of=group_of,
            runways=asyncio.Semaphore(at_once),
            requests_max=requests_max,
            queue_max=queue_max,
            wait_ms_max=wait_ms_max,
        )


async def joined(flights: Flights[str, int, int], key: str, *requests: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(flights.join(key, request)) for request in requests]
    await turn_of_the_loop()
    return tasks


async def test_an_idle_service_flies_at_once_and_those_who_wait_fly_together() -> None:
    airport = Airport()
    flights = airport.flights(requests_max=3)
    first = await joined(flights, "a", 1)
    assert airport.departures == [{"a": [1]}]
    rest = await joined(flights, "a", 2, 3, 4, 5)
    airport.may_land.set()
    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8, 10]
    assert airport.departures == [{"a": [1]}, {"a": [2, 3, 4]}, {"a": [5]}]
    assert flights.waiting == 0


async def test_keys_take_turns() -> None:
    airport = Airport()
    flights = airport.flights(requests_max=2)
    hot = await joined(flights, "hot", 1, 2, 3, 4, 5)
    quiet = await joined(flights, "quiet", 9)
    airport.may_land.set()
    await asyncio.gather(*hot, *quiet)
    assert [key for boarded in airport.departures for key in boarded] == ["hot", "quiet", "hot", "hot"]


async def test_a_key_never_has_two_flights_in_the_air() -> None:
    airport = Airport()
    flights = airport.flights(at_once=4, requests_max=2)
    tasks = await joined(flights, "a", 1, 2, 3, 4, 5)
    assert airport.departures == [{"a": [1, 2]}]
    airport.may_land.set()
    await asyncio.gather(*tasks)


async def test_keys_of_a_group_fly_together_and_groups_take_turns() -> None:
    airport = Airport()
    flights = airport.flights(group_of=by_first_letter)
    tasks = await joined(flights, "a1", 1)
    tasks += await joined(flights, "a2", 2)
    tasks += await joined(flights, "b1", 3)
    tasks += await joined(flights, "a3", 4, 5)
    tasks += await joined(flights, "a1", 6)
    airport.may_land.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10, 12]
    assert airport.departures == [{"a1": [1]}, {"a2": [2], "a3": [4, 5], "a1": [6]}, {"b1": [3]}]


async def test_a_key_boards_whole_or_leads_the_next_flight() -> None:
    airport = Airport()
    flights = airport.flights(requests_max=3, group_of=by_first_letter)
    tasks = await joined(flights, "a1", 1)
    tasks += await joined(flights, "a2", 2, 3)
    tasks += await joined(flights, "a3", 4, 5)
    tasks += await joined(flights, "a4", 6, 7, 8, 9)
    airport.may_land.set()
    await asyncio.gather(*tasks)
    assert airport.departures == [{"a1": [1]}, {"a2": [2, 3]}, {"a3": [4, 5]}, {"a4": [6, 7, 8]}, {"a4": [9]}]


async def test_a_group_uses_every_free_runway_for_keys_that_are_not_in_the_air() -> None:
    airport = Airport()
    flights = airport.flights(at_once=2, group_of=by_first_letter)
    tasks = await joined(flights, "a1", 1)
    tasks += await joined(flights, "a1", 2)
    tasks += await joined(flights, "a2", 3)
    assert airport.departures == [{"a1": [1]}, {"a2": [3]}]
    airport.may_land.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert airport.departures[2:] == [{"a1": [2]}]
    assert flights.waiting == 0


async def test_a_full_queue_refuses_at_once() -> None:
    airport = Airport()
    flights = airport.flights(queue_max=2)
    aboard = await joined(flights, "a", 1)
    waiting = await joined(flights, "a", 2, 3)
    with pytest.raises(Overloaded):
        await flights.join("b", 4)
    airport.may_land.set()
    assert await asyncio.gather(*aboard, *waiting) == [2, 4, 6]


async def after_a_long_turn() -> tuple[Airport, Flights[str, int, int], list[asyncio.Task[int]]]:
    """Return an airport whose first turn took more than 1.1 s and less than 2; a machine may stand still meanwhile."""
    while True:
        airport, asked = Airport(), time.monotonic()
        airport.one_by_one = True
        flights = airport.flights(requests_max=2, wait_ms_max=4_000)
        aboard = await joined(flights, "a", 1, 2, 3, 4, 5)
        began = time.monotonic()
        await until(lambda: time.monotonic() - began > 1.1)  # noqa: B023 - it is awaited here
        airport.may_land.set()
        await aboard[0]
        if time.monotonic() - asked < 2:
            return airport, flights, aboard
        airport.one_by_one = False
        airport.may_land.set()
        await asyncio.gather(*aboard)


async def test_a_request_that_would_wait_too_long_is_refused_at_once() -> None:
    airport, flights, aboard = await after_a_long_turn()
    # In half of the 4 s that a request may wait, just one more flight of two can leave before its own: whoever has four
    # or more ahead is refused, and one waits already.
    waiting = await joined(flights, "a", *range(100, 120))
    refused = [task for task in waiting if task.done()]
    assert 17 <= len(refused) < len(waiting)
    assert all(isinstance(task.exception(), Overloaded) for task in refused)
    quiet = await joined(flights, "b", 7)
    assert not quiet[0].done()
    airport.one_by_one = False
    airport.may_land.set()
    results = await asyncio.gather(*aboard, *waiting, *quiet, return_exceptions=True)
    assert sum(isinstance(result, Overloaded) for result in results) == len(refused)


async def test_what_waits_too_long_is_refused_and_does_not_fly() -> None:
    airport = Airport()
    flights = airport.flights()
    aboard = await joined(flights, "a", 1)
    (late,) = await joined(flights, "a", 2)
    assert flights.watch_once(time.monotonic()) == 0
    assert flights.watch_once(time.monotonic() + 1) == 1
    with pytest.raises(Overloaded):
        await late
    airport.may_land.set()
    await asyncio.gather(*aboard)
    assert airport.departures == [{"a": [1]}]


async def test_one_whose_client_has_gone_does_not_fly() -> None:
    airport = Airport()
    flights = airport.flights()
    aboard = await joined(flights, "a", 1)
    gone = asyncio.create_task(flights.join("a", 2, lambda: True))
    there = asyncio.create_task(flights.join("a", 3, lambda: False))
    cancelled = asyncio.create_task(flights.join("a", 4))
    await until(lambda: flights.waiting == 3)
    cancelled.cancel()
    airport.may_land.set()
    assert await asyncio.gather(*aboard, there) == [2, 6]
    with pytest.raises(Overloaded):
        await gone
    assert airport.departures == [{"a": [1]}, {"a": [3]}]


async def test_a_flight_that_fails_answers_all_its_passengers_and_the_next_one_flies() -> None:
    airport = Airport()
    flights = airport.flights()
    aboard = await joined(flights, "a", 1)
    failing = await joined(flights, "a", -1, 5)
    airport.may_land.set()
    results = await asyncio.gather(*aboard, *failing, return_exceptions=True)
    assert results[0] == 2
    assert all(isinstance(result, ValueError) for result in results[1:])
    assert await flights.join("a", 7) == 14


async def test_draining_answers_those_who_wait_and_refuses_those_who_come() -> None:
    airport = Airport()
    flights = airport.flights()
    aboard = await joined(flights, "a", 1, 2)
    draining = asyncio.create_task(flights.drain(5))
    await turn_of_the_loop()
    with pytest.raises(Overloaded):
        await flights.join("a", 3)
    airport.may_land.set()
    await draining
    assert await asyncio.gather(*aboard) == [2, 4]


async def test_draining_ends_within_its_bound_though_nothing_lands() -> None:
    airport = Airport()
    flights = airport.flights()
    aboard = await joined(flights, "a", 1)
    waiting = await joined(flights, "a", 2)
    await flights.drain(0.01)
    results = await asyncio.gather(*aboard, *waiting, return_exceptions=True)
    assert [isinstance(result, Overloaded) and result.outcome_unknown for result in results] == [True, False]
    assert [type(result) for result in results] == [Overloaded, Overloaded]


async def test_requests_that_fly_alone_do_not_wait_for_their_key() -> None:
    airport = Airport()
    flights = airport.flights(at_once=2, requests_max=1)
    tasks = await joined(flights, "a", 1, 2, 3)
    await until(lambda: len(airport.departures) == 2)
    assert (airport.departures, flights.waiting) == ([{"a": [1]}, {"a": [2]}], 1)
    airport.may_land.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert await flights.join("a", 4) == 8
    assert flights.waiting == 0
