"""Processes that are all alike, forked from this one: started, replaced when they die, ended together.

Modes: working (as many as wanted live, or will after a pause), ending (told to stop, killed when they take too long).
Signals are waited for and never interrupt; the processes get them as usual.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import NoReturn

import structlog

from boxoffice.errors import CannotStart

TOLD = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
HEARD = {*TOLD, signal.SIGCHLD}
PAUSE_SECONDS = 1.0
PR_SET_PDEATHSIG = 1

log = structlog.get_logger(__name__)


class Workers:
    """`number` processes that run `work`. One that ends is replaced, but none within a second of the latest start."""

    def __init__(self, number: int, work: Callable[[], None]) -> None:
        self._number = number
        self._work = work
        self._alive: set[int] = set()
        self._started_at = float("-inf")

    def run(self, stop_seconds_max: float) -> None:
        """Keep them running until SIGTERM, SIGINT or SIGHUP; return when all have ended, within the bound."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        try:
            while not self._told_to_stop(self._fill_up()):
                self._bury()
            self._end(time.monotonic() + stop_seconds_max)
        finally:
            while signal.sigtimedwait(TOLD, 0):
                pass  # Whoever is impatient has told it again; unblocked, that would end this process in mid-sentence.
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _fill_up(self) -> float | None:
        """Start those that are missing, or return in how many seconds that may be done."""
        if len(self._alive) == self._number:
            return None
        pause = self._started_at + PAUSE_SECONDS - time.monotonic()
        if pause > 0:
            return pause
        self._started_at = time.monotonic()
        while len(self._alive) < self._number:
            self._alive.add(self._start())
        return None

    def _start(self) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        worker = os.fork()
        if worker == 0:
            self._become_worker(parent)
        return worker

    def _become_worker(self, parent: int) -> NoReturn:
        """Work, and never come back into what the parent was doing."""
        status = 1
        try:
            _end_with(parent)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
            self._work()
            status = 0
        except CannotStart as error:
            log.error("worker_cannot_start", error=str(error))
        except Exception:
            log.exception("worker_failed", process=os.getpid())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _told_to_stop(self, seconds_max: float | None) -> bool:
        """Wait for a signal, or for a bounded time."""
        if seconds_max is None:
            return signal.sigwait(HEARD) in TOLD
        heard = signal.sigtimedwait(HEARD, seconds_max)
        return heard is not None and heard.si_signo in TOLD

    def _bury(self) -> None:
        """Take note of those that have ended."""
        for worker in tuple(self._alive):
            ended, status = os.waitpid(worker, os.WNOHANG)
            if ended:
                self._alive.discard(worker)
                log.warning("worker_ended", process=worker, status=os.waitstatus_to_exitcode(status))

    def _end(self, until: float) -> None:
        """Tell all to stop, and kill those that have not ended in time."""
        self._signal(signal.SIGTERM)
        while self._alive and (left := until - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
            self._reap(os.WNOHANG)
        for worker in self._alive:
            log.warning("worker_killed", process=worker)
        self._signal(signal.SIGKILL)
        self._reap(0)

    def _signal(self, number: signal.Signals) -> None:
        for worker in self._alive:
            os.kill(worker, number)

    def _reap(self, options: int) -> None:
        self._alive -= {worker for worker in self._alive if os.waitpid(worker, options)[0]}


def _end_with(parent: int) -> None:
    """Ask for SIGTERM when the parent ends; where the system cannot do that, a killed parent leaves its workers."""
    set_option = getattr(ctypes.CDLL(None), "prctl", None)
    if set_option is not None:
        set_option(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit
