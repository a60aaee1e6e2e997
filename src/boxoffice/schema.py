"""The schema's version: bring a database to the newest, or say that it is not there yet."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from boxoffice.database import first_line, reachable_engine
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings

MIGRATION_LOCK = 0x626F786F
"""Advisory lock: of several `boxoffice migrate` at once, one works and the others find nothing left to do."""


async def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, or leave it as it was. Repeatable. Raises CannotStart."""
    async with reachable_engine(settings) as engine:
        try:
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                await connection.run_sync(_upgrade)
        except (DBAPIError, CommandError) as error:
            raise CannotStart(f"the database cannot be migrated: {first_line(error)}") from error


async def check_schema(settings: Settings) -> None:
    """Return when the database has the newest schema. Raises CannotStart when it has another or cannot be reached."""
    async with reachable_engine(settings) as engine, engine.connect() as connection:
        found = await connection.run_sync(_found_revision)
    newest = ScriptDirectory.from_config(_configuration()).get_current_head()
    if found != newest:
        raise CannotStart(
            f"the database has schema {found or 'none'}, this program needs {newest}: run `boxoffice migrate`"
        )


def _configuration(connection: Connection | None = None) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", "boxoffice:migrations")
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration


def _upgrade(connection: Connection) -> None:
    command.upgrade(_configuration(connection), "head")


def _found_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
