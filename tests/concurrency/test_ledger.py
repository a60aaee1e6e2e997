"""The buyers' sums: a refusal must have been right at some moment since the look that it may rest on."""

import json

import pytest

from tests.concurrency.rush_ledger import LOOK_SECONDS_MAX, Ledger, now
from tests.concurrency.rush_line import Answer

NAME = "1-00"
TICKET = "00000000-0000-0000-0000-000000000001"


def answer(status: int, **content: object) -> Answer:
    return Answer(status=status, headers={}, body=json.dumps(content).encode())


MADE = answer(201, reservationId=NAME, expiresAt="2030-01-01T00:00:00Z", tickets=[{"id": TICKET, "tickettypeId": 1}])
REFUSED = answer(409, type="/problems/sold-out", detail="", left={"available": 0, "ticketTypes": []})


@pytest.mark.parametrize(("seconds_later", "is_fault"), [(0.0, False), (2 * LOOK_SECONDS_MAX + 60, True)])
def test_what_was_let_go_since_the_look_may_refuse_and_what_was_before_may_not(
    seconds_later: float, is_fault: bool
) -> None:
    ledger = Ledger(1, {1: 1})
    ledger.asked({1: 1})
    ledger.answered({1: 1}, now(), MADE)
    ledger.asked({1: 1})
    ledger.let_go(NAME)
    ledger.answered({1: 1}, now() + seconds_later, REFUSED)
    assert bool(ledger.faults) is is_fault
    assert ledger.claimed.total() == 0
