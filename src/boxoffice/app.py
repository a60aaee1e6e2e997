"""The composition root: opens everything once per process, joins the parts, and hands out what the server runs.

Modes of a process: opening (nothing is served), open, leaving (all is served, but it says that it is not ready),
draining (what would still begin to hold gets 503, what is in flight is answered), closed. Opening and closing are the
two halves of `open_office`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.api.client_limit import ClientLimit
from boxoffice.api.door import Door
from boxoffice.api.front import Front
from boxoffice.api.held_limit import HeldLimit
from boxoffice.api.metrics import Metrics
from boxoffice.api.office import Office
from boxoffice.api.web_files import WebFile, read_web_files
from boxoffice.availability.counters import Counters
from boxoffice.availability.layered import Layers
from boxoffice.availability.marks import Marks
from boxoffice.availability.memory import Memory
from boxoffice.availability.pages import Loaders
from boxoffice.availability.roster import Roster
from boxoffice.availability.shared import Shared
from boxoffice.booking.hold import book
from boxoffice.booking.hold_in_steps import book_in_steps
from boxoffice.booking.statements import OVERDUE_EVENTS_REACHED
from boxoffice.booking.sweeper import Sweeper
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.figures import read_figures, sold_out_events
from boxoffice.catalog.listing import list_dates, list_events
from boxoffice.catalog.roll import Roller
from boxoffice.data_nodes import DataNodes
from boxoffice.database import UNREACHABLE, data_nodes, open_engine, open_pool
from boxoffice.distribution import is_distributed
from boxoffice.embedded.folder import DataFolder, resolve_urls
from boxoffice.guess import Guess
from boxoffice.hold_flight import HoldFlights
from boxoffice.http.request import Request
from boxoffice.log import set_up_log
from boxoffice.proxies import Proxies, read_networks
from boxoffice.reporting import Parts, report
from boxoffice.selling import Selling
from boxoffice.settings import Settings, load_settings
from boxoffice.siblings import Siblings
from boxoffice.values import GivenBack

WORK_STOP_SECONDS_MAX = 0.2
DATABASE_CLOSE_SECONDS_MAX = 0.5
RESTART_SECONDS = 1.0

log = structlog.get_logger(__name__)


def create_application() -> "Application":
    """Return the application with settings from the environment; it opens when the server starts it."""
    set_up_log()
    return Application(resolve_urls(load_settings()))


class Application:
    """What the server serves: an office, opened before the first request and closed behind the last one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._at_end = AsyncExitStack()

    async def open(self) -> None:
        """Open the office. Raises CannotStart when the database cannot be reached or the page cannot be read."""
        self._office = await self._at_end.enter_async_context(open_office(self._settings))
        self._front = Front(self._office)

    def leave(self) -> None:
        """Say that this process is not ready any more, and go on as before."""
        self._office.leaving = True

    async def drain(self) -> None:
        """Take no more holds, and have those under way answered or refused before the server gives up on them."""
        await _drain(self._office)

    async def close(self) -> None:
        """Close it."""
        await self._at_end.aclose()

    def answer(self, request: Request) -> Coroutine[None, None, None]:
        """Answer a request, when awaited."""
        return self._front.answer(request)

    def client_left(self) -> None:
        """Count a client that was not answered."""
        self._office.metrics.count_gone()


