"""Several services of different patience on one database, on which simulations are played."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.concurrency.rush_line import Line, closing
from tests.conftest import Service, serving_side_by_side
from tests.simulation.shop import add_types

HOLD_SECONDS = (1, 2, 1)
"""For how long each service holds tickets; a hold keeps the deadline that it was made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Running services, their database, and the ids of the ticket types that all scenarios share."""

    urls: Sequence[str]
    pool: asyncpg.Pool
    types: Sequence[int]
    hold_seconds_min: float = min(HOLD_SECONDS)


@contextmanager
def services_of_stage(
    database_url: str,
    redis_url: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    hold_seconds: Sequence[int] = HOLD_SECONDS,
) -> Iterator[Sequence[Service]]:
    """Run one service for each of `hold_seconds` on an emptied database."""
    told = [{**(environment or {}), "BOXOFFICE_HOLD_SECONDS": str(seconds)} for seconds in hold_seconds]
    with serving_side_by_side(database_url, redis_url, folder, told) as started:
        yield started


@asynccontextmanager
async def open_stage(database_url: str, services: Sequence[Service]) -> AsyncIterator[Stage]:
    """Open the stage of running services."""
    admin = Line(services[0].url)
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as pool, closing([admin]):
        types = await add_types(admin)
        yield Stage(urls=[service.url for service in services], pool=pool, types=types)
