"""The schema's version: bring a database to the newest, or say that it is not there yet."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from boxoffice.database import UNREACHABLE, open_engine
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings

MIGRATION_LOCK = 0x626F786F
"""Advisory lock: of several `boxoffice migrate` at once, one works and the others find nothing left to do."""


async def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, or leave it as it was. Repeatable. Raises CannotStart."""
    engine = open_engine(settings)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.run_sync(_upgrade)
    except (*UNREACHABLE, SQLAlchemyError) as error:
        raise CannotStart(f"the database cannot be migrated: {_first_line(error)}") from error
    finally:
        await engine.dispose()


async def check_schema(settings: Settings) -> None:
    """Return when the database has the newest schema. Raises CannotStart when it has another or cannot be reached."""
    engine = open_engine(settings)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_found_revision)
    except (*UNREACHABLE, SQLAlchemyError) as error:
        raise CannotStart(f"the database cannot be reached: {_first_line(error)}") from error
    finally:
        await engine.dispose()
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


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
