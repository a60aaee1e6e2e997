"""Identifiers are UUIDv7 of their moment, and the public name of a reservation is read back as it was given out."""

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from boxoffice.identifiers import new_ids, parse_reservation_name, reservation_name

BIGINT_MAX = 2**63 - 1
ONE = UUID("0190a1b2-c3d4-7e5f-8a6b-0123456789ab")
HEX = ONE.hex


def test_ids_are_uuids_of_version_7_of_this_moment_ascending() -> None:
    before = time.time_ns() // 1_000_000
    made = new_ids(500)
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == len(made) == 500
    assert made == sorted(made)
    assert {(one.version, one.variant) for one in map(_plain, made)} == {(7, "specified in RFC 4122")}
    assert all(before <= one.int >> 80 <= after for one in made)


def test_all_bits_but_those_of_the_moment_and_the_form_are_chance() -> None:
    ones = zeros = 0
    for one in new_ids(2_000):
        ones |= one.int
        zeros |= ~one.int
    chance = (2**12 - 1) << 64 | (2**62 - 1)
    assert ones & zeros & (2**80 - 1) == chance


def test_no_ids_are_none() -> None:
    assert new_ids(0) == []


@pytest.mark.parametrize(("event_id", "digits"), [(1, "1"), (35, "z"), (36, "10"), (BIGINT_MAX, "1y2p0ij32e8e7")])
def test_a_name_is_the_event_in_base_36_and_the_uuid(event_id: int, digits: str) -> None:
    assert reservation_name(event_id, ONE) == f"{digits}-{HEX}"
    assert parse_reservation_name(f"{digits}-{HEX}") == (event_id, ONE)


@given(some.integers(1, BIGINT_MAX))
def test_a_name_is_read_back(event_id: int) -> None:
    (made,) = new_ids(1)
    assert parse_reservation_name(reservation_name(event_id, made)) == (event_id, made)


@pytest.mark.parametrize(
    "name",
    [
        "",
        HEX,
        f"-{HEX}",
        f"0-{HEX}",
        f"01-{HEX}",
        f"Z-{HEX}",
        f"1y2p0ij32e8e8-{HEX}",
        f"10000000000000-{HEX}",
        f"1-{HEX}0",
        f"1-{HEX[:-1]}",
        f"1-{HEX}\n",
        f"1-{HEX.upper()}",
        f"1-{HEX[:12]}4{HEX[13:]}",
        f"1-{HEX[:16]}c{HEX[17:]}",
        f"1_{HEX}",
        f"\u0661-{HEX}",
    ],
)
def test_what_was_never_given_out_is_no_name(name: str) -> None:
    assert parse_reservation_name(name) is None


def _plain(made: UUID) -> UUID:
    """The driver's own kind of UUID, as Python's."""
    return UUID(int=made.int)
