"""An office on a pair."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.failover.pair import Pair, open_pair
from tests.torture.office import Office, open_office

HOLD_SECONDS = 40


@asynccontextmanager
async def selling(
    place: Path, redis_url: str, *, synchronous: bool, told: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Pair, Office]]:
    """Run an office on a pair, told more variables; its `database_url` leads to whichever takes writes."""
    async with open_pair(place, synchronous=synchronous) as pair:
        urls = {"DATABASE_URL": pair.url, "REDIS_URL": redis_url, **(told or {})}
        async with open_office(place, hold_seconds=HOLD_SECONDS, urls=urls) as office:
            yield pair, replace(office, database_url=pair.judge_url)
