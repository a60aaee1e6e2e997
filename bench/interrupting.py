"""A command that is told to end leaves as it does by Ctrl-C: what it started is stopped on the way out."""

import signal
from types import FrameType


def end_as_interrupted() -> None:
    """Have SIGTERM raise KeyboardInterrupt from now on, in the main thread."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
