"""`boxoffice run`: everything on one machine, from the servers to the service, until it is told to stop.

Modes: starting (anything that fails ends it with one line), running (what dies is restarted), stopping (within 5 s).
A signal is an exception here: wherever it arrives, what was started is stopped on the way out, last started first.
"""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

import msgspec
from rich.console import Console

from boxoffice.availability.connect import check_url
from boxoffice.catalog.demo import put_in_demo
from boxoffice.database import reachable_engine
from boxoffice.distribution import migrate
from boxoffice.embedded.folder import DataFolder
from boxoffice.embedded.launcher import Launcher
from boxoffice.embedded.process import wait_until
from boxoffice.errors import CannotStart
from boxoffice.service_process import ServiceProcess
from boxoffice.serving import check_port
from boxoffice.settings import Settings

TICK_SECONDS = 0.2
UNCLEAN_SECONDS_MAX = 5.0


class _Told(BaseException):
    """A signal told us to stop."""


def run_everything(settings: Settings, console: Console) -> None:
    """Run until SIGINT or SIGTERM; return when all that was started has stopped. Raises CannotStart."""
    with ExitStack() as at_end, suppress(_Told), _signals_raise():
        folder = DataFolder(settings.data_path)
        folder.lock()
        at_end.callback(folder.unlock)
        launcher = Launcher(settings, folder)
        at_end.callback(launcher.stop)
        given = _prepare(settings, folder, launcher)
        service = ServiceProcess(given)
        at_end.callback(service.stop)
        at_end.callback(folder.forget_urls)
        service.start()
        _greet(console, given, folder)
        while True:
            time.sleep(TICK_SECONDS)
            launcher.revive(console.print)
            service.revive(console.print)


def _prepare(settings: Settings, folder: DataFolder, launcher: Launcher) -> Settings:
    """Start the servers, bring the schema up to date, and return the settings that the service needs."""
    check_url(settings.redis_url)
    _check_port(settings, folder)
    urls = launcher.start()
    given = msgspec.structs.replace(
        settings,
        database_url=urls["DATABASE_URL"],
        redis_url=urls["REDIS_URL"],
        admin_token=settings.admin_token or folder.admin_token(),
    )
    asyncio.run(migrate(given))
    if launcher.has_database:
        _load_demo_once(given, folder)
    folder.write_urls(urls)
    return given


def _check_port(settings: Settings, folder: DataFolder) -> None:
    """Raise CannotStart when the port is taken; a service whose launcher was killed gets the time to leave it."""
    launcher_was_killed = folder.urls_file.exists()
    if launcher_was_killed:
        wait_until(lambda: _is_free(settings), seconds_max=UNCLEAN_SECONDS_MAX)
    check_port(settings)


def _is_free(settings: Settings) -> bool:
    try:
        check_port(settings)
    except CannotStart:
        return False
    return True


def _load_demo_once(settings: Settings, folder: DataFolder) -> None:
    """Load the demo on the first start of an embedded database; never later, even when it was not wanted then."""
    started_before = folder.path / "postgres" / "started-before"
    if started_before.exists():
        return
    if settings.demo:
        asyncio.run(_load_demo(settings))
    started_before.touch(mode=0o600)


async def _load_demo(settings: Settings) -> None:
    async with reachable_engine(settings) as engine:
        await put_in_demo(engine)


def _greet(console: Console, settings: Settings, folder: DataFolder) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{settings.port}"
    token = folder.token_file if folder.token_file.exists() else "the one in BOXOFFICE_ADMIN_TOKEN"
    console.print(f"[bold]Boxoffice sells at {url}[/bold]", highlight=False)
    console.print(f"  API docs     {url}/docs", highlight=False)
    console.print(f"  admin token  {token}", highlight=False)
    console.print(f"  URLs         {folder.urls_file}", highlight=False)
    console.print("Ctrl-C stops everything; the data stays.", highlight=False)


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Within, SIGINT and SIGTERM raise _Told; afterwards they are ignored, so that stopping is never cut short."""
    told = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for each in told:
        signal.signal(each, _tell)
    try:
        yield
    finally:
        for each in told:
            signal.signal(each, signal.SIG_IGN)


def _tell(_number: int, _frame: FrameType | None) -> None:
    raise _Told
