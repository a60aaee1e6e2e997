"""One storm of a few seconds on servers of its own: it adds up, its page is whole, and it leaves nothing behind."""

import re
from pathlib import Path

from stress.ceiling import answers_in
from stress.files import RESULT
from tests.stress.storms import storm


def test_a_storm_passes_adds_up_and_leaves_nothing_behind(tmp_path: Path) -> None:
    stormed = storm(tmp_path)
    result, totals = stormed.result, stormed.result.totals
    assert stormed.broken() == set(), stormed.printed
    assert stormed.status == 0
    assert "Passed." in stormed.printed

    audits = {audit.when: audit for audit in result.audits}
    assert all(audit.clean for audit in audits.values())
    assert audits["while holds are open"].reservations >= audits["in the end"].reservations == totals["paid"] > 0
    assert totals["buyers"] == totals["held"] + totals["sold_out"] + totals["refused_for_load"]
    assert totals["held"] > totals["paid"] + totals["let_go"], "nobody walked away"
    assert f"{totals['held']:,} held = {totals['paid']:,} paid + " in stormed.found("holds")
    assert sum(each.latency.count for each in result.latency.values()) <= sum(map(answers_in, result.moments))

    assert result.generator.ceiling is not None
    assert result.generator.ceiling.per_second > 0
    assert max(sum(fill.current) for fill in result.fills) > 0
    busy = result.processors
    for name in ("service", "postgres", "generator"):
        assert sum(getattr(look, name) or 0 for look in busy) > 0, f"{name} was never seen to work"

    assert stormed.page.count("<svg") >= 6
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://|src=", stormed.page)
    assert {path.name for path in tmp_path.iterdir()} == {"storm"}
    assert (tmp_path / "storm" / RESULT).exists()
    assert not list((tmp_path / "storm").glob("data-*")), "the servers' data is still there"
    assert processes_in(tmp_path) == []


def processes_in(folder: Path) -> list[str]:
    """Find the processes that work in a folder, or were told of it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            place, told = (entry / "cwd").readlink(), (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if place.is_relative_to(folder) or str(folder).encode() in told:
            found.append(told.decode(errors="replace"))
    return found
