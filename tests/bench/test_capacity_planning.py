"""Plans keep the utilisation law and what one machine can carry; a verdict fails for what was predicted wrongly."""

import math
import re
import socket
import socketserver
from collections.abc import Iterator
from threading import Thread

import msgspec
import pytest

from bench.capacity.documentation import BEGIN, END, sections, with_tables
from bench.capacity.planning import (
    BUSY_MAX,
    CITUS_FULL_SHARES,
    CITUS_SINGLE_SHARE,
    DATABASE_PROCESSORS,
    SHARDS,
    WEB_PROCESSORS,
    Routing,
    citus_share,
    cost_of_hold,
    database_seconds,
    end_of_event,
    fixed_point,
    needed,
    plan,
    rate_of_database,
    rows_allow,
)
from bench.capacity.queues import SEATS
from bench.capacity.relay import relay
from bench.capacity.values import Run, Work
from bench.capacity.verdict import failures
from tests.bench.capacity_results import DISK, point, results_of
from tests.bench.models import MODEL


def test_who_comes_seldom_flies_alone_and_a_crowd_fills_flights() -> None:
    assert fixed_point(MODEL, 0.01) == pytest.approx(1, abs=1e-3)
    assert fixed_point(MODEL, 1e6) == pytest.approx(SEATS)
    sizes = [fixed_point(MODEL, rate) for rate in (10, 100, 1_000, 5_000, 10_000, 20_000)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("routing", ["by event", "spread"])
@pytest.mark.parametrize("events", [1, 30, 1_000])
@pytest.mark.parametrize("rate", [1_000.0, 10_000.0, 300_000.0])
def test_a_plan_has_the_processors_that_its_holds_take(rate: float, events: int, routing: Routing) -> None:
    found, machines = plan(MODEL, rate, events, routing, DISK), needed(MODEL, rate, events, routing, DISK)
    web = rate * cost_of_hold(MODEL, "web", found.flight_holds)
    database = rate * database_seconds(MODEL, found.flight_holds, distributed=machines.database > 1)
    assert web <= BUSY_MAX * WEB_PROCESSORS * machines.web
    assert database <= BUSY_MAX * DATABASE_PROCESSORS * machines.database
    assert found.wal_bytes_per_second <= BUSY_MAX * DISK
    least = math.ceil(rate * cost_of_hold(MODEL, "database", SEATS) / BUSY_MAX / DATABASE_PROCESSORS)
    assert least <= found.database_machines <= machines.database
    assert found.possible == (found.database_machines <= events)


def test_more_holds_take_more_machines_and_a_balancer_by_event_saves_some() -> None:
    for events in (1, 100, 10_000):
        plans = [plan(MODEL, rate, events, "by event", DISK) for rate in (1e4, 1e5, 1e6)]
        assert [each.database_machines for each in plans] == sorted(each.database_machines for each in plans)
        spread = [plan(MODEL, rate, events, "spread", DISK) for rate in (1e4, 1e5, 1e6)]
        assert all(one.database_machines <= other.database_machines for one, other in zip(plans, spread, strict=True))
    assert plan(MODEL, 1e5, 10, "by event", DISK).flight_holds > 2 * plan(MODEL, 1e5, 10, "spread", DISK).flight_holds


def test_one_event_is_never_on_two_machines() -> None:
    end = end_of_event(MODEL, DATABASE_PROCESSORS, 16, DISK)
    assert plan(MODEL, 0.5 * end.processors, 1, "by event", DISK).possible
    assert not plan(MODEL, 1.5 * end.processors, 1, "by event", DISK).possible


def test_one_event_ends_at_the_least_of_three_things() -> None:
    assert end_of_event(MODEL, 1_000, 1_000, 1e6).rate == end_of_event(MODEL, 1_000, 1_000, 1e6).log
    assert end_of_event(MODEL, 1_000, 1, 1e15).rate == end_of_event(MODEL, 1_000, 1, 1e15).rows
    assert end_of_event(MODEL, 1, 1_000, 1e15).rate == end_of_event(MODEL, 1, 1_000, 1e15).processors
    assert end_of_event(MODEL, 8, 16, DISK).rows == pytest.approx(16 * end_of_event(MODEL, 8, 1, DISK).rows)


def test_a_database_carries_no_more_than_its_processors_and_more_of_fewer_events() -> None:
    rates = {events: rate_of_database(MODEL, 4, events, DISK) for events in (1, 10, 1_000)}
    assert rates[1] >= rates[10] >= rates[1_000] > 0
    single = BUSY_MAX * 4 / cost_of_hold(MODEL, "database", 1)
    full = BUSY_MAX * 4 / cost_of_hold(MODEL, "database", SEATS)
    assert rates[1_000] == pytest.approx(single, rel=0.1)
    assert rates[1] <= full * 1.001
    assert rate_of_database(MODEL, 64, 1, 1e6) == end_of_event(MODEL, 64, 1, 1e6).log
    assert rate_of_database(MODEL, 1_000, 1, 1e15) == end_of_event(MODEL, 1_000, SHARDS, 1e15).rows


def test_who_waits_longer_for_a_commit_lets_fewer_through() -> None:
    rates = [rows_allow(MODEL, 16, seconds) for seconds in (MODEL.wait_seconds, 0.001, 0.01)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == end_of_event(MODEL, 8, 16, DISK).rows
    assert rates[-1] < 16 * SEATS / 0.01
    assert rows_allow(MODEL, 64, 0.01) == pytest.approx(4 * rates[-1])


def test_more_machines_than_events_carry_nothing_and_are_said_to() -> None:
    rows = sections(results_of(point(1_000)))["machines spread"].splitlines()
    impossible = [row for row in rows if row.startswith("| 1,000,000 | 1 |")]
    assert [re.search(r"\| [\d,]+ for 1: \*\*no\*\* \| - \|", row) is not None for row in impossible] == [True]


def test_citus_keeps_of_single_holds_what_was_reported_and_more_of_full_flights() -> None:
    shares = [citus_share(holds) for holds in (1, 2, 8, 32, SEATS)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == pytest.approx((CITUS_SINGLE_SHARE, CITUS_FULL_SHARES[0]))
    plain = database_seconds(MODEL, 1, distributed=False)
    assert database_seconds(MODEL, 1, distributed=True) == pytest.approx(plain / CITUS_SINGLE_SHARE)


@pytest.mark.parametrize(
    ("predicted", "count"), [(1_000, 0), (1_199, 0), (801, 0), (1_201, 1), (799, 1), (math.nan, 1)]
)
def test_a_prediction_may_be_a_fifth_beside_what_was_measured(predicted: float, count: int) -> None:
    assert len(failures(results_of(point(predicted)))) == count


@pytest.mark.parametrize(("others", "decided"), [(0.25, True), (0.35, False)])
def test_nothing_is_decided_on_a_machine_that_others_use(others: float, decided: bool) -> None:
    run = Run(configuration="one-buyer", rate=1, work=Work(seconds=4), spent={}, others=4 * others)
    failed = failures(msgspec.structs.replace(results_of(point(1_000)), runs=[run]))
    assert failed == (
        [] if decided else [f"not decided: other programs took {others:.1f} processors of this machine meanwhile"]
    )


def test_what_was_fitted_shows_nothing() -> None:
    assert failures(results_of(point(1_000, fitted=True))) == ["nothing was predicted, so nothing is shown"]
    assert failures(results_of(point(9_000, fitted=True), point(1_000))) == []


def test_the_tables_stand_between_their_marks() -> None:
    found = results_of(point(1_100))
    bare = "\n".join(f"{BEGIN.format(name)}\n{END.format(name)}" for name in sections(found))
    text = with_tables(f"before\n{bare}\nafter", found)
    assert "| `hot-date`: one hot date (**predicted**) | 1,000 | 1,100 | +10% |" in text
    assert with_tables(text, found) == text
    assert "**The model holds.**" in text
    assert "**It is not shown that the model holds:** hot-date: 1,300" in sections(results_of(point(1_300)))["where"]
    with pytest.raises(ValueError, match="no marks"):
        with_tables("before\nafter", found)


class Echo(socketserver.BaseRequestHandler):
    """Sends everything back twice."""

    def handle(self) -> None:
        """Until the client has sent all."""
        while sent := self.request.recv(1_000):
            self.request.sendall(2 * sent)


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that answers what it is told, twice."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_relay_passes_everything_on_and_counts_it(echo: int) -> None:
    with relay(echo) as (port, counted):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client, client.makefile("rb") as answers:
            client.sendall(b"x" * 5_000)
            client.shutdown(socket.SHUT_WR)
            assert answers.read() == b"x" * 10_000
        assert (counted.to_server, counted.from_server) == (5_000, 10_000)
