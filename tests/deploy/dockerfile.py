"""A Dockerfile's stages and instructions, as far as this project writes them; and which files .dockerignore lets in."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

_INSTRUCTION = re.compile(r"([A-Z]+)\s+(.*)", re.S)
_FROM = re.compile(r"(\S+)(?:\s+AS\s+(\S+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: its base image, its name, and its instructions in order."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        """Return what the last instruction of this kind says. Raises IndexError without one."""
        return [text for kind, text in self.instructions if kind == instruction][-1]

    def command(self, instruction: str) -> Sequence[str]:
        """Return the command of an instruction in its JSON form, with what stands before it left out."""
        words: list[str] = json.loads(
            self.last(instruction).partition("[")[1] + self.last(instruction).partition("[")[2]
        )
        return words

    def environment(self) -> Mapping[str, str]:
        """Return what its ENV instructions set, as written."""
        pairs = [pair for kind, text in self.instructions if kind == "ENV" for pair in text.split()]
        return dict(pair.split("=", 1) for pair in pairs)


def parse(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile. Raises ValueError for a line that is no instruction."""
    stages: list[Stage] = []
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        found = _INSTRUCTION.fullmatch(line)
        if found is None:
            raise ValueError(f"not an instruction: {line}")
        kind, said = found[1], found[2]
        if kind == "FROM":
            base, name = _FROM.fullmatch(said).groups()  # type: ignore[union-attr]  # raises AttributeError: no image
            stages.append(Stage(base=base, name=name or ""))
        else:
            stages[-1].instructions.append((kind, said))
    return stages


def sources(said: str) -> tuple[str | None, Sequence[str], str]:
    """Return the stage that a COPY copies from, None for the context; what it copies, and where to."""
    words = said.split()
    stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
    return stage, words[:-1], words[-1]


def is_let_in(path: str, ignored: str) -> bool:
    """Tell whether a .dockerignore lets a file in: the last pattern that fits it, or a folder above it, wins."""
    parts = path.split("/")
    let_in = True
    for line in ignored.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.removeprefix("!")
        if any(_fits("/".join(parts[:end]), wanted) for end in range(1, len(parts) + 1)):
            let_in = pattern.startswith("!")
    return let_in


def _fits(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(path.rpartition("/")[2], pattern[3:])
    return path.count("/") == pattern.count("/") and fnmatch(path, pattern)
