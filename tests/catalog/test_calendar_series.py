"""What a calendar says of the dates of its events: rules, dates added and taken, moved instances, time zones."""

import datetime as dt

import pytest

from boxoffice.catalog.calendar_series import read_series
from tests.catalog.calendars import calendar, event, series_of, shown

BERLIN = "TZID=Europe/Berlin"
DAILY = (f"DTSTART;{BERLIN}:20300501T200000", "RRULE:FREQ=DAILY;COUNT=4")
MAY_1_TO_4 = ["2030-05-01 20:00", "2030-05-02 20:00", "2030-05-03 20:00", "2030-05-04 20:00"]


def test_one_date() -> None:
    series = series_of(f"DTSTART;{BERLIN}:20300501T203015")
    assert (series.uid, series.name, series.time_zone) == ("one@example.org", "Opera", "Europe/Berlin")
    assert shown(series) == ["2030-05-01 20:30:15"]


def test_a_rule_counts_its_start() -> None:
    assert shown(series_of(*DAILY)) == MAY_1_TO_4


def test_a_start_that_the_rule_does_not_match_is_the_first_that_count_counts() -> None:
    # May 1, 2030 is a Wednesday.
    assert shown(series_of(f"DTSTART;{BERLIN}:20300501T200000", "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3")) == [
        "2030-05-01 20:00",
        "2030-05-03 20:00",
        "2030-05-10 20:00",
    ]


def test_dates_are_added_as_date_with_time_in_utc_as_period_and_as_date() -> None:
    series = series_of(
        f"DTSTART;{BERLIN}:20300501T200000",
        f"RDATE;{BERLIN}:20300601T150000,20300602T150000",
        "RDATE:20300701T180000Z",
        f"RDATE;{BERLIN};VALUE=PERIOD:20300801T100000/20300801T120000,20300802T100000/PT2H",
        "RDATE;VALUE=DATE:20300901",
    )
    assert shown(series) == [
        "2030-05-01 20:00",
        "2030-06-01 15:00",
        "2030-06-02 15:00",
        "2030-07-01 20:00",
        "2030-08-01 10:00",
        "2030-08-02 10:00",
        "2030-09-01 00:00",
    ]


def test_a_date_added_twice_is_there_once() -> None:
    assert shown(series_of(*DAILY, "RDATE:20300502T180000Z", f"RDATE;{BERLIN}:20300503T200000")) == MAY_1_TO_4


@pytest.mark.parametrize(
    "taken",
    [
        f"EXDATE;{BERLIN}:20300502T200000,20300503T200000",
        "EXDATE:20300502T180000Z,20300503T180000Z",
        "EXDATE;TZID=America/New_York:20300502T140000,20300503T140000",
        "EXDATE:20300502T200000,20300503T200000",
        "EXDATE;VALUE=DATE:20300502,20300503",
    ],
)
def test_dates_are_taken_away_in_any_zone_and_by_the_day(taken: str) -> None:
    assert shown(series_of(*DAILY, taken)) == [MAY_1_TO_4[0], MAY_1_TO_4[3]]


def test_only_what_is_there_at_that_time_is_taken_away() -> None:
    assert shown(series_of(*DAILY, f"EXDATE;{BERLIN}:20300502T193000")) == MAY_1_TO_4


def moved(*lines: str) -> list[str]:
    (series,) = read_series(calendar(*event(*DAILY), *event(*lines, name="Opera (moved)")))
    assert series.name == "Opera"
    return shown(series)


def test_a_moved_instance_replaces_the_original_one() -> None:
    assert moved(f"RECURRENCE-ID;{BERLIN}:20300502T200000", f"DTSTART;{BERLIN}:20300502T150000") == [
        "2030-05-01 20:00",
        "2030-05-02 15:00",
        "2030-05-03 20:00",
        "2030-05-04 20:00",
    ]


def test_a_moved_instance_may_be_named_in_utc_and_moved_in_another_zone() -> None:
    assert moved("RECURRENCE-ID:20300502T180000Z", "DTSTART;TZID=America/New_York:20300502T090000")[1] == (
        "2030-05-02 15:00"
    )


def test_an_instance_moved_onto_another_one_is_there_once() -> None:
    assert moved(f"RECURRENCE-ID;{BERLIN}:20300502T200000", f"DTSTART;{BERLIN}:20300503T200000") == [
        MAY_1_TO_4[0],
        *MAY_1_TO_4[2:],
    ]


