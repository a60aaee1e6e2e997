"""What one process believes is left: learned, corrected, forgotten."""

from boxoffice.booking.values import FullPass, Moved
from boxoffice.catalog.values import EventDescription, OfferedType
from boxoffice.guess import Guess
from boxoffice.values import DateKey, GivenBack
from tests.world import DATE, START

DATE_KEY = DateKey(7, DATE, START)
ONE, OTHER = "0000000000000001", "0000000000000002"
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
    assert not rooms.doubted
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


def test_a_date_is_doubted_from_a_pass_until_a_plan_has_held() -> None:
    guess = Guess(10)
    assert not guess.assume(DATE_KEY, EVENT).doubted
    rooms = guess.learn_pass(DATE_KEY, whole(2, 5))
    assert (rooms.doubted, rooms.version) == (True, 2)
    guess.learn_moved(DATE_KEY, Moved(version=2, total={0: 4}, types={}))
    assert rooms.doubted is False


def test_each_counter_is_tried_in_the_order_of_its_kind() -> None:
    guess = Guess(10, ONE)
    guess.learn_processes([OTHER])
    shards: list[int | None] = [1] * 16
    rooms = guess.learn_pass(
        DATE_KEY, FullPass(past=False, version=1, overdue=False, total=[1] * 16, types={1: shards})
    )
    own, own_of_type = guess.own_shards(None, 16)[ONE], guess.own_shards(1, 16)[ONE]
    assert own != own_of_type
    assert (rooms.total.order[: len(own)], rooms.types[1].order[: len(own_of_type)]) == (own, own_of_type)


def test_a_process_without_a_name_gets_one_of_sixteen_hexadecimal_digits() -> None:
    names = {Guess(1).process for _ in range(10)}
    assert len(names) == 10
    assert {len(bytes.fromhex(name)) for name in names} == {8}


def test_of_the_dates_remembered_the_one_asked_for_last_comes_first_and_an_unknown_one_is_forgotten_too() -> None:
    guess = Guess(10)
    first, second, third = (DATE_KEY._replace(event_id=number) for number in (1, 2, 3))
    of_first, of_second = guess.learn_pass(first, whole(1, 5)), guess.learn_pass(second, whole(1, 6))
    assert list(guess.latest()) == [of_second, of_first]
    guess.rooms_of(first)
    assert list(guess.latest()) == [of_first, of_second]
    guess.forget([third, first])
    assert list(guess.latest()) == [of_second]


def test_the_dates_remembered_are_bounded_and_events_are_forgotten() -> None:
    guess = Guess(2)
    keys = [DATE_KEY._replace(event_id=number) for number in (1, 2, 3)]
    for key in keys:
        guess.learn_pass(key, whole(1, 5))
    assert [guess.rooms_of(key) is not None for key in keys] == [False, True, True]
    guess.forget_event(2)
    assert [guess.rooms_of(key) is not None for key in keys] == [False, False, True]


def test_the_dates_remembered_change_their_order_with_the_roster() -> None:
    guess = Guess(10, ONE)
    rooms = guess.assume(DATE_KEY, EVENT)
    alone = list(rooms.total.order)
    assert alone == guess.own_shards(None, 3)[ONE]
    guess.learn_processes([ONE, OTHER])
    own, others = guess.own_shards(None, 3)[ONE], guess.own_shards(None, 3)[OTHER]
    assert (sorted([*own, *others]), rooms.total.order) == ([0, 1, 2], [*own, *others[::-1]])
    later = guess.learn_pass(DATE_KEY._replace(event_id=8), whole(1, 4, 4, 4))
    assert later.total.order == rooms.total.order
    assert later.types[1].order[0] == guess.own_shards(1, 2)[ONE][0] != guess.own_shards(1, 2)[OTHER][0]
    guess.learn_processes([ONE])
    assert rooms.total.order == later.total.order == alone


def test_two_guesses_that_know_of_each_other_take_from_different_shards() -> None:
    guesses = [Guess(10, name) for name in (ONE, OTHER)]
    taken = []
    for guess in guesses:
        guess.learn_processes([OTHER, ONE])
        part = guess.learn_pass(DATE_KEY, whole(1, 5, 5)).take([(1, 1)])
        assert part is not None
        taken.append(part)
    (total, of_type), (other_total, other_of_type) = taken
    assert sorted(total + other_total) == sorted(of_type + other_of_type) == [0, 1]


def test_a_process_counts_itself_even_where_nobody_else_does() -> None:
    guess = Guess(10, ONE)
    guess.learn_processes([OTHER])
    assert guess.processes == [ONE, OTHER]
    assert sorted(guess.own_shards(1, 2)) == [ONE, OTHER]


def test_the_own_shards_take_turns_at_being_the_first() -> None:
    guess = Guess(10, ONE)
    guess.learn_processes([ONE, OTHER])
    rooms = guess.learn_pass(DATE_KEY, whole(1, 9, 9, 9, 9))
    own, others = set(guess.own_shards(None, 4)[ONE]), list(rooms.total.order[2:])
    begun = []
    for _ in range(4):
        guess.turn()
        begun.append(rooms.total.order[0])
        assert (set(rooms.total.order[:2]), rooms.total.order[2:]) == (own, others)
    assert (set(begun[:2]), begun[:2]) == (own, begun[2:])
