"""Tables that only the bench needs, each set as statements in a file."""

from collections.abc import Sequence
from pathlib import Path


def statements(name: str) -> Sequence[str]:
    """Return the statements of a file, in order."""
    text = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]