def test_this_and_future_moves_the_later_instances_by_as_much() -> None:
    assert moved(
        f"RECURRENCE-ID;{BERLIN};RANGE=THISANDFUTURE:20300502T200000", f"DTSTART;{BERLIN}:20300502T213000"
    ) == ["2030-05-01 20:00", "2030-05-02 21:30", "2030-05-03 21:30", "2030-05-04 21:30"]


def test_an_instance_moved_alone_does_not_follow_this_and_future() -> None:
    later = event(f"RECURRENCE-ID;{BERLIN};RANGE=THISANDFUTURE:20300502T200000", f"DTSTART;{BERLIN}:20300502T210000")
    alone = event(f"RECURRENCE-ID;{BERLIN}:20300503T200000", f"DTSTART;{BERLIN}:20300503T080000")
    (series,) = read_series(calendar(*alone, *event(*DAILY), *later))
    assert shown(series) == ["2030-05-01 20:00", "2030-05-02 21:00", "2030-05-03 08:00", "2030-05-04 21:00"]


def test_cancelled_instances_are_left_out() -> None:
    one = (f"RECURRENCE-ID;{BERLIN}:20300502T200000", f"DTSTART;{BERLIN}:20300502T200000", "STATUS:CANCELLED")
    assert moved(*one) == [MAY_1_TO_4[0], *MAY_1_TO_4[2:]]
    later = (f"RECURRENCE-ID;{BERLIN};RANGE=THISANDFUTURE:20300502T200000", *one[1:])
    assert moved(*later) == [MAY_1_TO_4[0]]
    assert shown(series_of(*DAILY, "STATUS:CANCELLED")) == []
    assert shown(series_of(*DAILY, "STATUS:CONFIRMED")) == MAY_1_TO_4


def test_the_highest_sequence_counts() -> None:
    old = event(f"DTSTART;{BERLIN}:20300501T180000", "SEQUENCE:1", name="Old")
    new = event(f"DTSTART;{BERLIN}:20300501T190000", "SEQUENCE:2", name="New")
    for both in (old + new, new + old):
        (series,) = read_series(calendar(*both))
        assert (series.name, shown(series)) == ("New", ["2030-05-01 19:00"])


def test_a_rule_without_end_goes_on_for_two_years_or_until_the_day_given() -> None:
    lines = (f"DTSTART;{BERLIN}:20300501T200000", "RRULE:FREQ=MONTHLY")
    assert shown(series_of(*lines))[-1] == "2032-05-01 20:00"
    assert len(series_of(*lines).dates) == 25
    assert shown(series_of(*lines, until=dt.date(2030, 6, 1))) == ["2030-05-01 20:00", "2030-06-01 20:00"]
    assert shown(series_of(*lines, until=dt.date(2030, 5, 31))) == ["2030-05-01 20:00"]
    assert shown(series_of(*lines, until=dt.date(2030, 4, 30))) == []


def test_until_does_not_cut_rules_that_end_nor_single_dates() -> None:
    assert shown(series_of(*DAILY, until=dt.date(2030, 5, 1))) == MAY_1_TO_4
    assert shown(series_of(DAILY[0], until=dt.date(2029, 1, 1))) == MAY_1_TO_4[:1]


def test_a_rule_keeps_the_local_hour_when_the_clocks_change() -> None:
    # Berlin's clocks go forward on March 31, 2030, and back on October 27, 2030.
    weekly = "RRULE:FREQ=WEEKLY;COUNT=2"
    assert shown(series_of(f"DTSTART;{BERLIN}:20300327T200000", weekly)) == ["2030-03-27 20:00", "2030-04-03 20:00"]


def test_a_local_time_that_the_clocks_leave_out_is_an_hour_later() -> None:
    assert shown(series_of(f"DTSTART;{BERLIN}:20300330T023000", "RRULE:FREQ=DAILY;COUNT=3")) == [
        "2030-03-30 02:30",
        "2030-03-31 03:30",
        "2030-04-01 02:30",
    ]


def test_a_rule_in_utc_moves_on_the_clocks_of_the_calendar_s_zone() -> None:
    series = series_of("DTSTART:20300327T190000Z", "RRULE:FREQ=WEEKLY;COUNT=2", before=("X-WR-TIMEZONE:Europe/Berlin",))
    assert series.time_zone == "Europe/Berlin"
    assert shown(series) == ["2030-03-27 20:00", "2030-04-03 21:00"]


