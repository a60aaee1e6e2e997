"""The simulation keeps the operational laws, and forms flights as the service itself does."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from functools import partial

import msgspec
import pytest

from bench.capacity.planning import fixed_point
from bench.capacity.processors import Clock, Machine, Thread
from bench.capacity.queues import Queues
from bench.capacity.simulation import Layout, simulate
from bench.capacity.values import Cost, Model, Work
from boxoffice.booking.flights import Flights
from boxoffice.booking.passengers import Boarded
from tests.bench.models import MODEL, asked

ONLY_HOLDS = Model(
    costs={"web": Cost(holds=60e-6), "database": Cost(holds=30e-6), "generator": Cost(holds=10e-6)},
    wait_seconds=0.0,
    chained=0.3,
    rows_of_date=2,
)


@pytest.mark.parametrize(("processors", "seconds"), [(1.0, 2.0), (2.0, 1.0), (4.0, 1.0), (0.5, 4.0)])
def test_threads_share_processors_and_none_has_two(processors: float, seconds: float) -> None:
    machine = Machine(processors)
    clock, ended = Clock(machine), Counter[str]()

    def end(name: str) -> None:
        ended[name] = round(1000 * clock.now)

    for name in ("first", "second"):
        Thread(machine, name).do(1.0, partial(end, name))
    clock.run(10)
    assert ended == {"first": 1000 * seconds, "second": 1000 * seconds}
    assert clock.used == pytest.approx({"first": 1.0, "second": 1.0})


def test_a_thread_does_one_thing_after_the_other_and_delays_pass_beside() -> None:
    machine = Machine(2)
    clock, thread, seen = Clock(machine), Thread(machine, "web"), list[tuple[str, float]]()
    clock.after(0.5, lambda: thread.do(1.0, lambda: seen.append(("urgent", clock.now)), first=True))
    thread.do(1.0, lambda: seen.append(("first", clock.now)))
    thread.do(1.0, lambda: seen.append(("second", clock.now)))
    clock.run(2.5)
    assert seen == [("first", 1.0), ("urgent", 2.0)]
    clock.run(5)
    assert seen[-1] == ("second", 3.0)


def test_one_buyer_takes_the_sum_of_all_times() -> None:
    found = simulate(MODEL, Layout(asked=asked(connections=1), processors=2, network_seconds=0.001))
    alone = Work(flights=1, holds=1, tickets=2, rows=2)
    parts = sum(MODEL.costs[part].of(alone) for part in ("web", "database", "generator"))
    assert found.rate == pytest.approx(1 / (parts + MODEL.wait_seconds + 0.001), rel=0.01)
    assert found.flight_holds == 1


@pytest.mark.parametrize(
    ("processors", "workers", "rate"),
    [(0.5, 1, 5_000), (1, 1, 10_000), (8, 1, 16_667), (1.5, 2, 15_000), (8, 2, 33_333)],
)
def test_the_busiest_thing_decides(processors: float, workers: int, rate: float) -> None:
    """100 us of all processors for a hold, 60 of them in a process that has one thread."""
    found = simulate(
        ONLY_HOLDS, Layout(asked=asked(workers=workers, dates=50, connections=512), processors=processors), 0.3
    )
    assert found.rate == pytest.approx(rate, rel=0.04)


@pytest.mark.parametrize(
    "changes",
    [{}, {"workers": 2}, {"tickets": 8}, {"dates": 100}, {"events": 20}, {"per_second": 2_000.0}],
    ids=str,
)
def test_what_is_used_is_the_rate_times_what_a_hold_takes(changes: Mapping[str, object]) -> None:
    """The utilisation law, with nothing beyond what there is."""
    configuration = asked(**changes)
    found = simulate(MODEL, Layout(asked=configuration, processors=2), 0.5)
    flights = found.rate / found.flight_holds
    work = Work(seconds=1, flights=flights, holds=found.rate, tickets=found.rate * configuration.tickets)
    one_date = configuration.dates == configuration.events == 1
    for part in ("web", "database", "kernel", "generator"):
        cost = MODEL.costs[part]
        idle = cost.seconds * (configuration.workers if part == "web" else 1)
        wanted = idle + cost.of(msgspec.structs.replace(work, seconds=0, rows=2 * flights))
        assert found.processors[part] >= wanted * 0.97
        assert not one_date or found.processors[part] <= wanted * 1.03
    assert sum(found.processors.values()) <= 2.05


def test_the_same_layout_gives_the_same_figures() -> None:
    layout = Layout(asked=asked(dates=20, per_second=3_000.0), processors=2)
    assert simulate(MODEL, layout, 0.2) == simulate(MODEL, layout, 0.2)


def test_processes_that_share_a_counter_row_wait_for_each_other() -> None:
    rate = {
        shards: simulate(MODEL, Layout(asked=asked(workers=4, shards=shards), processors=16), 0.2).rate
        for shards in (1, 2, 4)
    }
    assert rate[1] * 1.2 < rate[2] < rate[4] / 1.2


def test_a_database_of_its_own_adds_to_the_rate_and_a_network_takes_from_it() -> None:
    together = simulate(MODEL, Layout(asked=asked(workers=2), processors=2)).rate
    apart = Layout(asked=asked(workers=2), processors=2, database_processors=2, generator_beside=False)
    assert simulate(MODEL, apart).rate > 1.1 * together
    far = Layout(asked=asked(connections=4), processors=2, database_processors=2, network_seconds=0.005)
    assert simulate(MODEL, far).rate < 0.5 * simulate(MODEL, Layout(asked=asked(connections=4), processors=2)).rate


@pytest.mark.parametrize("per_second", [100.0, 1_000.0, 4_000.0])
def test_the_fixed_point_is_where_the_simulation_comes_to_rest(per_second: float) -> None:
    found = simulate(MODEL, Layout(asked=asked(per_second=per_second), processors=16), seconds=2)
    assert found.rate == pytest.approx(per_second, rel=0.1)
    assert fixed_point(MODEL, per_second) == pytest.approx(found.flight_holds, rel=0.15)


class Airport:
    """The service's own flights, with a flight in the air until it is told to land."""

    def __init__(self, *, seats: int, runways: int) -> None:
        self.flying: list[tuple[Boarded[tuple[int, int], None, None], asyncio.Future[None]]] = []
        self.buyers: set[asyncio.Task[None]] = set()
        self.flights: Flights[tuple[int, int], None, None] = Flights(
            self._fly,
            group_of=lambda key: key[0],
            runways=asyncio.Semaphore(runways),
            requests_max=seats,
            queue_max=1_000_000,
            wait_ms_max=60_000,
        )

    async def _fly(self, boarded: Boarded[tuple[int, int], None, None]) -> None:
        landing = asyncio.get_running_loop().create_future()
        self.flying.append((boarded, landing))
        await landing
        for passengers in boarded.values():
            for passenger in passengers:
                passenger.settle(None)

    async def arrive(self, event: int, date: int) -> None:
        self.buyers.add(asyncio.create_task(self.flights.join((event, date), None)))
        await settle()

    async def land(self, number: int) -> None:
        self.flying.pop(number)[1].set_result(None)
        await settle()

    @property
    def aboard(self) -> list[dict[int, int]]:
        return [{key[1]: len(people) for key, people in boarded.items()} for boarded, _ in self.flying]


