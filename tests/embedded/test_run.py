"""`boxoffice run` starts everything, keeps it alive, and leaves nothing but the data."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest

from boxoffice.embedded.folder import DataFolder
from boxoffice.embedded.unprivileged import namespace_prefix
from tests.embedded.processes import Running, boxoffice, children, descendants, is_running, named, program_of
from tests.ports import free_port
from tests.waiting import until_now

LISTENING = "0A"
"""The state of a socket in /proc/net/tcp."""
NAMES = {"postgres": "PostgreSQL", "valkey-server": "Valkey"}


class Start(Protocol):
    """Starts `boxoffice run`, after a command prefix and with an environment, if given."""

    def __call__(self, *prefix: str, **environment: str) -> Running: ...


@contextmanager
def new_place() -> Iterator[Path]:
    """Make a folder where another user can get at it, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="boxoffice-") as made:
        Path(made).chmod(0o777)
        yield Path(made)


@contextmanager
def starting(folder: DataFolder) -> Iterator[Start]:
    """Start `boxoffice run` on the folder, any number of times, each until it is ready; leave none of them behind."""
    with ExitStack() as at_end:

        def start_one(*prefix: str, **environment: str) -> Running:
            port = free_port()
            command = [*prefix, sys.executable, "-m", "boxoffice", "run", "--port", str(port)]
            log = folder.path.parent / f"log-{port}"
            running = Running(command, port=port, told={**told(folder), **environment}, log=log)
            at_end.callback(running.clean_up)
            running.until_ready()
            return running

        yield start_one


@pytest.fixture
def place() -> Iterator[Path]:
    """A new place."""
    with new_place() as made:
        yield made


@pytest.fixture
def folder(place: Path) -> DataFolder:
    return DataFolder(place / "data")


@pytest.fixture
def start(folder: DataFolder) -> Iterator[Start]:
    """Start `boxoffice run` on the folder, and wait until it is ready."""
    with starting(folder) as start_one:
        yield start_one


@pytest.fixture
def running(start: Start) -> Running:
    return start()


@pytest.fixture(scope="module")
def lasting_folder() -> Iterator[DataFolder]:
    """The folder of the one that lasts."""
    with new_place() as made:
        yield DataFolder(made / "data")


@pytest.fixture(scope="module")
def lasting(lasting_folder: DataFolder) -> Iterator[Running]:
    """One that several tests use. Leave it running, and ready."""
    with starting(lasting_folder) as start_one:
        yield start_one()


def told(folder: DataFolder) -> dict[str, str]:
    return {"BOXOFFICE_DATA_DIR": str(folder.path), "BOXOFFICE_DEMO": "0"}


def query(folder: DataFolder, statement: str) -> object:
    """Return the first value that the running database answers."""

    async def connect_and_ask() -> object:
        connection = await asyncpg.connect(folder.read_urls()["DATABASE_URL"])
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(connect_and_ask())


def remember(folder: DataFolder) -> None:
    query(folder, "INSERT INTO ticket_type (name) VALUES ('kept')")


def remembered(folder: DataFolder) -> object:
    return query(folder, "SELECT string_agg(name, ' ') FROM ticket_type")


def test_the_demo_comes_once_and_only_at_the_first_start(start: Start, folder: DataFolder) -> None:
    running = start(BOXOFFICE_DEMO="1")
    audit = boxoffice("audit", "--json", told=told(folder))
    assert audit.returncode == 0, audit.stderr
    assert json.loads(audit.stdout)["events"] > 0, "other commands find the running database, and the demo in it"
    query(folder, "TRUNCATE events, ticket_type CASCADE")
    assert running.stop() == 0
    start(BOXOFFICE_DEMO="1")
    assert remembered(folder) is None


def test_a_demo_that_was_not_wanted_does_not_come_later(start: Start, folder: DataFolder) -> None:
    assert start(BOXOFFICE_DEMO="0").stop() == 0
    start(BOXOFFICE_DEMO="1")
    assert remembered(folder) is None


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_leaves_nothing_running(running: Running, folder: DataFolder, how: signal.Signals) -> None:
    started = descendants(running.process.pid)
    assert named("postgres", started)
    assert named("valkey-server", started)
    assert running.stop(how) == 0
    assert not any(map(is_running, started))
    assert not folder.urls_file.exists()


@pytest.mark.parametrize("program", ["postgres", "valkey-server"])
def test_a_server_that_dies_runs_again_behind_the_same_url(
    lasting: Running, lasting_folder: DataFolder, program: str
) -> None:
    urls = lasting_folder.read_urls()
    remember(lasting_folder)
    before = remembered(lasting_folder)
    os.kill(only(named(program, children(lasting.process.pid))), signal.SIGKILL)
    until_now(lambda: f"the embedded {NAMES[program]} had died; it runs again" in lasting.log.read_text())
    until_now(lasting.is_ready)
    assert lasting_folder.read_urls() == urls
    assert remembered(lasting_folder) == before


