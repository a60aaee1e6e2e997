"""Calendar files made of content lines, for the tests of their import."""

import datetime as dt

from boxoffice.catalog.calendar_series import Series, read_series

HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Boxoffice//Tests//EN")


def event(*lines: str, uid: str = "one@example.org", name: str | None = "Opera") -> list[str]:
    """Return a VEVENT: its BEGIN stands before its UID and SUMMARY, its own lines follow."""
    summary = [] if name is None else [f"SUMMARY:{name}"]
    return ["BEGIN:VEVENT", f"UID:{uid}", *summary, *lines, "END:VEVENT"]


def calendar(*lines: str, end: str = "\r\n") -> bytes:
    """Return a file; the first of the lines given is line 4 of it."""
    return end.join([*HEAD, *lines, "END:VCALENDAR", ""]).encode()


def series_of(*lines: str, before: tuple[str, ...] = (), until: dt.date | None = None) -> Series:
    """Read a calendar of one event: lines of the event, `before` it lines of the calendar."""
    (series,) = read_series(calendar(*before, *event(*lines)), until)
    return series


def shown(series: Series) -> list[str]:
    """Return the dates as text, seconds left out where there are none."""
    return [f"{date} {str(start_time).removesuffix(':00')}" for date, start_time in series.dates]
