"""The files of results: written by a run, read by whoever compares."""

from pathlib import Path

import msgspec

from stress.errors import Unreadable
from stress.page import render_page
from stress.values import VERSION, Result

RESULT, PAGE = "result.json", "report.html"


class _Versioned(msgspec.Struct):
    """What is read first."""

    version: int


def write_result(folder: Path, result: Result) -> None:
    """Write the result for programs, and the page that is drawn from it."""
    (folder / RESULT).write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    (folder / PAGE).write_text(render_page(result), encoding="utf-8")


def read_result(place: Path) -> Result:
    """Read a result, of a folder or a file. Raises Unreadable, which says what is wrong with it."""
    file = place / RESULT if place.is_dir() else place
    try:
        told = file.read_bytes()
        version = msgspec.json.decode(told, type=_Versioned).version
        if version != VERSION:
            raise Unreadable(f"{file} is a result of version {version}, not {VERSION}: run `make stress` again")
        return msgspec.json.decode(told, type=Result)
    except (OSError, msgspec.MsgspecError) as error:
        raise Unreadable(f"{file} is no result of a stress test: {error}") from error