def test_nobody_else_reaches_it_or_reads_its_secrets(lasting: Running, lasting_folder: DataFolder) -> None:
    folder, started = lasting_folder, [lasting.process.pid, *descendants(lasting.process.pid)]
    passwords = [(folder.path / name / "password").read_text().strip() for name in ("postgres", "valkey")]
    secrets = [*passwords, folder.token_file.read_text().strip()]
    assert len({each for each in secrets if len(each) >= 32}) == len(secrets)
    urls = folder.read_urls()
    assert all(password in url for password, url in zip(passwords, urls.values(), strict=True))
    for each in started:
        command = command_of(each)
        assert not any(secret in command for secret in secrets), command
    assert len(listening_addresses()) >= len({*NAMES, "the service"})
    assert {address for process, address in listening_addresses() if process in started} == {"127.0.0.1"}
    assert open_to_others(folder.path) == []


def command_of(process_id: int) -> str:
    """Return what a process was started with; nothing when it has ended, as Postgres's workers do by themselves."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process_id}/cmdline").read_text(errors="replace")
    return ""


def open_to_others(folder: Path) -> list[str]:
    """Return the files below a folder that others than its owner may read, by the way through the folders too."""
    found = []
    for entry in folder.iterdir():
        mode = entry.stat().st_mode
        if entry.is_dir():
            found += open_to_others(entry) if mode & 0o011 else []
        elif mode & 0o077:
            found.append(str(entry))
    return found


def listening_addresses() -> list[tuple[int, str]]:
    """Return the addresses at which processes listen for TCP, each with one of its processes (as /proc tells)."""
    by_socket: dict[str, str] = {}
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            fields = line.split()
            if fields[3] == LISTENING:
                host = bytes.fromhex(fields[1].partition(":")[0])
                shown = str(ip_address(host[::-1])) if len(host) == 4 else f"IPv6 {host.hex()}"
                by_socket[f"socket:[{fields[9]}]"] = shown
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if (target := str(link.readlink())) in by_socket:
                found.append((int(link.parts[2]), by_socket[target]))
    return found


def test_a_service_that_dies_runs_again(lasting: Running) -> None:
    service = only(services(lasting))
    workers = descendants(service)
    os.kill(service, signal.SIGKILL)
    until_now(lambda: bool(services(lasting)) and service not in services(lasting))
    until_now(lambda: not any(map(is_running, workers)))
    until_now(lasting.is_ready)


def test_a_second_one_on_the_same_folder_is_refused(lasting: Running, lasting_folder: DataFolder) -> None:
    refused = boxoffice("run", "--port", str(free_port()), told=told(lasting_folder))
    assert refused.returncode == 1
    assert refused.stderr == f"boxoffice: another `boxoffice run` already uses the data folder {lasting_folder.path}\n"
    assert lasting.is_ready()


def test_it_starts_after_a_kill_of_everything(running: Running, start: Start, folder: DataFolder) -> None:
    remember(folder)
    urls = folder.read_urls()
    running.kill_everything()
    assert folder.urls_file.exists()
    start()
    assert folder.read_urls() == urls
    assert remembered(folder) == "kept"


def test_killed_alone_it_takes_all_with_it(running: Running) -> None:
    started = descendants(running.process.pid)
    running.process.kill()
    running.process.wait()
    until_now(lambda: not any(map(is_running, started)))


def test_an_ordinary_user_runs_it_too(start: Start, folder: DataFolder, place: Path) -> None:
    running = start(*as_an_ordinary_user(), HOME=str(place))
    remember(folder)
    assert remembered(folder) == "kept"
    assert running.stop() == 0


def as_an_ordinary_user() -> list[str]:
    """Return the prefix that runs a command as nobody; in a user namespace where nobody cannot read the project."""
    if os.geteuid() != 0:
        pytest.skip("we are an ordinary user: every other test here is this one")
    for prefix in (["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"], namespace_prefix()):
        look = [*prefix, "sh", "-c", '"$0" -c "import boxoffice"', sys.executable]
        if prefix and subprocess.run(look, check=False, capture_output=True).returncode == 0:
            return prefix
    pytest.skip("an ordinary user cannot read the project, and user namespaces are forbidden here")


def services(running: Running) -> list[int]:
    """Return the service processes of a launcher: what it started besides its servers."""
    return [each for each in children(running.process.pid) if program_of(each) not in {"", *NAMES}]


def only(process_ids: list[int]) -> int:
    """Return the one process of a list that must have one."""
    assert len(process_ids) == 1
    return process_ids[0]
