"""Every metric that /metrics shows: its name without the ending, its type, its labels, and what it tells.

docs/metrics.md explains them; a test holds the two together. `HELP` texts are for whoever is on call.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. Every sample has the label `process` besides, but for families of the `scrape`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str

    @property
    def shown_name(self) -> str:
        """The name as Prometheus stores it; a histogram's samples end in _bucket, _count and _sum."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


_DECLARED = (
    Family("boxoffice_http_requests", "counter", ("route", "method", "status"), "Requests answered."),
    Family("boxoffice_http_clients_gone", "counter", (), "Clients that left before they were answered."),
    Family("boxoffice_holds", "counter", ("outcome",), "Requests to hold tickets, by how they ended."),
    Family("boxoffice_payments", "counter", ("outcome",), "Requests to pay a hold, by how they ended."),
    Family("boxoffice_releases", "counter", ("outcome",), "Requests to let a hold go, by how they ended."),
    Family("boxoffice_finds", "counter", ("outcome",), "Requests to look at a reservation, by how they ended."),
    Family(
        "boxoffice_overloads",
        "counter",
        ("kind", "reason"),
        "Requests answered 503, by their kind and the reason: what the service is short of.",
    ),
    Family("boxoffice_requests_waiting", "gauge", ("kind",), "Requests that wait for their flight now."),
    Family("boxoffice_flights_in_air", "gauge", ("kind",), "Flights that the database works on now."),
    Family("boxoffice_flight_requests", "histogram", ("kind",), "Requests combined in one flight."),
    Family(
        "boxoffice_flight_wait_seconds",
        "histogram",
        ("kind",),
        "Time that the first request of a flight had waited when the flight left.",
    ),
    Family("boxoffice_flight_seconds", "histogram", ("kind",), "Time from a flight's start to the last answer in it."),
    Family(
        "boxoffice_plans_failed",
        "counter",
        (),
        "Plans that Postgres refused because a shard had less room than believed; each costs a repeat.",
    ),
    Family("boxoffice_full_passes", "counter", (), "Reads of a whole date, each before a refusal or after a bad plan."),
    Family("boxoffice_dates_remembered", "gauge", (), "Dates of which this process believes to know the room."),
    Family(
        "boxoffice_dates_exhausted",
        "gauge",
        (),
        "Dates believed to be sold out, among those sold latest (their shards are counted by boxoffice_shards).",
    ),
    Family(
        "boxoffice_shards",
        "gauge",
        ("limit", "left"),
        "Shards of the dates sold latest, by the units believed to be left in them; left=0: exhausted.",
    ),
    Family(
        "boxoffice_memory_answers",
        "counter",
        ("memory", "layer"),
        "Answers from memory, by the layer that had them; loaded: neither had, the database was read.",
    ),
    Family("boxoffice_processes_alive", "gauge", (), "Processes that this one believes to live, behind any port."),
    Family("boxoffice_redis_present", "gauge", (), "1 while Redis answers, 0 while selling goes on without it."),
    Family("boxoffice_redis_questions", "counter", (), "Questions to Redis."),
    Family("boxoffice_redis_losses", "counter", (), "Times that Redis stopped answering in time."),
    Family("boxoffice_redis_untold", "counter", (), "Messages and answers that Redis was not told."),
    Family("boxoffice_messages_heard", "counter", (), "Messages heard from other processes."),
    Family("boxoffice_messages_gaps", "counter", (), "Times that messages may have been missed; memory is emptied."),
    Family("boxoffice_sweeper_runs", "counter", (), "Looks for overdue holds."),
    Family("boxoffice_sweeper_failures", "counter", (), "Looks that failed, and events that could not be swept."),
    Family("boxoffice_sweeper_expired", "counter", (), "Overdue holds that this process's sweeper put back on sale."),
    Family("boxoffice_sweeper_last_run_seconds", "gauge", (), "Time that the latest look took, with what it expired."),
    Family(
        "boxoffice_sweeper_overdue_seconds",
        "gauge",
        (),
        "How long the oldest overdue hold was overdue when the sweeper looked last; 0 when there was none.",
    ),
    Family("boxoffice_database_connections", "gauge", ("pool", "state"), "Open connections to Postgres."),
    Family("boxoffice_database_connections_max", "gauge", ("pool",), "Connections that a pool may open."),
    Family(
        "boxoffice_event_loop_lag_seconds",
        "histogram",
        (),
        "How much later than asked the event loop took its turn, looked at four times a second.",
    ),
    Family(
        "boxoffice_scrape_processes",
        "gauge",
        ("state",),
        "Processes behind this port: how many told their numbers for this scrape, and how many live but kept silent.",
    ),
)
FAMILIES = {family.name: family for family in _DECLARED}
