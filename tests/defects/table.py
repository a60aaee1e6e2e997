"""The seeded defects: small wrong versions of the code, as texts to be replaced (defects.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("defects.toml")


class DoesNotFitError(Exception):
    """A defect's text is not in its file, or stands there more than once: the code has changed, so must the defect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One wrong version: in `file`, `old` becomes `new`. `tests` are the files that are likeliest to notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied_to(self, text: str) -> str:
        """Return the file's text with the defect in it. Raises DoesNotFitError."""
        if (times := text.count(self.old)) != 1:
            raise DoesNotFitError(f"{self.name}: {times} times in {self.file}: {self.old}")
        return text.replace(self.old, self.new)


def read_table(file: Path = FILE) -> tuple[Defect, ...]:
    """Return all defects, in the order of the file."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["defect"]
    return tuple(
        Defect(
            name=row["name"],
            file=row["file"],
            old=row["old"].strip("\n"),
            new=row["new"].strip("\n"),
            tests=tuple(row["tests"]),
        )
        for row in rows
    )
