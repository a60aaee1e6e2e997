"""Rules of the admin API: the dates that they give, what they may not say, and that they are soon over."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.catalog.recurrence import (
    DATES_MAX,
    RULE_CHARACTERS_MAX,
    WORK_MAX,
    dates_of_recurrence,
    moments,
    parse_rule,
)
from boxoffice.catalog.values import DateAndTime
from boxoffice.errors import InvalidRequest

FIRST = dt.date(2030, 5, 1)
EVENING = dt.time(20)
CPU_SECONDS_MAX = 3.0
EVERY_PLACE = f"BYSETPOS={','.join(map(str, range(1, 367)))}"
EVERY_MINUTE = f"BYMINUTE={','.join(map(str, range(60)))}"
EVERY_SECOND = f"BYSECOND={','.join(map(str, range(60)))}"
EVERY_MINUTE_AND_SECOND = f"{EVERY_MINUTE};{EVERY_SECOND}"


def dates(rule: str, first: dt.date = FIRST, start: dt.time = EVENING, time_zone: str = "UTC") -> list[str]:
    return [f"{date} {at:%H:%M}" for date, at in dates_of_recurrence(rule, first, start, time_zone=time_zone)]


def test_weekly_for_ten_occurrences() -> None:
    assert dates("FREQ=WEEKLY;COUNT=10") == [f"{FIRST + dt.timedelta(weeks=week)} 20:00" for week in range(10)]


def test_a_rule_without_end_goes_on_for_two_years() -> None:
    assert dates("FREQ=YEARLY") == ["2030-05-01 20:00", "2031-05-01 20:00", "2032-05-01 20:00"]
    assert len(dates("FREQ=DAILY")) == 732
    assert dates("FREQ=MONTHLY", dt.date(2028, 2, 29))[-1] == "2030-01-29 20:00"


def test_the_first_date_is_always_there_and_counts() -> None:
    assert dates("FREQ=WEEKLY;BYDAY=FR;COUNT=2") == ["2030-05-01 20:00", "2030-05-03 20:00"]
    assert dates("FREQ=WEEKLY;BYDAY=FR;UNTIL=20300504") == ["2030-05-01 20:00", "2030-05-03 20:00"]
    assert dates("FREQ=WEEKLY;BYDAY=WE;COUNT=1") == ["2030-05-01 20:00"]


def test_a_last_date_ends_what_has_no_end_and_nothing_else() -> None:
    start, before = dt.datetime.combine(FIRST, EVENING), FIRST - dt.timedelta(days=1)

    def days(rule: str, last: dt.date) -> list[int]:
        return [moment.day for moment in moments(parse_rule(rule), start, zone=ZoneInfo("UTC"), last=last)]

    for rule in ("FREQ=WEEKLY;BYDAY=FR;COUNT=2", "FREQ=WEEKLY;BYDAY=FR;UNTIL=20300504"):
        assert days(rule, before) == [1, 3]
    assert days("FREQ=WEEKLY;BYDAY=FR", before) == []
    assert days("FREQ=WEEKLY;BYDAY=FR", FIRST) == [1]
    assert days("FREQ=WEEKLY;BYDAY=FR", dt.date(2030, 5, 10)) == [1, 3, 10]


def test_several_times_a_day() -> None:
    assert dates("FREQ=DAILY;BYHOUR=15,20;BYMINUTE=30;COUNT=3", start=dt.time(15, 30)) == [
        "2030-05-01 15:30",
        "2030-05-01 20:30",
        "2030-05-02 15:30",
    ]
    assert dates("FREQ=HOURLY;INTERVAL=2;UNTIL=20300502T010000") == [
        "2030-05-01 20:00",
        "2030-05-01 22:00",
        "2030-05-02 00:00",
    ]


def test_until_in_utc_is_read_in_the_event_s_zone() -> None:
    assert len(dates("FREQ=DAILY;UNTIL=20300503T180000Z", time_zone="Europe/Berlin")) == 3
    assert len(dates("FREQ=DAILY;UNTIL=20300503T180000Z", time_zone="UTC")) == 2
    assert dates("FREQ=DAILY;UNTIL=20300501T180000Z", time_zone="Europe/Berlin") == ["2030-05-01 20:00"]
    assert dates("FREQ=DAILY;UNTIL=20300502T190000", time_zone="Europe/Berlin") == ["2030-05-01 20:00"]


def test_until_at_the_ends_of_the_calendar_is_no_fault_in_any_zone() -> None:
    for time_zone in ("Pacific/Kiritimati", "America/New_York"):
        with pytest.raises(InvalidRequest, match="matches no date"):
            dates("FREQ=DAILY;UNTIL=00010101T000000Z", time_zone=time_zone)
        with pytest.raises(InvalidRequest, match="too many"):
            dates("FREQ=YEARLY;UNTIL=99991231T235959Z", time_zone=time_zone)


def test_a_week_s_number_alone_means_the_first_date_s_day_of_it() -> None:
    assert dates("FREQ=YEARLY;BYWEEKNO=20;COUNT=2", dt.date(2030, 5, 15)) == ["2030-05-15 20:00", "2031-05-14 20:00"]


def test_a_week_s_number_beside_days_means_those_days_of_it() -> None:
    first = dt.date(2030, 5, 15)
    assert dates("FREQ=YEARLY;BYWEEKNO=20;BYMONTHDAY=15;COUNT=3", first)[1:] == ["2031-05-15 20:00", "2032-05-15 20:00"]
    assert dates("FREQ=YEARLY;BYWEEKNO=20;BYYEARDAY=135;COUNT=3", first)[1:] == ["2031-05-15 20:00", "2032-05-14 20:00"]
    assert dates("FREQ=YEARLY;BYWEEKNO=20;BYDAY=FR;COUNT=3", first)[1:] == ["2030-05-17 20:00", "2031-05-16 20:00"]


def test_until_is_the_last_moment_itself() -> None:
    assert dates("FREQ=DAILY;UNTIL=20300501T200000") == ["2030-05-01 20:00"]
    assert dates("FREQ=DAILY;UNTIL=20300502T200000") == ["2030-05-01 20:00", "2030-05-02 20:00"]
    assert dates("FREQ=DAILY;UNTIL=20300502T195959") == ["2030-05-01 20:00"]


def test_several_times_a_minute() -> None:
    found = dates_of_recurrence("FREQ=MINUTELY;BYSECOND=0,30;COUNT=3", FIRST, EVENING)
    assert [at for _, at in found] == [EVENING, dt.time(20, 0, 30), dt.time(20, 1)]


def test_the_calendar_s_last_years_are_the_end_of_a_rule() -> None:
    assert dates("FREQ=YEARLY", dt.date(9998, 5, 1)) == ["9998-05-01 20:00", "9999-05-01 20:00"]


def test_as_many_dates_as_may_be_are_given() -> None:
    assert len(dates(f"FREQ=DAILY;COUNT={DATES_MAX}")) == DATES_MAX


def test_count_is_reached_within_a_hundred_years_or_refused() -> None:
    """The first date counts, whether or not the rule matches it."""
    assert dates("FREQ=YEARLY;INTERVAL=2;COUNT=51")[-1] == "2130-05-01 20:00"
    next_day = "FREQ=YEARLY;INTERVAL=100;BYMONTH=5;BYMONTHDAY=2"
    assert dates(f"{next_day};COUNT=2") == ["2030-05-01 20:00", "2030-05-02 20:00"]
    for rule in ("FREQ=YEARLY;INTERVAL=2;COUNT=52", f"{next_day};COUNT=3"):
        with pytest.raises(InvalidRequest, match="does not reach COUNT within 100 years"):
            dates(rule)


def test_as_much_work_as_may_be_is_done() -> None:
    """So many places in a year leave one step, to the next year: with it, the end is found."""
    assert len(dates(f"FREQ=YEARLY;{EVERY_PLACE};BYDAY=MO;UNTIL=20301231")) == 1 + 35


def test_a_rule_that_matches_nothing_is_followed_to_its_end_as_far_as_the_work_goes() -> None:
    """With a day, and 39 seconds to try at each minute, a step is 40 of the work."""
    first, beginning = dt.date(2030, 1, 1), dt.datetime(2030, 1, 1, 20)
    seconds = ",".join(map(str, range(39)))

    def reason(minutes: int) -> str:
        until = beginning + dt.timedelta(minutes=minutes)
        with pytest.raises(InvalidRequest) as raised:
            dates(f"FREQ=MINUTELY;BYSECOND={seconds};BYMONTH=2;BYMONTHDAY=30;UNTIL={until:%Y%m%dT%H%M%S}", first)
        return raised.value.detail

    assert WORK_MAX % 40 == 0
    assert "matches no date" in reason(WORK_MAX // 40 - 1)
    assert reason(WORK_MAX // 40).startswith("rrule: too many days and times")


@pytest.mark.parametrize(
    "part",
    [
        "BYSECOND=0,59", "BYMINUTE=0,59", "BYHOUR=0,23", "BYMONTHDAY=1,31,-1,-31", "BYYEARDAY=1,366,-1,-366",
        "BYWEEKNO=1,53,-1,-53", "BYMONTH=1,12",
    ],
)  # fmt: skip
def test_a_list_goes_to_its_limits(part: str) -> None:
    name, _, numbers = part.partition("=")
    assert parse_rule(f"FREQ=YEARLY;{part}").lists == {name: tuple(map(int, numbers.split(",")))}


def test_numbers_and_lengths_go_to_their_limits() -> None:
    rule = parse_rule("FREQ=YEARLY;INTERVAL=1000000;COUNT=1000000;BYDAY=53MO,-53TU")
    assert (rule.interval, rule.count) == (1_000_000, 1_000_000)
    assert [(day.weekday, day.n) for day in rule.days] == [(0, 53), (1, -53)]
    longest = "FREQ=DAILY;BYHOUR=1,01" + ",1" * 989
    assert len(longest) == RULE_CHARACTERS_MAX
    assert parse_rule(longest).lists == {"BYHOUR": (1,)}
    with pytest.raises(InvalidRequest, match="longer than"):
        parse_rule(f"{longest} ")


def test_small_letters_spaces_around_and_the_property_s_name_are_read() -> None:
    assert len(dates(" RRULE:freq=weekly;count=2 ")) == 2


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "'' is not a part of a rule"),
        ("weekly", "'WEEKLY' is not a part of a rule"),
        ("COUNT=3", "FREQ must be one of YEARLY"),
        ("FREQ=SOMETIMES", "FREQ must be one of YEARLY, MONTHLY, WEEKLY"),
        ("FREQ=DAILY;", "'' is not a part of a rule"),
        ("FREQ=DAILY;COUNT", "'COUNT' is not a part of a rule"),
        ("FREQ=DAILY;COUNT=", "'COUNT=' is not a part of a rule"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0 is not a whole number"),
        ("FREQ=DAILY;COUNT=1000001", "COUNT=1000001 is not a whole number"),
        ("FREQ=DAILY;COUNT=3=4", "COUNT=3=4 is not a whole number"),
        ("FREQ=DAILY;COUNT=1.5", "COUNT=1.5 is not a whole number"),
        ("FREQ=DAILY;COUNT=٣", "is not a whole number"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not a whole number"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1 is not a whole number"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20300601", "rrule: COUNT and UNTIL together is not allowed"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW is neither"),
        ("FREQ=DAILY;UNTIL=20300231", "UNTIL=20300231 is neither"),
        ("FREQ=DAILY;UNTIL=20300501T250000", "UNTIL=20300501T250000 is neither"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24 is not a whole number from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR=-1 is not a whole number from 0 to 23"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE=60"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH=13"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY=-32"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY=XX is not a day"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO is not a day"),
        ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY=54MO is not a day"),
        ("FREQ=WEEKLY;BYDAY=1MO", "a numbered BYDAY with WEEKLY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "rrule: a numbered BYDAY with BYWEEKNO is not allowed"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO with MONTHLY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY with MONTHLY"),
        ("FREQ=WEEKLY;BYYEARDAY=1", "BYYEARDAY with WEEKLY"),
        ("FREQ=DAILY;BYYEARDAY=1", "BYYEARDAY with DAILY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY with WEEKLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "rrule: BYSETPOS alone is not allowed"),
        ("FREQ=WEEKLY;WKST=1", "WKST=1 is not a day of the week"),
        ("FREQ=DAILY;BYEASTER=1", "'BYEASTER=1' is not a part of a rule"),
        ("FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 1_000), "longer than"),
    ],
)
def test_what_is_no_rule(rule: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        dates(rule)
    assert reason in raised.value.detail
    assert raised.value.detail.startswith("rrule: ")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "matches no date"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "matches no date"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "matches no date"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "does not reach COUNT"),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=9", "matches no date"),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=9;COUNT=2", "does not reach COUNT"),
        ("FREQ=MINUTELY;INTERVAL=60;BYMINUTE=7", "matches no date"),
        ("FREQ=SECONDLY;INTERVAL=86400;BYMONTH=2;BYMONTHDAY=30", "matches no date"),
        ("FREQ=DAILY;UNTIL=20300430", "matches no date"),
        ("FREQ=SECONDLY", "more than 20,000 dates"),
        ("FREQ=DAILY;UNTIL=99991231", "more than 20,000 dates"),
        (f"FREQ=DAILY;COUNT={DATES_MAX + 1}", "more than 20,000 dates"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "too many days and times"),
        ("FREQ=SECONDLY;BYSECOND=3;BYSETPOS=2", "too many days and times"),
        ("FREQ=MINUTELY;BYDAY=MO;BYSETPOS=9;UNTIL=99991231", "too many days and times"),
        (f"FREQ=MINUTELY;INTERVAL=60;{EVERY_SECOND};BYMONTH=2;BYMONTHDAY=30", "too many days and times"),
        (f"FREQ=HOURLY;{EVERY_MINUTE_AND_SECOND};BYMONTH=2;BYMONTHDAY=30", "too many days and times"),
        (f"FREQ=HOURLY;{EVERY_MINUTE};BYMONTH=2;BYMONTHDAY=30", "too many days and times"),
        (f"FREQ=HOURLY;{EVERY_SECOND};BYMONTH=2;BYMONTHDAY=30", "too many days and times"),
        (f"FREQ=YEARLY;{EVERY_PLACE};BYDAY=MO;UNTIL=99991231", "too many days and times"),
    ],
)
def test_a_rule_that_matches_nothing_or_never_ends_is_soon_refused(rule: str, reason: str) -> None:
    begun = time.process_time()
    with pytest.raises(InvalidRequest) as raised:
        dates(rule)
    assert reason in raised.value.detail
    assert time.process_time() - begun < CPU_SECONDS_MAX


@given(
    frequency=st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]),
    interval=st.integers(1, 1_000_000),
    parts=st.dictionaries(
        st.sampled_from(
            ["BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"]
        ),
        st.lists(st.integers(-60, 60), min_size=1, max_size=5),
    ),
    end=st.sampled_from(["", ";COUNT=3", ";COUNT=1000000", ";UNTIL=20400101", ";UNTIL=99991231T000000Z"]),
    first=st.dates(dt.date(1970, 1, 1), dt.date(9998, 12, 31)),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_is_answered_or_refused_in_time(
    frequency: str, interval: int, parts: dict[str, list[int]], end: str, first: dt.date
) -> None:
    lists = "".join(f";{name}={','.join(map(str, numbers))}" for name, numbers in parts.items())
    begun = time.process_time()
    try:
        found = dates_of_recurrence(f"FREQ={frequency};INTERVAL={interval}{lists}{end}", first, EVENING)
    except InvalidRequest:
        found = [DateAndTime(first, EVENING)]
    assert time.process_time() - begun < CPU_SECONDS_MAX
    assert found[0] == (first, EVENING)
    assert found == sorted(set(found))
    assert len(found) <= DATES_MAX + 1


def test_parts_of_a_rule() -> None:
    rule = parse_rule("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU,MO;BYSETPOS=1,1,-1;WKST=SU")
    assert (rule.frequency, rule.interval, rule.week_start, rule.count) == (1, 2, 6, None)
    assert [(day.weekday, day.n) for day in rule.days] == [(6, -1), (0, None)]
    assert dict(rule.lists) == {"BYSETPOS": (1, -1)}
    assert WORK_MAX >= 52_560 * 2, "every 20 minutes for two years, an example of RFC 5545, is not refused"
