"""Wrong versions of the service, each by one small change to a copy of the package: the simulation must find them all.

A part that is no longer there fails, so that no control goes on proving something about code that has changed.
"""

import asyncio
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.concurrency.weakened import without_check

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "boxoffice"
IN_HALF_A_SECOND = "{} <= clock_timestamp() + interval '500 ms'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A part of a file of the package, and what stands there instead."""

    file: str
    part: str
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Edits that make the service wrong, and CHECKs (table, name) that would stop it and must go too."""

    edits: Sequence[Edit]
    without: Sequence[tuple[str, str]] = ()


DEFECTS: Mapping[str, Defect] = {
    "the limit of a date is not guarded": Defect(
        edits=[Edit(file="booking/sql/hold.sql", part="        AND c.shard_current + w.quantity <= c.shard_max\n")],
        without=[("consumption", "consumption_within_limit")],
    ),
    "the limit of a type is not guarded": Defect(
        edits=[
            Edit(
                file="booking/sql/hold.sql",
                part="AND (c.shard_max IS NULL OR c.shard_current + w.quantity <= c.shard_max)",
            )
        ],
        without=[("consumption_tt", "consumption_tt_within_limit")],
    ),
    "counters are forgotten at expiry": Defect(
        edits=[
            Edit(
                file="booking/sql/give_back.sql",
                part="c.shard_current - q.quantity\n    FROM returned_total",
                instead="c.shard_current - CASE $3 WHEN 'overdue' THEN 0 ELSE q.quantity END\n    FROM returned_total",
            )
        ]
    ),
    "a hold is lost before its deadline": Defect(
        edits=[
            Edit(file=f"booking/sql/{file}.sql", part=f"{name} <= {clock}", instead=IN_HALF_A_SECOND.format(name))
            for file, name, clock in (
                ("give_back", "expires_at", "clock_timestamp()"),
                ("lock_overdue", "r.expires_at", "now()"),
                ("overdue_events", "r.expires_at", "now()"),
            )
        ]
    ),
    "a payment counts after the deadline": Defect(
        edits=[Edit(file="booking/sql/pay.sql", part=" AND j.judged_at < j.expires_at")],
        without=[("reservation", "reservation_paid_in_time")],
    ),
    "a date that was full is refused for long": Defect(
        edits=[
            Edit(
                file="availability/marks.py",
                part="mark.passed_at >= self._bound:\n            return None",
                instead="mark.passed_at >= 60:\n            return None",
            ),
            Edit(
                file="availability/marks.py",
                part="                self._drop(date_key)\n                if self._learner",
                instead="                if self._learner",
            ),
        ]
    ),
    "who has an Idempotency-Key is refused from memory": Defect(
        edits=[
            Edit(
                file="hold_flight.py",
                part="        if wanted.idempotency_key is not None:\n            return None\n",
            ),
        ]
    ),
    "a key answers with whatever tickets it has": Defect(
        edits=[
            Edit(
                file="hold_plan.py",
                part="return date_key == wanted.date_key and tuple(lines) == wanted.lines",
                instead="return date_key == wanted.date_key",
            )
        ]
    ),
    "whoever lets go is told that it was done": Defect(
        edits=[
            Edit(
                file="booking/release.py",
                part="if repeated or reservation_id not in returned.gone:",
                instead="if repeated and reservation_id not in returned.gone:",
            )
        ]
    ),
    "a change loses a ticket": Defect(
        edits=[
            Edit(
                file="catalog/spread.py",
                part="zip(currents, _parts(free, len(currents)), strict=True)",
                instead="zip(currents, _parts(max(0, free - 1), len(currents)), strict=True)",
            )
        ]
    ),
}


@contextmanager
def with_defect(name: str, database_url: str, folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield the environment of services that have this defect; while the context lasts, the database lets them."""
    defect = DEFECTS[name]
    place = folder / name.replace(" ", "-")
    shutil.copytree(PACKAGE, place / "boxoffice", ignore=shutil.ignore_patterns("__pycache__", "page"))
    for edit in defect.edits:
        file = place / "boxoffice" / edit.file
        text = file.read_text()
        assert text.count(edit.part) == 1, f"{text.count(edit.part)} times in {edit.file}: {edit.part}"
        file.write_text(text.replace(edit.part, edit.instead))
    with asyncio.Runner() as runner:
        checks = AsyncExitStack()
        for table, check in defect.without:
            runner.run(checks.enter_async_context(without_check(database_url, table, check)))
        try:
            yield {"PYTHONPATH": str(place)}
        finally:
            runner.run(checks.aclose())
