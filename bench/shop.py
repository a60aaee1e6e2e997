"""What is on sale in a run: events so large that nothing sells out, put in by the catalogue's own verbs."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from bench.database import Database
from bench.errors import Untrue
from boxoffice.catalog.create import create_event, create_ticket_type
from boxoffice.catalog.values import DateAndTime, NewEvent, NewType

FIRST_DATE = dt.date(dt.datetime.now(dt.UTC).year + 1, 1, 1)
START_TIME = dt.time(20)
PLENTY = 900_000_000
PLENTY_OF_TYPE = 800_000_000
QUANTITY = 2
HOLD_SECONDS = 3_600
SETTLE_SECONDS = 0.3
SETTLE_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSale:
    """One event of the shop: its dates follow each other day by day, its types are in order of id."""

    event_id: int
    types: Sequence[int]
    dates: int
    shards: int

    @property
    def paths(self) -> Sequence[str]:
        """Where each date's tickets are held."""
        days = (FIRST_DATE + dt.timedelta(days=day) for day in range(self.dates))
        return [f"/events/{self.event_id}/{day}/20:00" for day in days]

    @property
    def variables(self) -> Mapping[str, int | str]:
        """What the transactions of pgbench are told."""
        return {
            "event": self.event_id,
            "type": self.types[0],
            "first": str(FIRST_DATE),
            "dates": self.dates,
            "shards": self.shards,
            "hold_seconds": HOLD_SECONDS,
        }


class Shop:
    """Puts events into a database, and knows what was sold of them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put_event(
        self,
        *,
        shards: int = 16,
        dates: int = 1,
        max_tickets: int = PLENTY,
        limits: Sequence[int | None] = (PLENTY_OF_TYPE,),
    ) -> OnSale:
        """Put one event in, with one type for each of `limits`."""
        return self.database.with_engine(
            partial(_put_event, shards=shards, dates=dates, max_tickets=max_tickets, limits=limits)
        )

    def put_events(self, count: int) -> Sequence[OnSale]:
        """Put so many events in, of one date and one shard each, which all offer the same type."""
        return self.database.with_engine(partial(_put_events, count=count))

    def empty(self) -> None:
        """Forget all that was sold, and leave tables and log as a new run should find them."""
        self.database.execute(
            "TRUNCATE tickets, reservation",
            "UPDATE consumption SET shard_current = 0 WHERE shard_current > 0",
            "UPDATE consumption_tt SET shard_current = 0 WHERE shard_current > 0",
            "VACUUM consumption",
            "VACUUM consumption_tt",
        )
        self.calm()

    def calm(self) -> None:
        """Write everything down, so that no run pays for the one before it."""
        self.database.execute("CHECKPOINT")

    def reservations(self, *on_sale: OnSale) -> int:
        """Count the reservations of events, held or paid."""
        events = [each.event_id for each in on_sale]
        return int(self.database.number("SELECT count(*) FROM reservation WHERE event_id = ANY ($1::bigint[])", events))

    def settled_reservations(self, *on_sale: OnSale) -> int:
        """Count them when none has been added for a while: what was under way has then ended."""
        deadline, before = time.monotonic() + SETTLE_SECONDS_MAX, -1
        while (now := self.reservations(*on_sale)) != before:
            if time.monotonic() > deadline:
                raise Untrue("reservations are still added long after the last request")
            before = now
            time.sleep(SETTLE_SECONDS)
        return now

    def check_sold(self, *on_sale: OnSale, answered: int, under_way_max: int, only_event: bool = False) -> None:
        """Raise Untrue unless every 201 is in the database, little more than that is, and the audit is clean.

        When a generator stops, what its connections were waiting for may still be booked: one hold each.
        """
        made = self.settled_reservations(*on_sale)
        if made < answered:
            raise Untrue(f"{answered:,} holds were answered 201, {made:,} are in the database")
        if made > answered + under_way_max:
            raise Untrue(f"{made:,} holds are in the database, only {answered:,} were answered 201")
        self.database.check_audit(on_sale[0].event_id if only_event else None)


async def _put_event(
    engine: AsyncEngine, *, shards: int, dates: int, max_tickets: int, limits: Sequence[int | None]
) -> OnSale:
    types = [(await create_ticket_type(engine, f"Type {number}")).id for number in range(1, len(limits) + 1)]
    return await _put_one(engine, types, shards=shards, dates=dates, max_tickets=max_tickets, limits=limits)


async def _put_events(engine: AsyncEngine, *, count: int) -> Sequence[OnSale]:
    types = [(await create_ticket_type(engine, "Type")).id]
    put = partial(_put_one, engine, types, shards=1, dates=1, max_tickets=PLENTY, limits=[PLENTY_OF_TYPE])
    return [await put() for _ in range(count)]


async def _put_one(
    engine: AsyncEngine,
    types: Sequence[int],
    *,
    shards: int,
    dates: int,
    max_tickets: int,
    limits: Sequence[int | None],
) -> OnSale:
    new = NewEvent(
        name="Bench",
        max_tickets=max_tickets,
        num_shards=shards,
        ticket_types=tuple(NewType(ticket_type_id=kind, max=limit) for kind, limit in zip(types, limits, strict=True)),
        dates=tuple(DateAndTime(FIRST_DATE + dt.timedelta(days=day), START_TIME) for day in range(dates)),
    )
    created = await create_event(engine, new)
    return OnSale(event_id=created.id, types=types, dates=dates, shards=shards)
