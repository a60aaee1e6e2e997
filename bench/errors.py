"""What keeps a row from having a figure.

BenchError
├── CannotRun   something is missing or did not start: the row was not measured
└── Untrue      the service, or a yardstick, did not do what it answered: the row has failed
"""


class BenchError(Exception):
    """A row has no figure; the text says why, in one line."""


class CannotRun(BenchError):  # noqa: N818 - a finding about the row, named as such
    """Something that the row needs is missing or did not start."""


class Untrue(BenchError):  # noqa: N818 - a finding about the row, named as such
    """Answers and database disagree, or an answer was not one of those expected."""
