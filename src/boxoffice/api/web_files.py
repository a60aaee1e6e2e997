"""The files of the page, as Vite has built it: read into memory once, when a process opens.

A file with `.br` or `.gz` behind its name is the compressed form of the other, made when the page is built. Only names
that were found in the folder at that moment lead anywhere: no path of a request ever reaches the file system.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import msgspec

from boxoffice.api.tags import tag_of
from boxoffice.errors import CannotStart

CODINGS: Mapping[str, str] = {"br": ".br", "gzip": ".gz"}
"""Content codings with the endings of their files, the smaller one first."""


class WebFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file in all its forms: what is sent by content coding, "" for none, with the ETag of each."""

    bodies: Mapping[str, bytes]
    tags: Mapping[str, str]


def read_web_files(web_dir: str | None) -> Mapping[str, WebFile]:
    """Return every file of a built page by its name, subfolders with a slash; none when there is no such folder.

    Without a folder it is the page that came with the program: in a clone a link to what Vite builds. Links within are
    left out: they could lead anywhere. Raises CannotStart when something is there and cannot be read.
    """
    folder = Path(web_dir).absolute() if web_dir else Path(str(files("boxoffice") / "page"))
    try:
        found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _regular_files(folder)}
    except OSError as error:
        raise CannotStart(f"the page cannot be read (BOXOFFICE_WEB_DIR): {error}") from error
    compressed = {name + ending for name in found for ending in CODINGS.values()}
    return {name: _web_file(name, found) for name in found if name not in compressed}


def _regular_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _regular_files(path)
        elif path.is_file():
            yield path


def _web_file(name: str, found: Mapping[str, bytes]) -> WebFile:
    bodies = {"": found[name]}
    bodies |= {coding: found[name + ending] for coding, ending in CODINGS.items() if name + ending in found}
    return WebFile(bodies=bodies, tags={coding: tag_of(body) for coding, body in bodies.items()})
