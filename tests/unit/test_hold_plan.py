"""From requests to a plan: who has room is aboard, with tickets of its own; what is given up is room again."""

import datetime as dt

import pytest

from boxoffice.booking.passengers import Gate
from boxoffice.booking.values import Claim, Wanted
from boxoffice.hold_plan import Buyer, plan_holds, reservation_of, same_request
from boxoffice.values import DateKey
from tests.world import DATE, START, STARTS_AT, rooms_of

KEY = DateKey(7, DATE, START)


def buyer(*lines: tuple[int, int]) -> Buyer:
    return Buyer(Wanted(date_key=KEY, lines=lines), None, Gate())


async def test_who_has_room_is_aboard_in_order_and_the_others_are_left_out() -> None:
    rooms = rooms_of([3, 2], {1: [4], 2: [None]})
    first, large, last = buyer((1, 2), (2, 1)), buyer((1, 3)), buyer((2, 2))
    plan = plan_holds(KEY, rooms, [first, large, last])
    assert [one for one, _ in plan.aboard] == [first, last]
    assert (plan.date_key, plan.rooms) == (KEY, rooms)
    one, two = (hold for _, hold in plan.aboard)
    assert (one.total_shards, one.type_shards) == ([0, 0, 0], [0, 0, 0])
    assert (two.total_shards, two.type_shards) == ([1, 1], [0, 0])
    assert (one.wanted, two.wanted) == (first.request, last.request)
    tickets = [*one.ticket_ids, *two.ticket_ids]
    assert (len(one.ticket_ids), len(two.ticket_ids), len(set(tickets))) == (3, 2, 5)
    assert one.reservation_id != two.reservation_id
    assert rooms.total.left == 0


async def test_what_is_given_up_can_be_planned_again() -> None:
    rooms = rooms_of([3, 2], {1: [4]})
    plan = plan_holds(KEY, rooms, [buyer((1, 1)), buyer((1, 3))])
    assert (rooms.total.left, rooms.types[1].left) == (1, 0)
    plan.give_up(plan.aboard[0][1])
    assert (rooms.total.left, rooms.types[1].left) == (2, 1)
    plan = plan_holds(KEY, rooms, [buyer((1, 1))])
    plan.give_up_all()
    assert (rooms.total.left, rooms.types[1].left) == (2, 1)


async def test_a_reservation_is_as_it_was_planned() -> None:
    (_, hold), *_ = plan_holds(KEY, rooms_of([5], {1: [5], 2: [5]}), [buyer((1, 2), (2, 1))]).aboard
    claim = Claim(ids=frozenset(), created_at=STARTS_AT, expires_at=STARTS_AT + dt.timedelta(minutes=1))
    made = reservation_of(hold, claim)
    assert (made.event_id, made.date, made.start_time, made.id) == (*KEY, hold.reservation_id)
    assert (made.created_at, made.expires_at) == (claim.created_at, claim.expires_at)
    assert (made.paid_at, made.payment_ref) == (None, None)
    assert [(one.id, one.ticket_type) for one in made.tickets] == list(zip(hold.ticket_ids, (1, 1, 2), strict=True))


@pytest.mark.parametrize(("created_at", "expires_at"), [(None, STARTS_AT), (STARTS_AT, None)])
async def test_a_claim_without_its_moments_made_no_reservation(
    created_at: dt.datetime | None, expires_at: dt.datetime | None
) -> None:
    (_, hold), *_ = plan_holds(KEY, rooms_of([5], {1: [5]}), [buyer((1, 1))]).aboard
    with pytest.raises(AssertionError):
        reservation_of(hold, Claim(ids=frozenset(), created_at=created_at, expires_at=expires_at))


async def test_the_same_request_is_the_same_date_and_the_same_lines() -> None:
    (one, hold), *_ = plan_holds(KEY, rooms_of([5], {1: [5], 2: [5]}), [buyer((1, 2), (2, 1))]).aboard
    made = reservation_of(hold, Claim(ids=frozenset(), created_at=STARTS_AT, expires_at=STARTS_AT))
    assert same_request(one.request, made)
    assert not same_request(buyer((1, 2)).request, made)
    assert not same_request(buyer((1, 1), (2, 2)).request, made)
    changes: list[dict[str, object]] = [{"event_id": 8}, {"date": DATE.replace(day=2)}, {"start_time": dt.time()}]
    for other in (DateKey(**{**KEY._asdict(), **change}) for change in changes):
        assert not same_request(Wanted(date_key=other, lines=one.request.lines), made)
