"""RFC 5545's own examples of recurrence rules (section 3.8.5.3), read from calendar text, with the dates it lists.

Where the RFC ends a list with "...", the calendar is read up to the last date that it lists.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from boxoffice.catalog.calendar_series import read_series
from boxoffice.catalog.values import DateAndTime

NINE = dt.time(9)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: what the RFC calls it, its content lines, its dates; `goes_on` when the RFC ends with "..."."""

    title: str
    lines: tuple[str, ...]
    dates: tuple[DateAndTime, ...]
    goes_on: bool


def example(title: str, start: str, rule: str, dates: str, *more: str, goes_on: bool = False) -> Example:
    """Read an example; dates as "1997 Sep 2,9-11 Oct 1 1998 Jan 3", all at nine."""
    lines = (f"DTSTART;TZID=America/New_York:{start}", *more, f"RRULE:{rule}")
    at_nine = tuple(DateAndTime(date=date, start_time=NINE) for date in listed(dates))
    return Example(title=title, lines=lines, dates=at_nine, goes_on=goes_on)


def listed(dates: str) -> Iterator[dt.date]:
    year, month = 0, 0
    for word in dates.split():
        if word in MONTHS:
            month = MONTHS.index(word) + 1
        elif len(word) == 4 and word.isdecimal():
            year = int(word)
        else:
            yield from (dt.date(year, month, day) for day in days_of(word))


def days_of(word: str) -> Iterator[int]:
    for piece in word.split(","):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last or first) + 1)


def at_times(title: str, rule: str, days: Iterable[int], times: str, *, goes_on: bool = False) -> Example:
    """Read an example with several times on days of September 1997."""
    moments = [
        DateAndTime(date=dt.date(1997, 9, day), start_time=dt.time.fromisoformat(time))
        for day in days
        for time in times.split()
    ]
    lines = ("DTSTART;TZID=America/New_York:19970902T090000", f"RRULE:{rule}")
    return Example(title=title, lines=lines, dates=tuple(moments), goes_on=goes_on)


SEPTEMBER_2 = "19970902T090000"
JANUARIES = "1998 Jan 1-31 1999 Jan 1-31 2000 Jan 1-31"
TUESDAYS_AND_THURSDAYS = "1997 Sep 2,4,9,11,16,18,23,25,30 Oct 2"
EVERY_20_MINUTES = " ".join(f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 20, 40))

