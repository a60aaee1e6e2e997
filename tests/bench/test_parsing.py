"""What other programs print is read as it is printed, and nothing is taken for a result that is none."""

from pathlib import Path

import pytest

from bench import h2load, load, pgbench, timetable
from bench.errors import CannotRun, Untrue
from bench.machine import mounted_on
from bench.timetable import Timed, Timetable

PGBENCH = """\
pgbench (18.6)
transaction type: hold.pgbench
scaling factor: 1
query mode: prepared
number of clients: 32
number of threads: 1
maximum number of tries: unlimited
duration: 10 s
number of transactions actually processed: 32514
number of failed transactions: 0 (0.000%)
number of transactions retried: 412 (1.267%)
total number of retries: 500
latency average = 9.846 ms
initial connection time = 61.205 ms
tps = 3250.112233 (without initial connection time)
"""
PGBENCH_LOG = ["0 1 1503 0 1764000000 1503", "0 2 2497 0 1764000000 4001", "0 3 9000 0 1764000000 13002"]
WRK = """\
Running 2s test @ http://127.0.0.1:8000
  1 threads and 256 connections
  5438 requests in 2.09s, 2.66MB read
counted {"seconds":2.090000,"statuses":{"201":5018,"503":420},"unanswered":{"connect":0,"read":0,"write":0,"timeout":0}}
"""
TWO_CLIENTS = Timetable(clients=2, per_client=10)


def test_the_report_of_pgbench() -> None:
    done = pgbench.parse_pgbench(PGBENCH)
    assert done == pgbench.Transactions(processed=32_514, failed=0, retried=412, per_second=3250.112233)


def test_pgbench_tells_what_it_gave_up() -> None:
    assert pgbench.parse_pgbench(PGBENCH.replace("failed transactions: 0", "failed transactions: 7")).failed == 7


@pytest.mark.parametrize("line", ["tps = ", "number of transactions actually processed"])
def test_a_report_without_its_figures_is_none(line: str) -> None:
    lines = [each for each in PGBENCH.splitlines() if not each.startswith(line)]
    with pytest.raises(CannotRun, match="no report"):
        pgbench.parse_pgbench("\n".join(lines))


def test_the_log_of_pgbench_holds_the_time_of_each_transaction() -> None:
    assert pgbench.parse_log(PGBENCH_LOG) == [1.503, 2.497, 9.0]


def test_an_empty_log_has_no_median() -> None:
    with pytest.raises(CannotRun, match="no transaction"):
        pgbench.parse_log([])


def test_a_url_becomes_the_environment_of_postgres_programs() -> None:
    told = pgbench.connection_of("postgresql://buyer:s%40fe@127.0.0.1:5433/shop")
    assert told == {
        "PGHOST": "127.0.0.1",
        "PGPORT": "5433",
        "PGUSER": "buyer",
        "PGPASSWORD": "s@fe",
        "PGDATABASE": "shop",
    }


def test_the_count_of_wrk() -> None:
    answers = load.parse_answers(WRK)
    assert answers.statuses == {201: 5018, 503: 420}
    assert answers.per_second(201) == pytest.approx(5018 / 2.09)
    assert answers.per_second(409) == 0


def test_wrk_without_a_count_measured_nothing() -> None:
    with pytest.raises(CannotRun, match="no count"):
        load.parse_answers(WRK.replace("counted", "found"))


@pytest.mark.parametrize(
    ("statuses", "unanswered", "said"),
    [
        ({201: 5, 500: 1}, {}, "1 x 500"),
        ({201: 5, 409: 2}, {}, "2 x 409"),
        ({201: 5}, {"timeout": 3}, "3 x timeout"),
        ({}, {}, "no answer at all"),
    ],
)
def test_an_answer_that_was_not_expected_fails_the_row(
    statuses: dict[int, int], unanswered: dict[str, int], said: str
) -> None:
    with pytest.raises(Untrue, match=said):
        load.check_answers(statuses, unanswered, frozenset({201, 503}))


def test_expected_answers_pass() -> None:
    load.check_answers({201: 5, 503: 1}, {"timeout": 0}, frozenset({201, 503}))


def line(start_ms: float, took_ms: float, status: int = 201) -> str:
    """One line of h2load's log."""
    return f"{1_700_000_000_000_000 + round(start_ms * 1000)}\t{status}\t{round(took_ms * 1000)}"


def test_a_request_on_time_has_the_latency_of_its_answer() -> None:
    log = [line(0, 5), line(50, 6), line(100, 7), line(150, 8)]
    timed = h2load.parse_log(log, TWO_CLIENTS)
    assert [each.latency_ms for each in timed] == pytest.approx([5, 6, 7, 8])
    assert [each.due_ms for each in timed] == pytest.approx([0, 50, 100, 150])


