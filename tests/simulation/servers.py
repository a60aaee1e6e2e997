"""A PostgreSQL and a Valkey for simulations that are run by hand, in a folder that is removed afterwards."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.schema import migrate
from boxoffice.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where they are, and a folder for whatever else belongs to the run."""

    database_url: str
    redis_url: str
    folder: Path


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Run both, migrated and empty, while the context lasts."""
    with ExitStack() as at_end:
        folder = Path(tempfile.mkdtemp(prefix="boxoffice-simulation-"))
        at_end.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)  # PostgreSQL of root may have to run as nobody, and to pass through here
        postgres, valkey = EmbeddedPostgres(folder / "postgres", durable=False), EmbeddedValkey(folder / "valkey")
        at_end.callback(postgres.stop)
        postgres.start()
        at_end.callback(valkey.stop)
        valkey.start()
        asyncio.run(migrate(Settings(database_url=postgres.url)))
        yield Servers(database_url=postgres.url, redis_url=valkey.url, folder=folder)
