"""What keeps a command from starting is said in one line on stderr, with a status that is not 0, and no stack trace."""

import asyncio
import re
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from boxoffice.embedded.folder import DataFolder
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.schema import check_schema
from boxoffice.settings import Settings
from tests.embedded.processes import boxoffice
from tests.ports import free_port

COMMANDS = [["serve"], ["migrate"], ["demo"], ["audit"]]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def refusal(*arguments: str, **told: str) -> str:
    """Run a command that must refuse, and return its one line."""
    ended = boxoffice(*arguments, told=told)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    start, _, line = ended.stderr.strip().partition(": ")
    assert start == "boxoffice"
    return line


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_port_in_use(command: str, database_url: str, folder: DataFolder, taken_port: int) -> None:
    told = {"DATABASE_URL": database_url, "BOXOFFICE_DATA_DIR": str(folder.path), "PORT": str(taken_port)}
    line = refusal(command, **told)
    assert line == f"127.0.0.1:{taken_port} is in use: choose another port with PORT="


@pytest.mark.parametrize("command", [["run"], *COMMANDS], ids=lambda command: command[0])
def test_a_database_that_cannot_be_reached(command: list[str], folder: DataFolder) -> None:
    nowhere = f"postgresql://somebody:secret@127.0.0.1:{free_port()}/nothing"
    told = {"DATABASE_URL": nowhere, "REDIS_URL": "redis://127.0.0.1:1/0", "PORT": str(free_port())}
    line = refusal(*command, BOXOFFICE_DATA_DIR=str(folder.path), **told)
    assert line.startswith("the database cannot be reached: ")
    assert "secret" not in line


@pytest.mark.parametrize("wrong", ["REDIS_URL", "DATABASE_URL"])
def test_a_url_that_cannot_be_read_is_not_told(wrong: str, database_url: str, folder: DataFolder) -> None:
    """A slash in a password makes the rest of it look like a port."""
    urls = {"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1/0", "PORT": str(free_port())}
    urls[wrong] = f"{urls[wrong].partition(':')[0]}://somebody:sec/ret@127.0.0.1:1/0"
    line = refusal("serve", BOXOFFICE_DATA_DIR=str(folder.path), **urls)
    assert line.startswith(("REDIS_URL: ", "the database cannot be reached: "))
    assert "sec" not in line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_database_at_all(command: list[str], folder: DataFolder) -> None:
    line = refusal(*command, BOXOFFICE_DATA_DIR=str(folder.path), PORT=str(free_port()))
    assert line == "no database: set DATABASE_URL, or start an embedded one with `boxoffice run`"


def test_a_database_url_that_is_none(folder: DataFolder) -> None:
    line = refusal("migrate", DATABASE_URL="mysql://somewhere/", BOXOFFICE_DATA_DIR=str(folder.path))
    assert line.startswith("the database cannot be reached: ")


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_redis_url_that_is_none(command: str, database_url: str, folder: DataFolder) -> None:
    told = {"DATABASE_URL": database_url, "REDIS_URL": "nonsense", "PORT": str(free_port())}
    line = refusal(command, BOXOFFICE_DATA_DIR=str(folder.path), **told)
    assert line.startswith("REDIS_URL: ")


def test_a_wrong_password(database_url: str, folder: DataFolder) -> None:
    password = database_url.split(":")[2].partition("@")[0]
    wrong = database_url.replace(password, "guessed")
    line = refusal("migrate", DATABASE_URL=wrong, BOXOFFICE_DATA_DIR=str(folder.path))
    assert line == 'the database cannot be reached: password authentication failed for user "boxoffice"'


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> str:
    """A new database without tables."""
    name = f"empty_{secrets.token_hex(8)}"
    execute(postgres_server.url, f"CREATE DATABASE {name}")
    return postgres_server.url.removesuffix("/boxoffice") + f"/{name}"


def execute(database_url: str, statement: str) -> None:
    async def connect_and_execute() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(connect_and_execute())


def test_an_old_schema_until_it_is_migrated(empty_database: str, folder: DataFolder) -> None:
    told = {"DATABASE_URL": empty_database, "BOXOFFICE_DATA_DIR": str(folder.path), "PORT": str(free_port())}
    without = r"the database has schema none, this program needs \w+: run `boxoffice migrate`"
    assert re.fullmatch(without, refusal("serve", **told))
    assert boxoffice("migrate", told=told).returncode == 0
    asyncio.run(check_schema(Settings(database_url=empty_database)))
    execute(empty_database, "UPDATE alembic_version SET version_num = '0000'")
    assert re.fullmatch(without.replace("none", "0000"), refusal("serve", **told))


def test_migrating_twice_changes_nothing(database_url: str, folder: DataFolder) -> None:
    told = {"DATABASE_URL": database_url, "BOXOFFICE_DATA_DIR": str(folder.path)}
    assert boxoffice("migrate", told=told).returncode == 0


def test_a_setting_out_of_bounds() -> None:
    assert refusal("serve", PORT="99999") == "PORT: Expected `int` <= 65535, not '99999'"
    assert refusal("run", "--workers", "0") == "WORKERS: Expected `int` >= 1, not '0'"


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refusal("run", BOXOFFICE_DATA_DIR=str(tmp_path / "file" / "data"), PORT=str(free_port()))
    assert line == f"the data folder {tmp_path / 'file' / 'data'} cannot be made: Not a directory"


def test_a_calendar_that_is_not_there(database_url: str, folder: DataFolder) -> None:
    told = {"DATABASE_URL": database_url, "BOXOFFICE_DATA_DIR": str(folder.path)}
    types = ["--max-tickets", "10", "--num-shards", "1", "--ticket-type", "Normal"]
    assert refusal("import", "nowhere.ics", *types, **told) == "nowhere.ics: No such file or directory"