def test_a_request_that_left_late_has_waited_since_it_was_due() -> None:
    """The second client's first answer takes 180 ms, so its request of 150 ms leaves at 230 ms."""
    log = [line(0, 5), line(50, 180), line(100, 5), line(230, 5), line(200, 5), line(250, 5)]
    timed = h2load.parse_log(log, TWO_CLIENTS)
    assert sorted(each.due_ms for each in timed) == pytest.approx([0, 50, 100, 150, 200, 250])
    late = sum(each.sent_ms - each.due_ms for each in timed)
    assert late == pytest.approx(80)
    assert sum(each.latency_ms for each in timed) == pytest.approx(80 + 5 * 5 + 180)


def test_clients_that_begin_when_others_come_round_again_are_on_time() -> None:
    """Three clients, each every 100 ms; the third one begins at 110 ms, after the first one's second request."""
    log = [line(start, 5) for start in (0, 50, 100, 110, 150, 200, 210, 250, 300, 310)]
    timed = h2load.parse_log(log, Timetable(clients=3, per_client=10))
    assert [each.due_ms for each in timed] == pytest.approx([0, 50, 100, 110, 150, 200, 210, 250, 300, 310])


def test_what_is_late_when_another_begins_is_late() -> None:
    """What was due at 100 and 200 ms left 10 ms late; that the third client began at 130 ms is the kinder reading."""
    log = [line(start, 5) for start in (0, 50, 110, 130, 150, 210)]
    timed = h2load.parse_log(log, Timetable(clients=3, per_client=10))
    assert sum(each.sent_ms - each.due_ms for each in timed) == pytest.approx(20)


def test_control_without_the_timetable_the_late_start_would_be_lost() -> None:
    log = [line(0, 5), line(50, 180), line(100, 5), line(230, 5)]
    timed = h2load.parse_log(log, TWO_CLIENTS)
    assert sum(each.answered_ms - each.sent_ms for each in timed) < sum(each.latency_ms for each in timed)


def test_a_log_with_fewer_requests_than_clients_is_none() -> None:
    with pytest.raises(CannotRun, match="fewer requests"):
        h2load.parse_log([line(0, 5)], TWO_CLIENTS)


def test_clients_are_as_many_as_answers_are_awaited() -> None:
    table = timetable.timetable(1_000, answer_seconds=0.5)
    assert (table.clients, table.per_client) == (500, 2)
    assert table.per_second == pytest.approx(1_000)
    assert timetable.timetable(1_000_000, answer_seconds=1).clients == timetable.CLIENTS_MAX


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (Timetable(clients=20, per_client=5), ["--rate=1", "--rate-period=10ms"]),
        (Timetable(clients=500, per_client=10), ["--rate=5", "--rate-period=1ms"]),
        (Timetable(clients=140, per_client=10), ["--rate=4", "--rate-period=3ms"]),
        (Timetable(clients=465, per_client=10), ["--rate=9", "--rate-period=2ms"]),
    ],
)
def test_clients_start_evenly_over_one_interval(table: Timetable, options: list[str]) -> None:
    assert h2load.starts(table) == options


def test_even_arrivals_crowd_nowhere_and_bursts_do() -> None:
    table = Timetable(clients=10, per_client=10)
    even = [Timed(due_ms=10 * n, sent_ms=0, answered_ms=0, status=201) for n in range(100)]
    assert timetable.crowding(even, table, 20) == 1
    bursts = [Timed(due_ms=100 * (n // 10), sent_ms=0, answered_ms=0, status=201) for n in range(100)]
    assert timetable.crowding(bursts, table, 20) == 5


def test_what_was_sent_too_late_was_not_offered() -> None:
    punctual = [Timed(due_ms=50 * n, sent_ms=50 * n, answered_ms=50 * n + 5, status=201) for n in range(20)]
    late = [Timed(due_ms=50 * n, sent_ms=100 * n, answered_ms=100 * n + 5, status=201) for n in range(20)]
    assert timetable.offered_share(punctual, TWO_CLIENTS, 1) == pytest.approx(1)
    assert timetable.offered_share(late, TWO_CLIENTS, 1) == pytest.approx(0.55)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentiles_are_figures_that_were_found(share: float, expected: float) -> None:
    assert timetable.percentile([float(figure) for figure in range(100, 0, -1)], share) == expected


def test_the_file_system_is_that_of_the_longest_mount_point() -> None:
    mounts = "disk / ext4 rw 0 0\nshm /run tmpfs rw 0 0\ndisk2 /run/data\\040here xfs rw 0 0\n"
    assert mounted_on(Path("/srv/bench"), mounts) == "ext4"
    assert mounted_on(Path("/run/bench"), mounts) == "tmpfs"
    assert mounted_on(Path("/run/data here/bench"), mounts) == "xfs"
