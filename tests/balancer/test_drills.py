"""What a drill is judged by: a harmless one may not be noticed, a control must be, and no answer may be untrue."""

import pytest

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
