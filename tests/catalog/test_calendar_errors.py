"""What cannot be read in a calendar is named by the line that it begins on."""

import pytest

from boxoffice.catalog.calendar_series import read_series
from boxoffice.errors import UnreadableCalendar
from tests.catalog.calendars import calendar, event

START = "DTSTART;TZID=Europe/Berlin:20300501T200000"
ID = "RECURRENCE-ID;TZID=Europe/Berlin:20300501T200000"


def refusal(content: bytes) -> tuple[int, str]:
    with pytest.raises(UnreadableCalendar) as raised:
        read_series(content)
    return raised.value.line, str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("RRULE:FREQ=FORTNIGHTLY", "FREQ must be one of"),
        ("RRULE:FREQ=DAILY;COUNT=zero", "COUNT=ZERO is not a whole number"),
        ("RRULE:FREQ=DAILY;BYEASTER=1", "'BYEASTER=1' is not a part of a rule"),
        ("RRULE:FREQ=MINUTELY", "more than 20,000 dates"),
        ("RDATE;TZID=Europe/Berlin:20300501T200000,tomorrow", "RDATE 'TOMORROW' is not a DATE"),
        ("RDATE:20300231T200000Z", "RDATE '20300231T200000Z' is not a DATE-TIME"),
        ("RDATE;VALUE=DATE:20300501T200000", "is not a DATE"),
        ("RDATE;VALUE=PERIOD:20300501T200000", "is not a date or a date with time"),
        ("RDATE;VALUE=TEXT:20300501T200000", "type TEXT is not understood"),
        ("RDATE;TZID=Middle-earth/Shire:20300501T200000", "time zone 'Middle-earth/Shire' is neither"),
        ("EXDATE;TZID=posix/Europe/Berlin:20300501T200000", "time zone 'posix/Europe/Berlin' is neither"),
        ("EXDATE:20300501T200000/PT1H", "is not a date or a date with time"),
        ("EXRULE:FREQ=DAILY", "EXRULE is not understood"),
        ("SEQUENCE:one", "SEQUENCE 'one' is not a whole number"),
        ("DTSTART:20300501T200000Z", "a second DTSTART"),
        ("SUMMARY:Again", "a second SUMMARY"),
        ("no colon", "is not of the form"),
        ("DESCRIPTION;=x:y", "is not of the form"),
        ("DESCRIPTION:a\x00b", "a control character"),
        ("END:VTODO", "END:VTODO where END:VEVENT must stand"),
        ("BEGIN:VCALENDAR", "BEGIN:VCALENDAR may not stand here"),
    ],
)
def test_a_line_that_cannot_be_read(wrong: str, reason: str) -> None:
    # BEGIN:VEVENT is line 4, then UID, SUMMARY, DTSTART, a folded DESCRIPTION on lines 8 and 9, and the wrong line.
    line, message = refusal(calendar(*event(START, "DESCRIPTION:long", " er", wrong)))
    assert line == 10
    assert message.startswith("line 10: ")
    assert reason in message


def test_a_folded_line_is_named_by_its_first_line() -> None:
    assert refusal(calendar(*event(START, "RRULE:FREQ=DAILY;", " COUNT", " =0")))[0] == 8


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_empty_lines_count(end: str) -> None:
    assert refusal(calendar("", "", *event(START, "RRULE:X=1"), end=end))[0] == 10


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (event("COMMENT:x"), 4, "no DTSTART"),
        (["BEGIN:VEVENT", "SUMMARY:x", START, "END:VEVENT"], 4, "no UID"),
        (event(START, name=None), 4, "no SUMMARY"),
        (event(START, name=" "), 6, "no SUMMARY"),
        (event(START, name="x" * 201), 6, "SUMMARY is longer than 200 characters"),
        (event(START, uid="x" * 501), 5, "UID is longer than 500 characters"),
        (event("DTSTART:20300501T250000"), 7, "is not a DATE-TIME"),
        (event("DTSTART:20300501T200000,20300502T200000"), 7, "DTSTART takes one value"),
        (event("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY;COUNT=2"), 5, "before the year 1"),
        (event(START) + event(START), 9, "a second VEVENT with the same UID, no RECURRENCE-ID and SEQUENCE"),
        (event(START) + event(ID, START) + event(ID, START), 15, "a second VEVENT with the same UID"),
        (event(START) + event(ID, START, "RRULE:FREQ=DAILY"), 14, "RRULE beside RECURRENCE-ID is not understood"),
        (event(START) + event(ID.replace(":", ";RANGE=THISANDPRIOR:"), START), 12, "RANGE=THISANDPRIOR"),
        (event(START) + event(ID), 9, "no DTSTART"),
        (["X-WR-TIMEZONE:Here", *event(START)], 4, "X-WR-TIMEZONE 'Here' is not a time zone"),
    ],
)
def test_an_event_that_cannot_be_read(lines: list[str], line: int, reason: str) -> None:
    before = ("X-WR-TIMEZONE:America/New_York",) if reason == "before the year 1" else ()
    found, message = refusal(calendar(*before, *lines))
    assert (found, reason in message) == (line, True), message


def test_a_zone_that_the_calendar_makes_up() -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:Shire", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100"]
    zone += ["TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"]
    line, message = refusal(calendar(*zone, *event("DTSTART;TZID=Shire:20300501T200000")))
    assert line == 15
    assert "'Shire' is neither an IANA zone nor one of Windows; its VTIMEZONE does not say which" in message


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "not an iCalendar file"),
        (b"\n\n", 1, "not an iCalendar file"),
        (b"PK\x03\x04", 1, "a control character"),
        (b"<html>", 1, "is not of the form"),
        (b"BEGIN:VEVENT\nEND:VEVENT\n", 1, "BEGIN:VEVENT may not stand here"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n", 3, "the file ends before END:VEVENT"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nVERSION:2.0\n", 3, "nothing may stand outside"),
        (b"BEGIN:VCALENDAR\nSUMMARY:\xff\nEND:VCALENDAR\n", 2, "not UTF-8"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 20, 11, "more than 10 levels"),
    ],
)
def test_a_file_that_is_no_calendar(content: bytes, line: int, reason: str) -> None:
    found, message = refusal(content)
    assert (found, reason in message) == (line, True), message
