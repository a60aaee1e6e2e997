"""Cursors: what was given out is read back, and nothing else is read at all."""

import datetime as dt
from base64 import urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.api.cursors import AfterDate, AfterEvent, AfterReservation, read_cursor, write_cursor
from boxoffice.errors import InvalidRequest

events = st.builds(AfterEvent, first_date=st.dates(), event_id=st.integers(1, 2**63 - 1))
dates = st.builds(AfterDate, date=st.dates(), start_time=st.times())


@given(events)
def test_the_place_of_an_event_is_read_back(place: AfterEvent) -> None:
    assert read_cursor(write_cursor(place), AfterEvent) == place


@given(dates)
def test_the_place_of_a_date_is_read_back(place: AfterDate) -> None:
    assert read_cursor(write_cursor(place), AfterDate) == place


@given(st.text() | events.map(write_cursor) | dates.map(write_cursor), st.integers(0, 40), st.text(max_size=2))
def test_a_string_is_either_what_would_be_given_out_or_refused(cursor: str, place: int, inserted: str) -> None:
    changed = cursor[:place] + inserted + cursor[place:]
    with suppress(InvalidRequest):
        assert write_cursor(read_cursor(changed, AfterEvent)) == changed
    with suppress(InvalidRequest):
        assert write_cursor(read_cursor(changed, AfterDate)) == changed


@pytest.mark.parametrize(
    "content",
    [
        '["date","2026-12-01","20:00:00Z"]',
        '["date","2026-12-01","20:00:00+01:00"]',
        '["date","2026-12-01","20:00:00",1]',
        '["date", "2026-12-01","20:00:00"]',
        '["event","2026-12-01",1]',
        '["date","2026-12-01"]',
        "{}",
        "",
    ],
)
def test_what_only_looks_like_a_place_is_refused(content: str) -> None:
    cursor = urlsafe_b64encode(content.encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidRequest):
        read_cursor(cursor, AfterDate)


def test_what_nests_deeper_than_the_reader_can_follow_is_refused() -> None:
    def deep(place: str) -> str:
        return urlsafe_b64encode((place + "[" * 30_000).encode()).decode()

    with pytest.raises(InvalidRequest):
        read_cursor(deep('["event","2026-12-01",1,'), AfterEvent)
    with pytest.raises(InvalidRequest):
        read_cursor(deep('["date","2026-12-01","20:00:00",'), AfterDate)
    with pytest.raises(InvalidRequest):
        read_cursor(deep('["reservation","019abf2e-8c5b-7d3e-9a41-7f0c2b6d8e51",'), AfterReservation)


def test_an_event_id_beyond_the_tables_is_refused() -> None:
    cursor = urlsafe_b64encode(b'["event","2026-12-01",9223372036854775808]').rstrip(b"=").decode()
    with pytest.raises(InvalidRequest):
        read_cursor(cursor, AfterEvent)


def test_a_known_cursor_stays_what_it_is() -> None:
    place = AfterDate(dt.date(2026, 12, 1), dt.time(20))
    assert write_cursor(place) == urlsafe_b64encode(b'["date","2026-12-01","20:00:00"]').rstrip(b"=").decode()