EXAMPLES = [
    example("daily for 10 occurrences", SEPTEMBER_2, "FREQ=DAILY;COUNT=10", "1997 Sep 2-11"),
    example(
        "daily until December 24, 1997",
        SEPTEMBER_2,
        "FREQ=DAILY;UNTIL=19971224T000000Z",
        "1997 Sep 2-30 Oct 1-25 Oct 26-31 Nov 1-30 Dec 1-23",
    ),
    example(
        "every other day, forever",
        SEPTEMBER_2,
        "FREQ=DAILY;INTERVAL=2",
        "1997 Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 Oct 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 "
        "Nov 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 Dec 1,3",
        goes_on=True,
    ),
    example("every 10 days, 5 occurrences", SEPTEMBER_2, "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997 Sep 2,12,22 Oct 2,12"),
    example(
        "every day in January, for 3 years, yearly",
        "19980101T090000",
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        JANUARIES,
    ),
    example(
        "every day in January, for 3 years, daily",
        "19980101T090000",
        "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        JANUARIES,
    ),
    example(
        "weekly for 10 occurrences",
        SEPTEMBER_2,
        "FREQ=WEEKLY;COUNT=10",
        "1997 Sep 2,9,16,23,30 Oct 7,14,21 Oct 28 Nov 4",
    ),
    example(
        "weekly until December 24, 1997",
        SEPTEMBER_2,
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997 Sep 2,9,16,23,30 Oct 7,14,21 Oct 28 Nov 4,11,18,25 Dec 2,9,16,23",
    ),
    example(
        "every other week, forever",
        SEPTEMBER_2,
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997 Sep 2,16,30 Oct 14 Oct 28 Nov 11,25 Dec 9,23 1998 Jan 6,20 Feb 3,17",
        goes_on=True,
    ),
    example(
        "weekly on Tuesday and Thursday for five weeks, until",
        SEPTEMBER_2,
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        TUESDAYS_AND_THURSDAYS,
    ),
    example(
        "weekly on Tuesday and Thursday for five weeks, count",
        SEPTEMBER_2,
        "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        TUESDAYS_AND_THURSDAYS,
    ),
    example(
        "every other week on Monday, Wednesday, and Friday until December 24, 1997",
        "19970901T090000",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997 Sep 1,3,5,15,17,19,29 Oct 1,3,13,15,17 Oct 27,29,31 Nov 10,12,14,24,26,28 Dec 8,10,12,22",
    ),
    example(
        "every other week on Tuesday and Thursday, for 8 occurrences",
        SEPTEMBER_2,
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997 Sep 2,4,16,18,30 Oct 2,14,16",
    ),
    example(
        "monthly on the first Friday for 10 occurrences",
        "19970905T090000",
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997 Sep 5 Oct 3 Nov 7 Dec 5 1998 Jan 2 Feb 6 Mar 6 Apr 3 May 1 Jun 5",
    ),
    example(
        "monthly on the first Friday until December 24, 1997",
        "19970905T090000",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997 Sep 5 Oct 3 Nov 7 Dec 5",
    ),
    example(
        "every other month on the first and last Sunday for 10 occurrences",
        "19970907T090000",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997 Sep 7,28 Nov 2,30 1998 Jan 4,25 Mar 1,29 May 3,31",
    ),
    example(
        "monthly on the second-to-last Monday for 6 months",
        "19970922T090000",
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997 Sep 22 Oct 20 Nov 17 Dec 22 1998 Jan 19 Feb 16",
    ),
    example(
        "monthly on the third-to-the-last day of the month, forever",
        "19970928T090000",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997 Sep 28 Oct 29 Nov 28 Dec 29 1998 Jan 29 Feb 26",
        goes_on=True,
    ),
    example(
        "monthly on the 2nd and 15th of the month for 10 occurrences",
        SEPTEMBER_2,
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997 Sep 2,15 Oct 2,15 Nov 2,15 Dec 2,15 1998 Jan 2,15",
    ),
    example(
        "monthly on the first and last day of the month for 10 occurrences",
        "19970930T090000",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997 Sep 30 Oct 1 Oct 31 Nov 1,30 Dec 1,31 1998 Jan 1,31 Feb 1",
    ),
    example(
        "every 18 months on the 10th thru 15th of the month for 10 occurrences",
        "19970910T090000",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997 Sep 10,11,12,13,14,15 1999 Mar 10,11,12,13",
    ),
    example(
        "every Tuesday, every other month",
        SEPTEMBER_2,
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997 Sep 2,9,16,23,30 Nov 4,11,18,25 1998 Jan 6,13,20,27 Mar 3,10,17,24,31",
        goes_on=True,
    ),
    example(
        "yearly in June and July for 10 occurrences",
        "19970610T090000",
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997 Jun 10 Jul 10 1998 Jun 10 Jul 10 1999 Jun 10 Jul 10 2000 Jun 10 Jul 10 2001 Jun 10 Jul 10",
    ),
    example(
        "every other year on January, February, and March for 10 occurrences",
        "19970310T090000",
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997 Mar 10 1999 Jan 10 Feb 10 Mar 10 2001 Jan 10 Feb 10 Mar 10 2003 Jan 10 Feb 10 Mar 10",
    ),
    example(
        "every third year on the 1st, 100th, and 200th day for 10 occurrences",
        "19970101T090000",
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997 Jan 1 Apr 10 Jul 19 2000 Jan 1 Apr 9 Jul 18 2003 Jan 1 Apr 10 Jul 19 2006 Jan 1",
    ),
    example(
        "every 20th Monday of the year, forever",
        "19970519T090000",
        "FREQ=YEARLY;BYDAY=20MO",
        "1997 May 19 1998 May 18 1999 May 17",
        goes_on=True,
    ),
    example(
        "Monday of week number 20, forever",
        "19970512T090000",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "1997 May 12 1998 May 11 1999 May 17",
        goes_on=True,
    ),
    example(
        "every Thursday in March, forever",
        "19970313T090000",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997 Mar 13,20,27 1998 Mar 5,12,19,26 1999 Mar 4,11,18,25",
        goes_on=True,
    ),
    example(
        "every Thursday, but only during June, July, and August, forever",
        "19970605T090000",
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997 Jun 5,12,19,26 Jul 3,10,17,24,31 Aug 7,14,21,28 1998 Jun 4,11,18,25 Jul 2,9,16,23,30 Aug 6,13,20,27 "
        "1999 Jun 3,10,17,24 Jul 1,8,15,22,29 Aug 5,12,19,26",
        goes_on=True,
    ),
    example(
        "every Friday the 13th, forever",
        SEPTEMBER_2,
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1998 Feb 13 Mar 13 Nov 13 1999 Aug 13 2000 Oct 13",
        "EXDATE;TZID=America/New_York:19970902T090000",
        goes_on=True,
    ),
    example(
        "the first Saturday that follows the first Sunday of the month, forever",
        "19970913T090000",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997 Sep 13 Oct 11 Nov 8 Dec 13 1998 Jan 10 Feb 7 Mar 7 Apr 11 May 9 Jun 13",
        goes_on=True,
    ),
    example(
        "every 4 years, the first Tuesday after a Monday in November, forever",
        "19961105T090000",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996 Nov 5 2000 Nov 7 2004 Nov 2",
        goes_on=True,
    ),
    example(
        "the third instance into the month of Tuesday, Wednesday, or Thursday, for 3 months",
        "19970904T090000",
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "1997 Sep 4 Oct 7 Nov 6",
    ),
    example(
        "the second-to-last weekday of the month",
        "19970929T090000",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997 Sep 29 Oct 30 Nov 27 Dec 30 1998 Jan 29 Feb 26 Mar 30",
        goes_on=True,
    ),
    # RFC 5545 prints UNTIL=19970902T170000Z, which is 13:00 in New York and would end the list at 12:00. Its list, and
    # its title "from 9:00 AM to 5:00 PM", mean 17:00 in New York, which is 21:00 in UTC.
    at_times(
        "every 3 hours from 9:00 AM to 5:00 PM on a specific day",
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z",
        [2],
        "09:00 12:00 15:00",
    ),
    at_times(
        "every 3 hours, with the UNTIL as it is printed",
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z",
        [2],
        "09:00 12:00",
    ),
    at_times(
        "every 15 minutes for 6 occurrences",
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        [2],
        "09:00 09:15 09:30 09:45 10:00 10:15",
    ),
    at_times(
        "every hour and a half for 4 occurrences",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        [2],
        "09:00 10:30 12:00 13:30",
    ),
    at_times(
        "every 20 minutes from 9:00 AM to 4:40 PM every day, daily",
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        [2, 3],
        EVERY_20_MINUTES,
        goes_on=True,
    ),
    at_times(
        "every 20 minutes from 9:00 AM to 4:40 PM every day, minutely",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
        [2, 3],
        EVERY_20_MINUTES,
        goes_on=True,
    ),
    example(
        "the days generated make a difference because of WKST=MO",
        "19970805T090000",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997 Aug 5,10,19,24",
    ),
    example(
        "the days generated make a difference because of WKST=SU",
        "19970805T090000",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1997 Aug 5,17,19,31",
    ),
    example(
        "an invalid date (February 30) is ignored",
        "20070115T090000",
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "2007 Jan 15,30 Feb 15 Mar 15,30",
    ),
]