class Database(NamedTuple):
    """All connections to Postgres, by what they are for."""

    booking: asyncpg.Pool
    changes: AsyncEngine
    reading: AsyncEngine
    nodes: DataNodes
    distributed: bool

    async def close(self) -> None:
        """Close them; those that do not answer in time are cut."""
        try:
            async with asyncio.timeout(DATABASE_CLOSE_SECONDS_MAX):
                await asyncio.gather(self.booking.close(), self.changes.dispose(), self.reading.dispose())
        except (*UNREACHABLE, asyncpg.PostgresError):
            self.booking.terminate()


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """Open everything, and close it in turn: holds in flight are answered before their connections go.

    Raises CannotStart when the database cannot be reached or the page cannot be read.
    """
    async with open_parts(settings) as parts, AsyncExitStack() as at_end:
        office = parts.office
        lag = report(parts, {"readings": office.reading, "changes": office.engine})
        await office.metrics.open()
        at_end.push_async_callback(office.metrics.close)
        forever = (
            parts.sweeper.run_forever,
            office.selling.watch_forever,
            parts.roller.run_forever,
            parts.roster.run_forever,
            lag.run_forever,
            *([parts.nodes.watch_forever] if parts.nodes.several else []),
        )
        at_end.push_async_callback(_stop, [_keep_alive(work) for work in forever])
        at_end.push_async_callback(_drain, office)
        yield office


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Open all that answers requests; nothing runs by itself yet. Raises as `open_office` does."""
    web_files = read_web_files(settings.web_dir)
    async with AsyncExitStack() as at_end:
        nodes = data_nodes(settings)
        distributed = await is_distributed(nodes)
        reading = open_engine(settings, settings.statement_ms_max, settings.catalog_connections_max, nodes)
        pool = await open_pool(settings, nodes, distributed=distributed)
        database = Database(pool, open_engine(settings), reading, nodes, distributed)
        at_end.push_async_callback(database.close)
        counters = Counters()
        shared = Shared(settings, counters)
        at_end.push_async_callback(shared.close)
        memory = Memory(layers=Layers(shared=shared, counters=counters), settings=settings, load=_loaders(reading))
        office, flights, sweeper = _join(settings, database, memory, shared, counters, web_files)
        await shared.start()
        roster = Roster(shared=shared, on_change=office.guess.learn_processes)
        at_end.push_async_callback(roster.leave)
        yield Parts(
            office=office,
            flights=flights,
            sweeper=sweeper,
            counters=counters,
            shared=shared,
            roster=roster,
            roller=Roller(database.changes, distributed=distributed),
            pool=database.booking,
            nodes=nodes,
        )


def _join(
    settings: Settings,
    database: Database,
    memory: Memory,
    shared: Shared,
    counters: Counters,
    web_files: Mapping[str, WebFile],
) -> tuple[Office, HoldFlights, Sweeper]:
    """Make the parts and tell each of the others; nothing waits here and nothing runs yet."""
    guess = Guess(settings.dates_remembered_max, shared.origin)
    marks = Marks(shared=shared, settings=settings, counters=counters, learner=guess)
    on_given_back = partial(_learn_given_back, guess, marks)
    pool = database.booking
    flights = HoldFlights(
        settings=settings,
        pool=pool,
        descriptions=memory,
        marks=marks,
        guess=guess,
        on_given_back=on_given_back,
        book=book_in_steps if database.distributed else book,
    )
    selling = Selling(settings=settings, pool=pool, hold_flights=flights, on_given_back=on_given_back)
    token = settings.admin_token or DataFolder(settings.data_path).admin_token()
    office = Office(
        settings=settings,
        engine=database.changes,
        reading=database.reading,
        memory=memory,
        marks=marks,
        guess=guess,
        selling=selling,
        proxies=Proxies(read_networks(settings.trusted_proxies or ""), settings.client_header),
        door=Door(shared, token, settings.admin_failures_per_minute_max),
        client_limit=ClientLimit(shared, settings.holds_per_minute_max),
        held_limit=HeldLimit(shared, settings),
        metrics=Metrics(Siblings.of_environment()),
        web_files=web_files,
    )
    return office, flights, _sweeper(settings, database, on_given_back)


def _sweeper(settings: Settings, database: Database, on_given_back: Callable[[Sequence[GivenBack]], None]) -> Sweeper:
    return Sweeper(
        database.booking,
        interval_ms=settings.sweep_interval_ms,
        batch_rows_max=settings.sweep_batch_rows_max,
        on_given_back=on_given_back,
        second_look=OVERDUE_EVENTS_REACHED if database.distributed else None,
    )


def _loaders(engine: AsyncEngine) -> Loaders:
    return Loaders(
        describe_event=partial(describe_event, engine),
        list_events=partial(list_events, engine),
        sold_out_events=partial(sold_out_events, engine),
        list_dates=partial(list_dates, engine),
        read_figures=partial(read_figures, engine),
    )


def _learn_given_back(guess: Guess, marks: Marks, given_back: Sequence[GivenBack]) -> None:
    """Marks come first: whoever is answered next must not be refused by what was seen before."""
    for given in given_back:
        marks.opened(given)
        guess.learn_given_back(given)


def _keep_alive(work: Callable[[], Coroutine[None, None, None]]) -> asyncio.Task[None]:
    """Run something that should never end; a fault in it is logged, and it begins again."""

    async def run() -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("background_work_failed", work=work.__qualname__)
            await asyncio.sleep(RESTART_SECONDS)

    return asyncio.create_task(run())


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Stop the work that should never end; what waits for a database that hangs is cut with its connection."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=WORK_STOP_SECONDS_MAX)


async def _drain(office: Office) -> None:
    office.leaving = office.draining = True
    await office.selling.drain()
