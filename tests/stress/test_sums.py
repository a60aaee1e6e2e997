"""Each sum and each comparison with the truth, kept, and broken in every way that it is there for."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import pytest

from boxoffice.values import DateKey
from stress.events import Event, EventDate, Events, OfferedType
from stress.records import Acknowledged, End, Records, Story
from stress.sums import check_everything
from stress.truth import Booked, Truth
from stress.values import Fill, Moment
from tests.stress.results import CLEAN

TONIGHT = EventDate(date=dt.date(2027, 1, 1), start_time="20:00")
NORMAL = OfferedType(id=1, name="Normal")


def event(event_id: int) -> Event:
    """An event of one date with ten tickets."""
    return Event(event_id=event_id, dates=[TONIGHT], ticket_types=[NORMAL], max_tickets=10, shards=2)


EVENTS = Events(hot=event(1), many=[event(2)], sold_out=event(3))
KEY = DateKey(1, dt.date(2027, 1, 1), dt.time(20))
PAID, LET_GO, HELD = Acknowledged(held=True, paid=True), Acknowledged(held=True, let_go=True), Acknowledged(held=True)


def story(end: End, acknowledged: Acknowledged, reservation: str | None = None) -> Story:
    """A buyer of two tickets of the hot date."""
    name = f"{end}-{reservation}"
    return Story(buyer=name, event_id=1, tickets=2, end=end, reservation=reservation, acknowledged=acknowledged)


STORIES = (
    story("paid", PAID, "1-a"),
    story("paid", PAID, "1-b"),
    story("let_go", LET_GO, "1-c"),
    story("walked_away", HELD, "1-d"),
    story("sold_out", Acknowledged()),
)
THERE: Mapping[str, Booked] = {"1-a": Booked(paid=True, tickets=2), "1-b": Booked(paid=True, tickets=2)}
TRUTH = Truth(reservations=THERE, tickets={KEY: 4}, removed=2)


def records(stories: Sequence[Story], buyers: int) -> Records:
    """What the generator wrote of these."""
    moment = Moment(second=0, counts={"buyers": buyers}, latency={})
    return Records(began=0, moments=[moment], histograms={}, stories=stories, reasons=Counter(), threads=1)


def broken(
    stories: Sequence[Story] = STORIES,
    *,
    truth: Truth = TRUTH,
    buyers: int | None = None,
    fills: Sequence[Fill] = (),
) -> dict[str, str]:
    """Return what each check that is not kept has found."""
    told = records(stories, len(stories) if buyers is None else buyers)
    checks = check_everything(told, EVENTS, truth, fills, [CLEAN])
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check.found for check in checks if not check.kept}


def truth(there: Mapping[str, Booked] = THERE, *, tickets: int = 4, removed: int | None = 2) -> Truth:
    return Truth(reservations=there, tickets={KEY: tickets}, removed=removed)


def test_stories_that_add_up_break_nothing() -> None:
    assert broken() == {}
    assert broken(truth=truth(removed=None)) == {}


@pytest.mark.parametrize("buyers", [4, 6])
def test_a_buyer_without_an_end_and_an_end_without_a_buyer(buyers: int) -> None:
    assert broken(buyers=buyers) == {"buyers": f"{buyers} buyers ≠ 4 held + 1 sold out + 0 failed"}


def test_a_hold_that_never_expired_was_lost() -> None:
    found = broken(truth=truth(removed=1))
    assert set(found) == {"holds"}
    assert found["holds"].startswith("4 held ≠ 2 paid + 0 expired + 1 let go")


def test_a_hold_that_nobody_was_told_of() -> None:
    assert set(broken(truth=truth(removed=3))) == {"holds"}


@pytest.mark.parametrize("end", ["failed", "refused_for_load"])
def test_a_buyer_whose_answer_was_lost_may_have_held(end: End) -> None:
    stories = [*STORIES, story(end, Acknowledged())]
    assert broken(stories, truth=truth(removed=2)) == {}
    assert broken(stories, truth=truth(removed=3)) == {}
    assert set(broken(stories, truth=truth(removed=4))) == {"holds"}


def test_an_acknowledged_hold_that_was_gone_when_its_buyer_came() -> None:
    found = broken([*STORIES, story("gone", HELD, "1-e")], truth=truth(removed=3))
    assert found == {"lost-holds": "1 acknowledged holds were lost: 1-e"}


def test_a_buyer_who_came_when_the_time_may_have_been_over_lost_nothing() -> None:
    late = msgspec.structs.replace(story("gone", HELD, "1-e"), late=True)
    assert broken([*STORIES, late], truth=truth(removed=3)) == {}


@pytest.mark.parametrize(
    "instead",
    [{}, {"1-b": Booked(paid=False, tickets=2)}, {"1-b": Booked(paid=True, tickets=1)}],
    ids=["gone", "unpaid", "with a ticket too few"],
)
def test_an_acknowledged_payment_that_is_not_there(instead: Mapping[str, Booked]) -> None:
    found = broken(truth=truth({"1-a": THERE["1-a"], **instead}))
    assert found["lost-payments"] == "1 acknowledged payments were lost: 1-b"


@pytest.mark.parametrize("tickets", [2, 6])
def test_tickets_that_are_not_those_of_paid_stories(tickets: int) -> None:
    assert broken(truth=truth(tickets=tickets)) == {
        "tickets": f"{tickets} tickets in the database, 4 in stories that were paid"
    }


@pytest.mark.parametrize("name", ["1-c", "1-d"])
def test_what_was_let_go_or_not_paid_is_still_there(name: str) -> None:
    found = broken(truth=truth({**THERE, name: Booked(paid=False, tickets=2)}))
    assert found == {"back-on-sale": f"1 reservations are still there: {name}"}


def test_a_payment_that_nobody_heard_of_may_have_happened() -> None:
    stories = [*STORIES, story("failed", HELD, "1-e")]
    there = {**THERE, "1-e": Booked(paid=True, tickets=2)}
    assert broken(stories, truth=truth(there, tickets=6)) == {}
    assert broken(stories, truth=truth(tickets=4, removed=3)) == {}


def test_a_reservation_in_nobodys_story() -> None:
    found = broken(truth=truth({**THERE, "1-z": Booked(paid=True, tickets=2)}))
    assert found == {"untold": "1 reservations are in nobody's story: 1-z"}


def test_a_date_that_is_oversold_in_the_end() -> None:
    assert (
        broken(truth=truth(tickets=11))["oversold"]
        == "1 looks found a date oversold: 11 tickets of 10 on 2027-01-01 of event 1"
    )


def test_a_shard_that_was_too_full_for_a_second() -> None:
    fills = [Fill(second=3, current=[5, 5], maxima=[5, 5]), Fill(second=4, current=[6, 3], maxima=[5, 5])]
    found = broken(fills=fills)
    assert found == {"oversold": "1 looks found a date oversold: 9 tickets of 10 on the hot date in second 4"}


def test_an_audit_that_is_not_clean() -> None:
    findings = [f"event 1, finding {number}" for number in range(1, 6)]
    audit = msgspec.structs.replace(CLEAN, clean=False, findings=findings)
    checks = check_everything(records(STORIES, 5), EVENTS, TRUTH, [], [audit])
    found = {check.name: check.found for check in checks if not check.kept}
    shown = "event 1, finding 1, event 1, finding 2, event 1, finding 3 and 2 more"
    assert found == {"audit-in-the-end": f"5 differences: {shown}"}
