"""Mutants of the pure files: how many are noticed, which survive, and why nobody can notice them (survivors.toml)."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

FILE = Path(__file__).with_name("survivors.toml")
PROJECT = ROOT / "pyproject.toml"
SUFFIX = re.compile(r"__mutmut_\d+$")


@dataclass(frozen=True, slots=True, order=True)
class Survivor:
    """A change that no test notices: in which function, and the lines before and after it."""

    function: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, order=True)
class Explanation:
    """Why survivors of one kind make no difference that anybody could see; `…` stands for anything."""

    function: str
    old: str
    new: str
    because: str

    def explains(self, survivor: Survivor) -> bool:
        """Tell whether it speaks of this one."""
        pairs = ((self.function, survivor.function), (self.old, survivor.old), (self.new, survivor.new))
        return all(
            re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), text) is not None for pattern, text in pairs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many changes were made to one file, how many of them a test noticed, and how many others are explained."""

    changes: int
    noticed: int
    explained: int


def pure_modules() -> tuple[str, ...]:
    """Return the modules that are changed: those that pyproject.toml names for mutmut."""
    files: list[str] = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["mutmut"]["only_mutate"]
    return tuple(file.removeprefix("src/").removesuffix(".py").replace("/", ".") for file in files)


def belongs_to(mutant: str, module: str) -> bool:
    """Tell whether mutmut's name of a mutant is one of this module: it calls functions x_ and methods xǁ."""
    return mutant.startswith((f"{module}.x_", f"{module}.xǁ"))


def read_explanations(file: Path = FILE) -> tuple[Explanation, ...]:
    """Return all explanations, in the order of the file."""
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("survivor", [])
    return tuple(Explanation(**row) for row in rows)


def survivor_of(name: str, difference: str) -> Survivor:
    """Return the survivor that mutmut shows by this name as this difference."""
    lines = [line for line in difference.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    return Survivor(
        SUFFIX.sub("", name).replace("xǁ", "").replace("ǁ", ".").replace(".x_", "."),
        " ".join(line[1:].strip() for line in lines if line.startswith("-")),
        " ".join(line[1:].strip() for line in lines if line.startswith("+")),
    )
