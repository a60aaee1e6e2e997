"""The service's processes: Granian, with one worker per `workers`, each a whole service of its own.

SIGTERM or SIGINT: the port is closed at once, requests in flight are answered, the application closes, all within
STOP_SECONDS_MAX. A worker that dies is replaced. Workers end with their parent, even when that is killed.
"""

import ctypes
import errno
import gc
import resource
import signal
import socket
from collections.abc import Callable
from importlib import import_module

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from boxoffice.errors import CannotStart
from boxoffice.settings import Settings
from boxoffice.siblings import meeting_place

STOP_SECONDS_MAX = 3
PR_SET_PDEATHSIG = 1
BACKLOG_MAX = 4_096
COLLECT_AFTER_OBJECTS = 50_000


def check_port(settings: Settings) -> None:
    """Raise CannotStart when something listens on the port already: Granian itself would share it."""
    place = f"{settings.host}:{settings.port}"
    try:
        with socket.create_server((settings.host, settings.port), family=_family(settings.host)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"{place} is in use: choose another port with PORT=") from error
        raise CannotStart(f"cannot listen on {place}: {error.strerror}") from error


def serve(settings: Settings, application: str = "boxoffice.app:create_application") -> None:
    """Serve until SIGTERM or SIGINT. The workers read their settings from the environment. Raises CannotStart."""
    check_port(settings)
    _raise_open_files()
    _preload(application)
    server = Granian(
        application,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        backlog=BACKLOG_MAX,
        backpressure=settings.connections_max,  # an idle connection counts too
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS_MAX,
    )
    with meeting_place(settings.workers):
        server.serve(target_loader=_load)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _preload(application: str) -> None:
    """Import before the workers are forked, so that they share it."""
    import_module(application.partition(":")[0])


def _load(application: str) -> Callable[..., object]:
    """Make the application, in a worker."""
    _end_with_parent()
    module, _, factory = application.partition(":")
    create: Callable[[], Callable[..., object]] = getattr(import_module(module), factory)
    made = create()
    _spare_the_collector()
    return made


def _end_with_parent() -> None:
    """Ask for SIGTERM when the parent ends; where the system cannot do that, a killed parent leaves its workers."""
    set_option = getattr(ctypes.CDLL(None), "prctl", None)
    if set_option is not None:
        set_option(PR_SET_PDEATHSIG, signal.SIGTERM)


def _spare_the_collector() -> None:
    """Leave what lives as long as the process out of every collection, and collect the rest less often.

    Requests make few cycles; at the interpreter's own thresholds the collector took a seventh of the time of a hold.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 50, 50)


def _raise_open_files() -> None:
    """Take all the file descriptors that this process may have: a connection needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
