"""Every change of the catalogue, as a verb."""

import datetime as dt
from typing import ClassVar

from sqlalchemy.exc import SQLAlchemyError

from boxoffice.catalog.calendar import NamedType, import_calendar
from boxoffice.catalog.roll import roll_forward, roll_one_by_one
from boxoffice.database import UNREACHABLE, open_engine, reachable_engine
from boxoffice.errors import CannotStart
from tests.api.shop import new_event
from tests.catalog.calendars import calendar, event
from tests.faults.stage import Stage
from tests.faults.verbs import Verb, done
from tests.world import NEXT_YEAR, make_overdue

DATE = dt.date(NEXT_YEAR, 7, 1)


class Change(Verb):
    """A change of limits and shards while tickets are held, paid and overdue; some shards vanish."""

    round_trips = 20
    wanted: ClassVar[dict[str, object]] = {
        "maxTickets": 14,
        "numShards": 2,
        "ticketTypes": [{"tickettypeId": 1, "max": 7, "numShards": 1}],
    }

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event(dates=2)
        paid, _ = [await stage.hold(self.date_key, {1: quantity, 2: 1}) for quantity in (2, 4)]
        assert (await stage.shop.post(paid.headers["location"], {"paymentReference": "paid"})).status_code == 200
        await make_overdue(stage.pool, self.date_key.event_id)
        assert (await stage.hold(self.date_key, {1: 3, 2: 1})).status_code == 201

    async def act(self, stage: Stage) -> bool:
        return done(await stage.shop.admin("PATCH", f"/events/{self.date_key.event_id}", self.wanted), 200)


class MoreShards(Change):
    """A change to more shards, of the total and of a type."""

    round_trips = 19
    wanted: ClassVar[dict[str, object]] = {
        "numShards": 5,
        "ticketTypes": [{"tickettypeId": 2, "max": 12, "numShards": 4}],
    }


class FewerTickets(Change):
    """A change to a lower limit."""

    round_trips = 15
    wanted: ClassVar[dict[str, object]] = {"maxTickets": 8}


class AddType(Change):
    """A change that offers one type more."""

    round_trips = 17

    async def prepare(self, stage: Stage) -> None:
        await super().prepare(stage)
        made = await stage.shop.admin("POST", "/ticket-types", {"name": "Child"})
        self.offered = [{"tickettypeId": made.json()["id"], "max": 4, "numShards": 2}]

    async def act(self, stage: Stage) -> bool:
        path = f"/events/{self.date_key.event_id}"
        return done(await stage.shop.admin("PATCH", path, {"ticketTypes": self.offered}), 200)


class AddDates(Verb):
    """Dates of an event that is being sold."""

    round_trips = 11

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event()
        self.granted = (201,)

    async def act(self, stage: Stage) -> bool:
        dates = [{"date": (DATE + dt.timedelta(days=days)).isoformat(), "startTime": "20:00"} for days in range(2)]
        path = f"/events/{self.date_key.event_id}/dates"
        added = done(await stage.shop.admin("POST", path, {"dates": dates}), *self.granted)
        self.granted = (201, 409)
        return added


class CreateEvent(Verb):
    """A new event with two dates and two types."""

    round_trips = 10
    repeatable = False

    async def prepare(self, stage: Stage) -> None:
        await stage.shop.add_types("Normal", "Discount")

    async def act(self, stage: Stage) -> bool:
        types = [row["id"] for row in await stage.pool.fetch("SELECT id FROM ticket_type ORDER BY id")]
        dates = [{"date": DATE.isoformat(), "startTime": time} for time in ("16:00", "20:00")]
        offered = [{"tickettypeId": types[0]}, {"tickettypeId": types[1], "max": 4}]
        return done(await stage.shop.admin("POST", "/events", new_event(ticketTypes=offered, dates=dates)), 201)


class CreateType(Verb):
    """A new ticket type."""

    round_trips = 3
    repeatable = False

    async def prepare(self, stage: Stage) -> None:
        """It needs nothing."""

    async def act(self, stage: Stage) -> bool:
        return done(await stage.shop.admin("POST", "/ticket-types", {"name": "Normal"}), 201)


class Import(Verb):
    """A calendar of two events, one of which is there with fewer dates, by the command."""

    round_trips = 34
    types = (NamedType("Normal", None), NamedType("Discount", 4))

    async def prepare(self, stage: Stage) -> None:
        assert await self._read(stage, "COUNT=1")

    async def act(self, stage: Stage) -> bool:
        return await self._read(stage, "COUNT=3", *event(self._start(), uid="two", name="Ballet"))

    async def _read(self, stage: Stage, count: str, *more: str) -> bool:
        content = calendar(*event(self._start(), f"RRULE:FREQ=WEEKLY;{count}"), *more)
        try:
            async with reachable_engine(stage.settings) as engine:
                await import_calendar(engine, content, max_tickets=10, num_shards=2, ticket_types=self.types)
        except CannotStart:
            return False
        return True

    def _start(self) -> str:
        return f"DTSTART;TZID=Europe/Berlin:{DATE:%Y%m%d}T200000"


class Roll(Verb):
    """Remembering the next date of an event whose remembered one has begun."""

    round_trips = 13
    roll = staticmethod(roll_forward)

    async def prepare(self, stage: Stage) -> None:
        self.date_key = await stage.put_event()
        await stage.pool.execute("UPDATE events SET next_date = '2000-01-01', next_starts_at = '2000-01-01'")

    async def act(self, stage: Stage) -> bool:
        engine = open_engine(stage.settings)
        try:
            await self.roll(engine, 10)
        except (*UNREACHABLE, SQLAlchemyError):
            return False
        finally:
            await engine.dispose()
        return True


class RollOneByOne(Roll):
    """The same, as a distributed database has it done."""

    roll = staticmethod(roll_one_by_one)