@pytest.mark.parametrize(
    ("start", "before", "zone", "date"),
    [
        ("DTSTART:20300501T180000Z", (), "UTC", "2030-05-01 18:00"),
        ("DTSTART:20300501T180000Z", ("X-WR-TIMEZONE:Europe/Berlin",), "Europe/Berlin", "2030-05-01 20:00"),
        ("DTSTART:20300501T200000", (), "UTC", "2030-05-01 20:00"),
        ("DTSTART:20300501T200000", ("X-WR-TIMEZONE:Asia/Tokyo",), "Asia/Tokyo", "2030-05-01 20:00"),
        ("DTSTART;VALUE=DATE:20300501", (), "UTC", "2030-05-01 00:00"),
        ("DTSTART;VALUE=DATE:20300501", ("X-WR-TIMEZONE:Asia/Tokyo",), "Asia/Tokyo", "2030-05-01 00:00"),
        ("DTSTART;TZID=Asia/Tokyo:20300501T200000", ("X-WR-TIMEZONE:UTC",), "Asia/Tokyo", "2030-05-01 20:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20300501T200000", (), "Europe/Berlin", "2030-05-01 20:00"),
        ("DTSTART;TZID=/example.org/20300101_1/Europe/Paris:20300501T200000", (), "Europe/Paris", "2030-05-01 20:00"),
        ('DTSTART;TZID="europe/lisbon":20300501T200000', (), "Europe/Lisbon", "2030-05-01 20:00"),
        ("dtstart;tzid=Europe/Berlin:20300501t200000", (), "Europe/Berlin", "2030-05-01 20:00"),
    ],
)
def test_the_zone_of_an_event(start: str, before: tuple[str, ...], zone: str, date: str) -> None:
    series = series_of(start, before=before)
    assert (series.time_zone, shown(series)) == (zone, [date])


def test_a_zone_of_the_calendar_s_own_that_says_its_place() -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:Here", "X-LIC-LOCATION:Europe/Rome", "END:VTIMEZONE")
    assert series_of("DTSTART;TZID=Here:20300501T200000", before=zone).time_zone == "Europe/Rome"


def test_whole_days_repeat_and_are_taken_away_as_days() -> None:
    series = series_of("DTSTART;VALUE=DATE:20300501", "RRULE:FREQ=DAILY;UNTIL=20300503", "EXDATE;VALUE=DATE:20300502")
    assert shown(series) == ["2030-05-01 00:00", "2030-05-03 00:00"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20300503T180000Z", "2030-05-03 20:00"),
        ("20300503T175959Z", "2030-05-02 20:00"),
        ("20300503T200000", "2030-05-03 20:00"),
        ("20300503", "2030-05-03 20:00"),
    ],
)
def test_until_is_included_in_utc_local_or_as_a_day(until: str, last: str) -> None:
    assert shown(series_of(f"DTSTART;{BERLIN}:20300501T200000", f"RRULE:FREQ=DAILY;UNTIL={until}"))[-1] == last


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_folded_lines_are_read_even_where_they_are_folded_within_a_character(end: str) -> None:
    lines = event(f"DTSTART;{BERLIN}:20300501T200000", "RRULE:FREQ=DAI" + end + " LY;CO" + end + "\tUNT=2", name="Café")
    content = calendar(*lines, end=end).replace("é".encode(), b"\xc3" + end.encode() + b" \xa9")
    (series,) = read_series(content)
    assert series.name == "Café"
    assert len(series.dates) == 2


def test_texts_are_unescaped_and_stand_on_one_line() -> None:
    (series,) = read_series(calendar(*event(DAILY[0], name=r"Tosca\, or:\n the \\end\; \Nagain")))
    assert series.name == "Tosca, or: the \\end; again"


def test_what_is_no_event_is_passed_over() -> None:
    task = ("BEGIN:VTODO", "UID:x", "DTSTART:20300501", "END:VTODO")
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "END:VALARM")
    (series,) = read_series(b"\xef\xbb\xbf" + calendar(*task, *event(DAILY[0], *alarm, "X-COLOUR:red")))
    assert shown(series) == MAY_1_TO_4[:1]


def test_several_calendars_in_one_file() -> None:
    first = calendar("X-WR-TIMEZONE:Asia/Tokyo", *event("DTSTART:20300501T200000"))
    second = calendar(*event("DTSTART:20300501T200000", uid="two@example.org"))
    assert [series.time_zone for series in read_series(first + second)] == ["Asia/Tokyo", "UTC"]
