"""A share of the inputs for the parsers; `make hostile` feeds all of them."""

from typing import Any

import pytest
from hypothesis import strategies as st

from tests.hostile import fuzz
from tests.hostile.inputs import RIGHT_BYTES
from tests.hostile.parsers import PARSERS, Parser, check_cursor
from tests.hostile.wire import check_wire

INPUTS = 1_000
SEED = 2026


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_whatever_comes_is_judged(parser: Parser) -> None:
    wanted = fuzz.inputs_of(parser, INPUTS)
    assert fuzz.feed(parser, wanted, SEED) >= wanted


def test_control_an_input_that_is_judged_wrongly_is_found() -> None:
    """A parser that takes one cursor for two places, or falls over a byte, does not pass."""

    def falls(given: Any) -> None:
        if b"%" in given:
            raise UnicodeError(given)

    targets = next(parser for parser in PARSERS if parser.name == "path").fed
    with pytest.raises(UnicodeError):
        fuzz.feed(Parser("falls", targets, falls), 500, SEED)


def test_control_a_cursor_that_says_the_same_in_other_words_is_refused() -> None:
    check_cursor("WyJkYXRlIiwgIjIwMjctMDUtMDEiLCIyMDowMDowMCJd")


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_smuggled_requests_are_none_however_they_are_cut(cut: int) -> None:
    smuggled = b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    for framing in (
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 3, 4\r\n\r\nabc",
    ):
        check_wire((b"POST /a HTTP/1.1\r\nHost: x\r\n" + framing + smuggled, [cut]))


@pytest.mark.parametrize("sent", RIGHT_BYTES)
def test_requests_are_the_same_however_they_are_cut(sent: bytes) -> None:
    for cut in range(1, len(sent)):
        check_wire((sent, [cut]))


def test_every_parser_gets_its_part() -> None:
    assert sum(fuzz.inputs_of(parser, 100_000) for parser in PARSERS) >= 100_000
    assert all(isinstance(parser.fed, st.SearchStrategy) for parser in PARSERS)
