"""RFC 5545's own examples of recurrence rules (section 3.8.5.3), each with the dates that it lists.

tests/data/rfc5545.ics holds all of them, and beside each rule what the RFC lists: X-LISTED-DATES as
"1997 Sep 2,9-11 Oct 1", X-LISTED-TIMES where it lists other times of day than DTSTART's. Where it ends the list with
"..." (X-LISTED-AS), the calendar is read up to the last date that it lists.

The RFC prints UNTIL=19970902T170000Z in the example of every 3 hours. That is 13:00 in New York, though its list and
its title ("from 9:00 AM to 5:00 PM") mean 17:00 there. The file has the example twice: as meant, and as printed.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.calendar import NamedType, import_calendar
from boxoffice.catalog.calendar_series import Series, read_series
from boxoffice.catalog.listing import list_dates
from boxoffice.catalog.values import DateAndTime

FILE = Path(__file__).parent.parent / "data" / "rfc5545.ics"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: its calendar, its UID and title, what the RFC lists, and whether the list goes on."""

    calendar: bytes
    uid: str
    title: str
    dates: list[DateAndTime]
    goes_on: bool


def examples(content: bytes) -> Iterator[Example]:
    head, *events = content.removesuffix(b"END:VCALENDAR\r\n").split(b"BEGIN:VEVENT\r\n")
    for event in events:
        yield example_of(head + b"BEGIN:VEVENT\r\n" + event + b"END:VCALENDAR\r\n")


def example_of(calendar: bytes) -> Example:
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    times = [dt.time.fromisoformat(time) for time in str(event.get("X-LISTED-TIMES", "09:00")).split()]
    return Example(
        calendar=calendar,
        uid=str(event["UID"]),
        title=str(event["SUMMARY"]),
        dates=[DateAndTime(day, time) for day in listed(str(event["X-LISTED-DATES"])) for time in times],
        goes_on="X-LISTED-AS" in event,
    )


def listed(dates: str) -> Iterator[dt.date]:
    year, month = 0, 0
    for word in dates.split():
        if word in MONTHS:
            month = MONTHS.index(word) + 1
        elif len(word) == 4 and word.isdecimal():
            year = int(word)
        else:
            for piece in word.split(","):
                first, _, last = piece.partition("-")
                yield from (dt.date(year, month, day) for day in range(int(first), int(last or first) + 1))


EXAMPLES = list(examples(FILE.read_bytes()))


def read(here: Example, until: dt.date | None) -> Series:
    (series,) = read_series(here.calendar, until)
    return series


@pytest.mark.parametrize("here", EXAMPLES, ids=[each.title for each in EXAMPLES])
def test_an_example_of_the_rfc_gives_exactly_the_dates_that_it_lists(here: Example) -> None:
    series = read(here, here.dates[-1].date if here.goes_on else None)
    assert list(series.dates) == here.dates
    assert (series.name, series.time_zone) == (here.title, "America/New_York")


@pytest.mark.parametrize("here", [each for each in EXAMPLES if each.goes_on], ids=lambda here: here.title)
def test_an_example_that_goes_on_has_more_dates_when_read_further(here: Example) -> None:
    further = read(here, here.dates[-1].date + dt.timedelta(days=5 * 366 if "4 years" in here.title else 366))
    assert len(further.dates) > len(here.dates)
    assert list(further.dates[: len(here.dates)]) == here.dates


def test_all_examples_are_there() -> None:
    assert len(EXAMPLES) == 43
    assert sum(here.goes_on for here in EXAMPLES) == 14


async def test_the_file_imports_to_exactly_the_dates_that_the_rfc_lists(engine: AsyncEngine) -> None:
    report = await import_calendar(engine, FILE, max_tickets=10, num_shards=1, ticket_types=[NamedType("Normal", None)])
    event_ids = {event.uid: event.event_id for event in report.events}
    assert event_ids.keys() == {here.uid for here in EXAMPLES}
    first_day = dt.date(1990, 1, 1)
    for here in EXAMPLES:
        event_id = event_ids[here.uid]
        assert event_id is not None
        last_day = min(here.dates[-1].date, here.dates[0].date.replace(year=here.dates[0].date.year + 2))
        stored = await list_dates(engine, event_id, first_day, last_day if here.goes_on else None, 1_000)
        assert list(stored) == [date for date in here.dates if not here.goes_on or date.date <= last_day], here.title
