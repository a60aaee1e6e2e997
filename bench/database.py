"""One database of a run, asked from the side: set up, emptied, counted and audited between two runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.errors import CannotRun, Untrue
from boxoffice.booking.audit import audit
from boxoffice.database import reachable_engine
from boxoffice.schema import migrate
from boxoffice.settings import Settings

Result = TypeVar("Result")
DIFFERENCES_SHOWN = 3


class Database:
    """A migrated database. Every verb opens a connection of its own and closes it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def migrate(self) -> None:
        """Bring it to the service's own schema."""
        asyncio.run(migrate(Settings(database_url=self.url)))

    def execute(self, *statements: str) -> None:
        """Run statements one after the other, each in a transaction of its own."""

        async def run(connection: asyncpg.Connection) -> None:
            for statement in statements:
                await connection.execute(statement)

        self.ask(run)

    def rows(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """Return what a query returns."""

        async def run(connection: asyncpg.Connection) -> Sequence[asyncpg.Record]:
            found: Sequence[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return found

        return self.ask(run)

    def number(self, statement: str, *arguments: object) -> float:
        """Return the one number that a query returns."""
        return float(self.rows(statement, *arguments)[0][0])

    def text(self, statement: str) -> str:
        """Return the one string that a query returns."""
        return str(self.rows(statement)[0][0])

    def with_engine(self, verb: Callable[[AsyncEngine], Awaitable[Result]]) -> Result:
        """Run one of the catalogue's verbs."""

        async def run() -> Result:
            async with reachable_engine(Settings(database_url=self.url)) as engine:
                return await verb(engine)

        return asyncio.run(run())

    def check_audit(self, only_event: int | None = None) -> None:
        """Recount everything, or one event. Raises Untrue, with the first differences, unless all agrees."""
        report = asyncio.run(audit(self.url, only_event))
        if not report.clean:
            shown = [
                f"{each.what} (event {each.event_id}, expected {each.expected}, found {each.found})"
                for each in report.differences[:DIFFERENCES_SHOWN]
            ]
            raise Untrue(f"the audit found {len(report.differences):,} differences: {'; '.join(shown)}")

    def ask(self, question: Callable[[asyncpg.Connection], Awaitable[Result]]) -> Result:
        """Return what a question returns that is asked on one connection. Raises CannotRun."""

        async def run() -> Result:
            connection = await asyncpg.connect(self.url, timeout=10, server_settings={"application_name": "bench"})
            try:
                return await question(connection)
            finally:
                await connection.close()

        try:
            return asyncio.run(run())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CannotRun(f"the database failed: {error}") from error
