"""The project's own files, as text: what a clone holds, without what is built, generated or kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "dist", "build", "__pycache__"}
GENERATED = {"web/src/api"}
"""Written by a generator, whose words they are; `npm run check-generated` holds them to what it makes."""
HIDDEN_AND_OURS = {".ci", ".github", ".gitignore", ".gitattributes", ".dockerignore", ".editorconfig"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """One file: its path from the project's root, with slashes, and what it says."""

    path: str
    text: str


@cache
def project_files() -> tuple[ProjectFile, ...]:
    """Return every text file of the project, in order of path."""
    return tuple(sorted(_readable(ROOT), key=lambda file: file.path))


def files_below(*folders: str, ending: str) -> tuple[ProjectFile, ...]:
    """Return the project's files in these folders whose name ends so. Raises when there is none: a typing mistake."""
    prefixes = tuple(f"{folder}/" for folder in folders)
    found = tuple(file for file in project_files() if file.path.startswith(prefixes) and file.path.endswith(ending))
    if not found:
        raise FileNotFoundError(f"no *{ending} below {folders}")
    return found


def page(path: str) -> str:
    """Return what one file of the project says."""
    return (ROOT / path).read_text(encoding="utf-8")


def _readable(folder: Path) -> Iterator[ProjectFile]:
    for entry in folder.iterdir():
        if not _is_ours(entry):
            continue
        if entry.is_dir():
            yield from _readable(entry)
        elif entry.is_file():
            try:
                text = entry.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            yield ProjectFile(path=entry.relative_to(ROOT).as_posix(), text=text)


def _is_ours(entry: Path) -> bool:
    if entry.name.startswith("."):
        return entry.name in HIDDEN_AND_OURS
    if entry.relative_to(ROOT).as_posix() in GENERATED:
        return False
    return entry.name not in NOT_OURS and not entry.name.endswith(".egg-info") and not entry.is_symlink()
