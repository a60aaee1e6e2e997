"""The schema's version: bring a database to the newest, or say that it is not there yet.

A migration that only adds says so by `oldest_program`: the oldest revision whose programs work on its schema as well.
The database remembers which those are, so that an older program, which knows nothing of the newer schema, may go on and
start beside newer ones (docs/high-availability.md).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.database import first_line, reachable_engine
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings

MIGRATION_LOCK = 0x626F786F
"""Advisory lock: of several `boxoffice migrate` at once, one works and the others find nothing left to do."""
LOCK_WAIT = "2s"
"""So long a migration waits for a table, while everybody who wants it waits behind the migration."""
SERVED = "for programs of schema "


async def migrate(settings: Settings, more: Sequence[Path] = ()) -> None:
    """Bring the database to the newest schema, one migration after the other, each whole or not at all. Repeatable.

    `more` are folders with further migrations. Raises CannotStart when one cannot be made, or would have to wait for
    long for a table; those before it are made.
    """
    configuration = _configuration(more)
    async with reachable_engine(settings) as engine:
        try:
            while await _migrate_once(engine, configuration):
                pass
        except (DBAPIError, CommandError) as error:
            raise CannotStart(f"the database cannot be migrated: {first_line(error)}") from error


async def check_schema(settings: Settings) -> None:
    """Return when this program works on the database's schema. Raises CannotStart when not, or it cannot be reached."""
    newest = ScriptDirectory.from_config(_configuration()).get_current_head()
    async with reachable_engine(settings) as engine, engine.connect() as connection:
        found = await connection.run_sync(_found_revision)
        served = await connection.run_sync(_programs_served)
    if found != newest and newest not in served:
        raise CannotStart(
            f"the database has schema {found or 'none'}, this program needs {newest}: run `boxoffice migrate`"
        )


async def _migrate_once(engine: AsyncEngine, configuration: Config) -> bool:
    """Make one migration, in a transaction of its own, and tell whether there may be more."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        return await connection.run_sync(_upgrade, configuration)


def _configuration(more: Sequence[Path] = ()) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", "boxoffice:migrations")
    configuration.set_main_option("path_separator", "os")
    if more:
        own = Path(__file__).parent / "migrations" / "versions"
        configuration.set_main_option("version_locations", os.pathsep.join(map(str, [own, *more])))
    return configuration


def _upgrade(connection: Connection, configuration: Config) -> bool:
    scripts = ScriptDirectory.from_config(configuration)
    found, newest = _found_revision(connection), scripts.get_current_head()
    if found == newest or newest in _programs_served(connection):
        return False
    steps = [each.revision for each in scripts.iterate_revisions(newest, found or "base")]
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, steps[-1])
    made = scripts.get_revision(steps[-1])
    oldest = getattr(made.module, "oldest_program", made.revision)
    served = [each.revision for each in scripts.iterate_revisions(made.revision, oldest, inclusive=True)]
    connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{SERVED}{' '.join(served)}'"))
    return len(steps) > 1


def _programs_served(connection: Connection) -> Sequence[str]:
    """Return the revisions whose programs work on the database, as the migration to what it is now has noted them."""
    noted = connection.execute(text("SELECT obj_description(to_regclass('alembic_version'))")).scalar()
    served = str(noted or "").removeprefix(SERVED).split()
    return served if served[:1] == [_found_revision(connection)] else []


def _found_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
