"""A place for the servers of a test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder where another user can get at it, unlike pytest's own: PostgreSQL of root may have to run as nobody."""
    with tempfile.TemporaryDirectory(prefix="boxoffice-") as made:
        Path(made).chmod(0o711)
        yield Path(made)