def event_of(number: int) -> str:
    here = EXAMPLES[number]
    lines = ["BEGIN:VEVENT", f"UID:example-{number}@rfc5545", f"SUMMARY:{here.title}", *here.lines, "END:VEVENT"]
    return "\r\n".join(lines)


def calendar_of(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Boxoffice//Tests//EN", *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[each.title for each in EXAMPLES])
def test_an_example_of_the_rfc_gives_exactly_the_dates_that_it_lists(number: int) -> None:
    here = EXAMPLES[number]
    until = here.dates[-1].date if here.goes_on else None
    (series,) = read_series(calendar_of(event_of(number)), until)
    assert list(series.dates) == list(here.dates)
    assert series.time_zone == "America/New_York"


def test_the_table_is_that_of_the_rfc() -> None:
    assert len(EXAMPLES) == 43
    assert sum(here.goes_on for here in EXAMPLES) == 14


def test_an_example_that_goes_on_has_more_dates_when_read_further() -> None:
    for number, here in enumerate(EXAMPLES):
        if here.goes_on:
            further = here.dates[-1].date + dt.timedelta(days=5 * 366 if here.title.startswith("every 4") else 366)
            (series,) = read_series(calendar_of(event_of(number)), further)
            assert len(series.dates) > len(here.dates), here.title
            assert list(series.dates[: len(here.dates)]) == list(here.dates), here.title
