"""Small calendar files that mean a great deal of work are read in little time, or refused."""

import datetime as dt
import time

import pytest

from boxoffice.catalog.calendar_series import read_series
from boxoffice.errors import UnreadableCalendar
from tests.catalog.calendars import calendar, event, series_of

START = "DTSTART:20270501T000000Z"
HOURS = 20_000
DAYS = 8_000
SECONDS_MAX = 10.0
"""Where each named day looks through all dates this takes half a minute; otherwise a small part of a second."""


def day(number: int) -> str:
    return f"{dt.date(2027, 5, 1) + dt.timedelta(days=number):%Y%m%d}"


def test_a_file_has_so_many_dates_over_all_its_events() -> None:
    series = [event(START, "RRULE:FREQ=DAILY;COUNT=10", uid=f"{number}@example.org") for number in range(3)]
    whole = calendar(*(line for each in series for line in each))
    assert sum(len(each.dates) for each in read_series(whole, dates_max=30)) == 30
    with pytest.raises(UnreadableCalendar, match="more than 29 dates in one file") as refused:
        read_series(whole, dates_max=29)
    assert refused.value.line == 4 + len(series[0]) + len(series[1])


def test_thousands_of_days_are_taken_away_in_little_time() -> None:
    began = time.process_time()
    none_of_them = ",".join(map(day, range(1_000, 1_000 + DAYS)))
    series = series_of(START, f"RRULE:FREQ=HOURLY;COUNT={HOURS}", f"EXDATE;VALUE=DATE:{day(0)},{none_of_them}")
    assert time.process_time() - began < SECONDS_MAX
    assert len(series.dates) == HOURS - 24
    assert series.dates[0].date == dt.date(2027, 5, 2)


def test_each_later_date_moves_by_the_last_change_before_it() -> None:
    moved = [
        line
        for number, minutes in ((1, "10"), (2, "20"), (3, "30"))
        for line in event(
            f"RECURRENCE-ID;RANGE=THISANDFUTURE:{day(number)}T000000Z", f"DTSTART:{day(number)}T00{minutes}00Z"
        )
    ]
    (series,) = read_series(calendar(*event(START, "RRULE:FREQ=DAILY;COUNT=6"), *moved))
    assert [each.minute for _, each in series.dates] == [0, 10, 20, 30, 30, 30]
