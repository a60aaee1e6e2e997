"""The log: one line for each thing worth telling, on stderr. What is secret never gets into it.

Faults are told by where they happened. What an error says itself is cut to its first line, and what stands there in
quotes is left out: drivers quote the values that they could not deal with, and values may be secret.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TextIO, TypeAlias

import structlog

from boxoffice.errors import BoxofficeError

Fault: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]

LEFT_OUT = "'...'"
FRAMES_MAX = 30
CAUSES_MAX = 10

_QUOTED = re.compile(r"""['"].*['"]""")


def set_up_log(stream: TextIO = sys.stderr) -> None:
    """Log to `stream`, from level info on, what this program and the libraries below it have to say. Repeatable."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(exception_formatter=write_fault),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    of_libraries = logging.StreamHandler(stream)
    of_libraries.setFormatter(_OfLibraries("%(asctime)s [%(levelname)s] %(name)s: %(message)s"))
    logging.basicConfig(handlers=[of_libraries], level=logging.WARNING, force=True)


def write_fault(stream: TextIO, fault: Fault) -> None:
    """Write where a fault happened, and why, as far as that may be told."""
    stream.write("\n" + fault_told(fault[1]))


def fault_told(error: BaseException) -> str:
    """Return the places that led to an error and to each of its causes, the first cause first."""
    parts = [_one_told(each) for each in reversed([*_with_causes(error)])]
    return "\nwhich led to:\n".join(parts)


def message_of(error: BaseException) -> str:
    """Return what an error says, without what may be secret in it. What this program says itself is told as it is."""
    return first_line(str(error)) if isinstance(error, BoxofficeError) else _without_quotes(str(error))


def first_line(text: str) -> str:
    """Return the first line that says anything; empty when none does."""
    return next(iter(text.strip().splitlines()), "")


def _without_quotes(text: str) -> str:
    return _QUOTED.sub(LEFT_OUT, first_line(text))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(CAUSES_MAX):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _one_told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    code = getattr(error, "sqlstate", None)
    name = f"{type(error).__module__}.{type(error).__qualname__}" + (f" [{code}]" if code else "")
    return "\n".join([*places, f"{name}: {message_of(error)}"])


class _OfLibraries(logging.Formatter):
    """Tells what libraries log as this program tells its own faults."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        record.message = _without_quotes(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the name that logging calls
        error = ei[1] if isinstance(ei, tuple) else None
        return fault_told(error) if isinstance(error, BaseException) else ""