async def settle() -> None:
    """Let everything run that can."""
    loop = asyncio.get_running_loop()
    for _ in range(12):
        turned = loop.create_future()
        loop.call_soon(turned.set_result, None)
        await turned


@pytest.mark.parametrize("seed", range(6))
async def test_flights_are_formed_as_the_service_forms_them(seed: int) -> None:
    chance = random.Random(seed)
    seats, runways = chance.choice([2, 4, 64]), chance.choice([1, 2, 4])
    airport = Airport(seats=seats, runways=runways)
    flying, together = list[tuple[int, Mapping[int, int]]](), 0
    queues = Queues(lambda event, aboard: flying.append((event, aboard)), seats=seats, runways=runways)
    for _ in range(150):
        if airport.flying and chance.random() < 0.3:
            number = chance.randrange(len(airport.flying))
            await airport.land(number)
            queues.land(*flying.pop(number))
        else:
            event = chance.randrange(3)
            date = 10 * event + chance.randrange(4)
            await airport.arrive(event, date)
            queues.arrive(event, date)
        queues.board()
        assert airport.aboard == [dict(aboard) for _, aboard in flying]
        together += any(len(aboard) > 1 for aboard in airport.aboard)
    assert together  # or nothing but single dates would have been compared
    while airport.flying:
        await airport.land(0)
    await asyncio.gather(*airport.buyers)
