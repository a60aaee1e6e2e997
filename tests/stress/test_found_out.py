"""A service that loses what it acknowledged is found out, and the reason is named. `make stress-sabotage` has more."""

from pathlib import Path

from tests.stress.storms import loses_holds, storm


def test_a_service_that_loses_acknowledged_holds_is_found_out(tmp_path: Path) -> None:
    stormed = storm(tmp_path, "--without-ceiling", sources=loses_holds(tmp_path))
    assert stormed.status == 1
    assert {"holds", "lost-holds"} <= stormed.broken(), stormed.printed
    assert "acknowledged holds were lost: " in stormed.printed
    assert stormed.found("lost-holds") in stormed.page
