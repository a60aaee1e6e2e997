"""Selling in the test's own process: several of these are several service processes, as far as Postgres can tell."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Protocol

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.availability.counters import Counters
from boxoffice.availability.marks import Marks
from boxoffice.availability.shared import Shared
from boxoffice.booking.full_pass import read_whole_date
from boxoffice.booking.hold import book
from boxoffice.booking.hold_in_steps import book_in_steps
from boxoffice.booking.values import Wanted
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.values import EventDescription
from boxoffice.database import open_engine, open_pool
from boxoffice.guess import Guess
from boxoffice.hold_flight import HoldFlights, ReadWholeDate
from boxoffice.selling import Selling
from boxoffice.settings import Settings
from boxoffice.values import DateKey, GivenBack
from tests.conftest import CITUS_DSN


@dataclass(frozen=True, slots=True)
class FromTheDatabase:
    """Descriptions that are remembered for as long as the test lasts, and read anew when asked to."""

    engine: AsyncEngine
    remembered: dict[int, EventDescription] = field(default_factory=dict)

    async def event_description(self, event_id: int) -> EventDescription | None:
        found = self.remembered.get(event_id) or await describe_event(self.engine, event_id)
        if found is not None:
            self.remembered[event_id] = found
        return found

    async def event_description_anew(self, event_id: int) -> EventDescription | None:
        return await describe_event(self.engine, event_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One process's worth of selling, with what it remembers."""

    selling: Selling
    flights: HoldFlights
    guess: Guess
    marks: Marks
    pool: asyncpg.Pool


class OpenOffice(Protocol):
    """Opens an office, on the shared Redis unless told otherwise."""

    async def __call__(self, settings: Settings | None = None) -> Office: ...


def wanted(date_key: DateKey, *lines: tuple[int, int], key: str | None = None) -> Wanted:
    """A request as the API makes it."""
    return Wanted(date_key=date_key, lines=lines, idempotency_key=key)


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[OpenOffice]:
    """Open any number of offices on one empty database; they close when the test ends."""
    at_hand = settings
    async with AsyncExitStack() as at_end:

        async def opened(settings: Settings | None = None) -> Office:
            return await open_office(settings or at_hand, at_end)

        yield opened


def exact(guess: Guess) -> ReadWholeDate:
    """The full pass as it is: whatever the guess says, it reads the database."""
    return read_whole_date


async def open_office(
    settings: Settings,
    at_end: AsyncExitStack,
    full_pass_of: Callable[[Guess], ReadWholeDate] = exact,
    audits: AbstractAsyncContextManager[None] | None = None,
) -> Office:
    """Put one process's parts together, as app.py does."""
    pool = await at_end.enter_async_context(await open_pool(settings, distributed=bool(CITUS_DSN)))
    engine = open_engine(settings)
    at_end.push_async_callback(engine.dispose)
    guess = Guess(settings.dates_remembered_max)
    shared = Shared(settings, Counters())
    at_end.push_async_callback(shared.close)
    marks = Marks(shared=shared, settings=settings, counters=Counters(), learner=guess)
    await shared.start()

    def hear(given_back: Sequence[GivenBack]) -> None:
        for given in given_back:
            guess.learn_given_back(given)
            marks.opened(given)

    descriptions = FromTheDatabase(engine)
    flights = HoldFlights(
        settings=settings,
        pool=pool,
        descriptions=descriptions,
        marks=marks,
        guess=guess,
        on_given_back=hear,
        full_pass=full_pass_of(guess),
        book=book_in_steps if CITUS_DSN else book,
    )
    selling = Selling(settings=settings, pool=pool, hold_flights=flights, on_given_back=hear, audits=audits)
    return Office(selling=selling, flights=flights, guess=guess, marks=marks, pool=pool)
