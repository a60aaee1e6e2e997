"""The embedded PostgreSQL keeps its URL and its data, whatever dies."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.unprivileged import Identity, namespace_prefix, nobody
from boxoffice.errors import CannotStart
from tests.embedded.processes import is_running, kill_at_once
from tests.waiting import until_now

LAUNCH = """
import signal, sys
from pathlib import Path
from boxoffice.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.process_id, flush=True)
signal.pause()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder through which everybody may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="boxoffice-") as made:
        Path(made).chmod(0o711)
        yield Path(made) / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test alone, started."""
    made = EmbeddedPostgres(folder, durable=False)
    made.start()
    yield made
    made.stop()


def ask(url: str, query: str) -> object:
    """Return the first value that the query gives."""

    async def connect_and_ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(connect_and_ask())


def remember(url: str, word: str) -> None:
    ask(url, f"CREATE TABLE kept AS SELECT '{word}' AS word")


def remembered(url: str) -> object:
    return ask(url, "SELECT word FROM kept")


def kill(server: EmbeddedPostgres) -> None:
    process_id = server.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    until_now(lambda: server.process_id is None)


def test_it_is_durable_and_listens_on_loopback_only(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    names = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "127.0.0.1"}
    try:
        assert {name: ask(server.url, f"SHOW {name}") for name in names} == names
    finally:
        server.stop()


def test_its_passwords_are_needed_and_private(server: EmbeddedPostgres, folder: Path) -> None:
    assert (folder / "password").stat().st_mode & 0o077 == 0
    password = (folder / "password").read_text().strip()
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(server.url.replace(password, "guessed"), "SELECT 1")


def test_killed_it_runs_again_with_the_same_url_and_data(server: EmbeddedPostgres) -> None:
    url = server.url
    remember(url, "kept")
    kill(server)
    assert server.revive()
    assert server.url == url
    assert remembered(url) == "kept"


def test_revive_leaves_a_living_server_alone(server: EmbeddedPostgres) -> None:
    process_id = server.process_id
    assert not server.revive()
    assert server.process_id == process_id


def test_stopped_and_started_it_has_the_same_url_and_data(server: EmbeddedPostgres, folder: Path) -> None:
    remember(server.url, "kept")
    url = server.url
    server.stop()
    again = EmbeddedPostgres(folder, durable=False)
    again.start()
    try:
        assert again.url == url
        assert remembered(url) == "kept"
    finally:
        again.stop()


@pytest.fixture
def launched(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs a server in the folder, and the server's process id."""
    command = [sys.executable, "-c", LAUNCH, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        yield launcher, int(launcher.stdout.readline())
        launcher.kill()


def test_it_ends_with_a_killed_launcher(launched: tuple[subprocess.Popen[str], int]) -> None:
    launcher, process_id = launched
    launcher.kill()
    until_now(lambda: not is_running(process_id))


def test_it_starts_after_a_kill_of_everything(launched: tuple[subprocess.Popen[str], int], folder: Path) -> None:
    launcher, process_id = launched
    kill_at_once([process_id, launcher.pid])  # or the server would stop in order, as its launcher is gone
    assert (folder / "data" / "postmaster.pid").exists()
    again = EmbeddedPostgres(folder, durable=False)
    again.start()
    try:
        assert ask(again.url, "SELECT 1") == 1
    finally:
        again.stop()


def test_a_server_that_outlives_its_launcher_is_stopped_and_taken_over(folder: Path) -> None:
    orphan = EmbeddedPostgres(folder, durable=False)
    orphan.start()
    remember(orphan.url, "kept")
    again = EmbeddedPostgres(folder, durable=False)
    again.start()
    try:
        assert orphan.process_id is None
        assert again.url == orphan.url
        assert remembered(again.url) == "kept"
    finally:
        again.stop()


def test_a_stranger_with_the_old_process_id_is_left_alone(server: EmbeddedPostgres, folder: Path) -> None:
    kill(server)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{folder / 'data'}\n")
        again = EmbeddedPostgres(folder, durable=False)
        again.start()
        try:
            assert ask(again.url, "SELECT 1") == 1
            assert stranger.poll() is None
        finally:
            again.stop()
        stranger.communicate(b"\n")


def test_a_half_made_database_is_made_anew(folder: Path) -> None:
    (folder / "data.unfinished" / "base").mkdir(parents=True)
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    try:
        assert ask(server.url, "SELECT current_database()") == "boxoffice"
        assert not (folder / "data.unfinished").exists()
    finally:
        server.stop()


def test_what_it_said_last_is_told_when_it_cannot_start(server: EmbeddedPostgres, folder: Path) -> None:
    server.stop()
    (folder / "data" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(CannotStart, match=r"PostgreSQL did not start: .*(PANIC|FATAL)"):
        server.start()


def test_as_root_it_can_change_between_a_user_namespace_and_nobody(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody")
    prefix = namespace_prefix()
    if not prefix:
        pytest.skip("user namespaces are forbidden here")
    identities = [Identity(prefix=prefix), nobody(), Identity(prefix=prefix)]
    for identity in identities:
        server = EmbeddedPostgres(folder, identity=identity, durable=False)
        server.start()
        try:
            assert ask(server.url, "SELECT 1") == 1
        finally:
            server.stop()
