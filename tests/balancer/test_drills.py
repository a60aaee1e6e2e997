"""What a drill is judged by: a harmless one may not be noticed, a control must be, and no answer may be untrue."""

import io

import pytest
from rich.console import Console

from tests.balancer.__main__ import chosen_or_exit
from tests.balancer.balancers import HAPROXY_BY_EVENT, NGINX, WAYS
from tests.balancer.drills import DRILLS, Drill, findings, noticed
from tests.torture.results import Counts

ROLLING, *_, KILLED = DRILLS


@pytest.mark.parametrize("counts", [Counts(busy=1), Counts(busy_later=1), Counts(no_answer=1)])
def test_control_one_failed_request_fails_a_harmless_drill(counts: Counts) -> None:
    assert noticed(counts) == 1
    assert ROLLING.harmless
    assert findings(ROLLING, counts, [])
    assert findings(ROLLING, Counts(holds=9), []) == []


def test_control_a_control_that_nobody_noticed_fails() -> None:
    assert KILLED.is_control
    assert findings(KILLED, Counts(holds=9), [])
    assert findings(KILLED, Counts(no_answer=1), []) == []


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_control_what_is_untrue_fails_every_drill(drill: Drill) -> None:
    assert findings(drill, Counts(no_answer=1), ["a ticket was sold twice"])


def test_drills_are_chosen_by_parts_of_their_titles() -> None:
    assert len(chosen_or_exit([], Console())) == len(WAYS) * len(DRILLS)
    assert chosen_or_exit(["nginx rolling"], Console()) == [(NGINX, ROLLING)]
    assert [balancer for balancer, _ in chosen_or_exit(["by-event"], Console())] == [HAPROXY_BY_EVENT] * len(DRILLS)


@pytest.mark.parametrize("only", [["rollling"], ["nginx rolling", "apache"]])
def test_control_drills_that_a_name_does_not_fit_have_not_passed(only: list[str]) -> None:
    told = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        chosen_or_exit(only, Console(file=told))
    assert ended.value.code == 1
    assert only[-1] in told.getvalue()
