"""Storms on services that were spoilt on purpose: each must be found out, and the reason named. `make stress-sabotage`.

`make test` has a storm that passes (test_storm.py), and judges stories that are told by hand (test_sums.py).
"""

from pathlib import Path

from tests.stress.storms import fails_now_and_then, loses_holds, oversells, storm

ONE_IN = 1_000
"""A fault of so few that no average shows it."""

MANY_REQUESTS = ("rates.rush=200", "rates.sold_out=200", "seconds.rush=6", "capacity=5000")


def test_a_service_that_oversells_is_found_out(tmp_path: Path) -> None:
    stormed = storm(tmp_path, "--without-ceiling", changes=("capacity=60", "shards=4"), sources=oversells(tmp_path))
    assert stormed.status == 1
    assert {"oversold", "audit-in-the-end"} <= stormed.broken(), stormed.printed
    assert "tickets of 60" in stormed.found("oversold")
    assert "oversold: no date ever had more tickets than there are" in stormed.printed.replace("\n", " ")


def test_a_service_that_loses_acknowledged_holds_is_found_out(tmp_path: Path) -> None:
    stormed = storm(tmp_path, "--without-ceiling", sources=loses_holds(tmp_path))
    assert stormed.status == 1
    assert {"holds", "lost-holds"} <= stormed.broken(), stormed.printed
    assert "acknowledged holds were lost: " in stormed.printed
    assert stormed.found("lost-holds") in stormed.page


def test_a_service_that_fails_once_in_a_thousand_times_is_found_out(tmp_path: Path) -> None:
    stormed = storm(tmp_path, "--without-ceiling", changes=MANY_REQUESTS, sources=fails_now_and_then(tmp_path, ONE_IN))
    assert stormed.status == 1
    assert {"failed", "artillery"} <= stormed.broken(), stormed.printed
    assert "answered 500" in stormed.found("failed")
    assert 0 < stormed.result.totals["failed"] <= sum(stormed.result.totals.values()) / ONE_IN + 1
