"""What keeps a run from having a result.

CannotRun (of the benchmark)
└── Unreadable   what should have been written by the generator or an earlier run is not there, or is something else
"""

from bench.errors import CannotRun


class Unreadable(CannotRun):
    """A file is missing or is not what it should be; the text names it and says why."""
