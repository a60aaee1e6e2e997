"""The database as a witness: for a service that the run has started by itself."""

import asyncio
import time
from collections.abc import Mapping

from bench.database import Database
from bench.errors import CannotRun
from boxoffice.booking.audit import audit
from boxoffice.identifiers import reservation_name
from boxoffice.values import DateKey
from stress.events import Events
from stress.truth import Booked
from stress.values import Audit

POLL_SECONDS = 0.25
GRACE_SECONDS = 60.0
RESERVATIONS = """
    SELECT r.event_id, r.id, r.paid_at IS NOT NULL AS paid, count(t.id) AS tickets
    FROM reservation r
    LEFT JOIN tickets t ON t.event_id = r.event_id AND t.reservation_id = r.id
    WHERE r.event_id = ANY ($1::bigint[])
    GROUP BY r.event_id, r.id
"""
TICKETS = """
    SELECT event_id, date, start_time, count(*) AS tickets FROM tickets
    WHERE event_id = ANY ($1::bigint[]) GROUP BY event_id, date, start_time
"""
REMOVED = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'reservation'"
UNPAID = "SELECT count(*) FROM reservation WHERE event_id = ANY ($1::bigint[]) AND paid_at IS NULL"


class DatabaseWitness:
    """Reads the tables, and runs the audit as `boxoffice audit` does."""

    def __init__(self, database: Database, hold_seconds: int) -> None:
        self._database = database
        self._hold_seconds = hold_seconds

    def wait_for_holds(self, events: Events) -> None:
        """Return when no unpaid hold is left of the events. Raises CannotRun when some never go."""
        deadline = time.monotonic() + self._hold_seconds + GRACE_SECONDS
        while left := int(self._database.number(UNPAID, _ids(events))):
            if time.monotonic() > deadline:
                raise CannotRun(f"{left:,} unpaid holds are left long after their time")
            time.sleep(POLL_SECONDS)

    def reservations(self, events: Events) -> Mapping[str, Booked]:
        """Return the live reservations of the events by their public ids."""
        rows = self._database.rows(RESERVATIONS, _ids(events))
        return {
            reservation_name(row["event_id"], row["id"]): Booked(paid=row["paid"], tickets=row["tickets"])
            for row in rows
        }

    def tickets(self, events: Events) -> Mapping[DateKey, int]:
        """Return how many tickets each date has, held and paid."""
        rows = self._database.rows(TICKETS, _ids(events))
        found = {DateKey(row["event_id"], row["date"], row["start_time"]): row["tickets"] for row in rows}
        return {key: found.get(key, 0) for event in events for key in event.keys}

    def removed(self) -> int:
        """Return how many reservations were ever removed, let go or expired, as PostgreSQL itself counts.

        Connections tell what they have removed when they close at the latest: ask when the service has stopped.
        """
        return int(self._database.number(REMOVED))

    def audit(self, events: Events, when: str) -> Audit:
        """Recount everything that the database has, and compare."""
        report = asyncio.run(audit(self._database.url))
        return Audit(
            when=when,
            clean=report.clean,
            findings=[f"event {each.event_id}, {each}" for each in report.differences],
            notes=list(report.notes),
            dates=report.dates,
            reservations=report.reservations,
            tickets=report.tickets,
        )


def _ids(events: Events) -> list[int]:
    return [event.event_id for event in events]
