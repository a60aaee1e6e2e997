"""Putting an event of a scenario on sale, by the admin's routes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from tests.concurrency.rush_line import Line
from tests.simulation.operations import Scenario

FIRST_DATE = dt.date(dt.datetime.now(tz=dt.UTC).year + 1, 5, 1)
START = dt.time(20)
TYPES = 3


class _Made(msgspec.Struct):
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An event that is on sale: its id, the ids of its types, and its dates."""

    event_id: int
    types: Sequence[int]
    dates: Sequence[dt.date]

    def path(self, date: int) -> str:
        """Return where tickets of a date are asked for."""
        return f"/events/{self.event_id}/{self.dates[date]}/{START.isoformat('minutes')}"


async def add_types(admin: Line) -> Sequence[int]:
    """Make the ticket types of all scenarios; return their ids."""
    return [(await _made(admin, "/ticket-types", {"name": f"Type {number}"})).id for number in range(TYPES)]


async def add_event(admin: Line, scenario: Scenario, types: Sequence[int]) -> Shown:
    """Put the event of a scenario on sale."""
    offer = scenario.offer
    offered = types[: len(offer.types)]
    dates = [FIRST_DATE + dt.timedelta(days=day) for day in range(scenario.dates)]
    event = {
        "name": f"Seed {scenario.seed}",
        "maxTickets": offer.total.limit,
        "numShards": offer.total.shards,
        "ticketTypes": [
            {"tickettypeId": kind, "max": counted.limit, "numShards": counted.shards}
            for kind, counted in zip(offered, offer.types, strict=True)
        ],
        "dates": [{"date": date.isoformat(), "startTime": START.isoformat("minutes")} for date in dates],
    }
    made = await _made(admin, "/events", event)
    return Shown(event_id=made.id, types=offered, dates=dates)


async def _made(admin: Line, path: str, content: object) -> _Made:
    answer = await admin.admin("POST", path, content)
    assert answer.status == 201, answer
    return answer.read(_Made)
