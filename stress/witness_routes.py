"""The admin routes as a witness: for a service that somebody else runs, whose database is not seen from here."""

import datetime as dt
import time
from collections.abc import Mapping

from bench.errors import CannotRun
from boxoffice.values import DateKey
from stress.events import Events
from stress.routes import Routes
from stress.truth import Booked
from stress.values import Audit

POLL_SECONDS = 1.0
GRACE_SECONDS = 60.0


class RouteWitness:
    """Asks the service itself, by the routes that recount: its word about single holds is not taken."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def wait_for_holds(self, events: Events) -> None:
        """Return when no unpaid hold is left of the events. Raises CannotRun when some never go."""
        for key in _keys(events):
            deadline: float | None = None
            while held := self._routes.reservations(key, state="held"):
                now = time.monotonic()
                if deadline is None:  # the latest of them says for how long to wait, by the service's clock
                    last = max(each.expires_at for each in held)
                    left = (last - dt.datetime.now(tz=dt.UTC)).total_seconds()
                    deadline = now + max(0.0, left) + GRACE_SECONDS
                if now > deadline:
                    raise CannotRun(f"{len(held):,} unpaid holds of {key.date} are left long after their time")
                time.sleep(POLL_SECONDS)

    def reservations(self, events: Events) -> Mapping[str, Booked]:
        """Return the live reservations of the events by their public ids."""
        return {
            each.reservation_id: Booked(paid=each.state == "paid", tickets=sum(line.quantity for line in each.tickets))
            for key in _keys(events)
            for each in self._routes.reservations(key)
        }

    def tickets(self, events: Events) -> Mapping[DateKey, int]:
        """Return how many tickets each date has, held and paid, as its shards count them."""
        return {key: sum(shard.current for shard in self._routes.shards(key).total) for key in _keys(events)}

    def removed(self) -> None:
        """Nobody tells how many reservations a service removed that others use too."""

    def audit(self, events: Events, when: str) -> Audit:
        """Have the service recount each of the events."""
        verdicts = {event.event_id: self._routes.audit(event.event_id) for event in events}
        return Audit(
            when=when,
            clean=all(verdict.clean for verdict in verdicts.values()),
            findings=[
                f"event {event_id}, {finding.text}"
                for event_id, verdict in verdicts.items()
                for finding in verdict.findings
            ],
            notes=[note for verdict in verdicts.values() for note in verdict.notes],
            dates=sum(verdict.checked.dates for verdict in verdicts.values()),
            reservations=sum(verdict.checked.reservations for verdict in verdicts.values()),
            tickets=sum(verdict.checked.tickets for verdict in verdicts.values()),
        )


def _keys(events: Events) -> list[DateKey]:
    return [key for event in events for key in event.keys]
