"""The log tells where a fault happened, and no value that anybody sent."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from boxoffice.errors import CannotStart
from boxoffice.log import fault_told, message_of, set_up_log

SECRET = "ch_3Nk2bF-the-payment"


class DriverError(Exception):
    """Quotes what it could not deal with, and tells the rest in further lines, as drivers do."""


def fail(reference: str) -> None:
    held_here = {"reference": reference}
    try:
        raise DriverError(f"invalid input for query argument $2: {reference!r} (expected int)\nDETAIL: ({reference})")
    except DriverError as error:
        raise KeyError(held_here["reference"]) from error


def test_a_fault_is_told_by_its_places_without_values() -> None:
    with pytest.raises(KeyError) as raised:
        fail(SECRET)
    told = fault_told(raised.value)
    assert SECRET not in told
    assert told.count("in fail") == 2
    assert "DriverError: invalid input for query argument $2: '...' (expected int)" in told
    assert "builtins.KeyError: '...'" in told


@pytest.mark.parametrize("quote", ["it's", 'say "it"', "'", '"', "a'b\"c"])
def test_whatever_is_quoted_is_left_out_whole(quote: str) -> None:
    told = message_of(ValueError(f"invalid literal: {quote + SECRET + quote!r}"))
    assert SECRET not in told
    assert told.startswith("invalid literal: '...'")


def test_what_this_program_says_itself_is_told_as_it_is() -> None:
    assert message_of(CannotStart("another `boxoffice run` uses 'here'")) == "another `boxoffice run` uses 'here'"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged while the test runs."""
    stream = io.StringIO()
    before = structlog.get_config()
    set_up_log(stream)
    yield stream
    structlog.configure(**before)
    logging.basicConfig(handlers=[logging.StreamHandler(sys.stderr)], force=True)


def test_nothing_secret_gets_into_the_log(log: io.StringIO) -> None:
    try:
        fail(SECRET)
    except KeyError:
        structlog.get_logger().exception("unexpected_error", route="/reservation/{reservation_id}")
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
        logging.getLogger("asyncio").error("Task was destroyed, %r\nfuture: <exception=%s>", SECRET, SECRET)
    said = log.getvalue()
    assert said.count("in fail") == 4
    assert "unexpected_error" in said
    assert "[ERROR] asyncio: Task was destroyed, '...'" in said
    assert "/reservation/{reservation_id}" in said
    assert SECRET not in said


def test_control_as_it_is_shipped_the_library_tells_the_values() -> None:
    stream = io.StringIO()
    try:
        fail(SECRET)
    except KeyError:
        structlog.dev.RichTracebackFormatter()(stream, sys.exc_info())  # type: ignore[arg-type]  # a fault is at hand
    assert SECRET in stream.getvalue()
