"""What one process believes is left: learned, corrected, forgotten."""

from boxoffice.booking.values import FullPass, Moved
from boxoffice.catalog.values import EventDescription, OfferedType
from boxoffice.guess import Guess
from boxoffice.values import DateKey, GivenBack
from tests.world import DATE, START

DATE_KEY = DateKey(7, DATE, START)
EVENT = EventDescription(
    id=7,
    name="Event",
    time_zone="UTC",
    max_tickets=10,
    num_shards=3,
    ticket_types=(
        OfferedType(ticket_type_id=1, name="Limited", max=5, num_shards=2),
        OfferedType(ticket_type_id=2, name="Unlimited", max=None, num_shards=2),
    ),
)


def whole(version: int, *total: int) -> FullPass:
    return FullPass(past=False, version=version, overdue=False, total=total, types={1: [1, 1], 2: [None]})


def test_an_unknown_date_is_assumed_to_be_all_there() -> None:
    guess = Guess(10)
    assert guess.rooms_of(DATE_KEY) is None
    rooms = guess.assume(DATE_KEY, EVENT)
    assert (sorted(rooms.total.rooms), sorted(rooms.types[1].rooms), rooms.types[2].limited) == (
        [3, 3, 4],
        [2, 3],
        False,
    )
    assert guess.rooms_of(DATE_KEY) is rooms


def test_a_booking_corrects_the_shards_that_it_moved() -> None:
    guess = Guess(10)
    rooms = guess.assume(DATE_KEY, EVENT)
    guess.learn_moved(DATE_KEY, Moved(version=4, total={0: 1}, types={(1, 1): 0, (2, 0): None}))
    assert (rooms.version, rooms.total.rooms[0], rooms.types[1].rooms[1]) == (4, 1, 0)
    guess.learn_moved(DATE_KEY, Moved(version=5, total={0: 9}, types={}))
    assert guess.rooms_of(DATE_KEY) is None


def test_a_pass_replaces_everything_and_openings_add_to_it() -> None:
    guess = Guess(10)
    guess.assume(DATE_KEY, EVENT)
    rooms = guess.learn_pass(DATE_KEY, whole(2, 0, 1))
    guess.learn_given_back(GivenBack(date_key=DATE_KEY, total={0: 3}, types={(1, 0): 3, (9, 0): 1}))
    assert (rooms.total.rooms, rooms.types[1].rooms) == ([3, 1], [4, 1])
    guess.learn_exhausted(DATE_KEY, {0: 3}, {(1, 0): 1, (9, 0): 1})
    assert (rooms.total.rooms, rooms.types[1].rooms) == ([2, 1], [0, 1])
    guess.learn_exhausted(DATE_KEY, {1: 40}, {})
    assert rooms.total.rooms == [2, 1]


def test_the_dates_remembered_are_bounded_and_events_are_forgotten() -> None:
    guess = Guess(2)
    keys = [DATE_KEY._replace(event_id=number) for number in (1, 2, 3)]
    for key in keys:
        guess.learn_pass(key, whole(1, 5))
    assert [guess.rooms_of(key) is not None for key in keys] == [False, True, True]
    guess.forget_event(2)
    assert [guess.rooms_of(key) is not None for key in keys] == [False, False, True]
