"""Processes behind one port find each other, and nothing is told of one that is no more."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from boxoffice.siblings import END, FOLDER_VARIABLE, Siblings, Told, meeting_place


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where siblings meet; a short path, because a socket's name is bounded."""
    with meeting_place(2):
        yield Path(os.environ[FOLDER_VARIABLE])


@asynccontextmanager
async def sibling(folder: Path, tell: Callable[[], bytes]) -> AsyncIterator[Siblings]:
    """One process's part, in this process."""
    one = Siblings(folder)
    await one.open(tell)
    try:
        yield one
    finally:
        await one.close()


async def test_each_has_a_number_and_hears_the_others(folder: Path) -> None:
    async with sibling(folder, lambda: b"a") as first, sibling(folder, lambda: b"b" * 1_000_000) as second:
        async with sibling(folder, lambda: b"c") as third:
            assert [first.number, second.number, third.number] == [0, 1, 2]
            assert await first.ask() == Told([b"b" * 1_000_000, b"c"], 0)
            assert await third.ask() == Told([b"a", b"b" * 1_000_000], 0)
        assert await first.ask() == Told([b"b" * 1_000_000], 0)


async def test_what_is_told_is_what_is_so_at_that_moment(folder: Path) -> None:
    told = [b"before"]
    async with sibling(folder, lambda: b"") as first, sibling(folder, lambda: told[-1]):
        assert (await first.ask()).texts == [b"before"]
        told.append(b"after")
        assert (await first.ask()).texts == [b"after"]


async def test_a_number_that_is_free_again_is_taken_again(folder: Path) -> None:
    async with sibling(folder, lambda: b"a"):
        async with sibling(folder, lambda: b"b") as second:
            assert second.number == 1
        async with sibling(folder, lambda: b"c") as third:
            assert third.number == 1


def leave_a_socket(folder: Path, name: str) -> None:
    """Leave a socket where nobody listens any more; the last process to leave has removed the folder."""
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / name))


async def test_a_socket_that_a_killed_process_left_is_not_heard_of(folder: Path) -> None:
    async with sibling(folder, lambda: b"old"):
        pass
    leave_a_socket(folder, "0.socket")
    async with sibling(folder, lambda: b"new") as first, sibling(folder, lambda: b"") as second:
        assert first.number == 0
        assert await second.ask() == Told([b"new"], 0)
    leave_a_socket(folder, "7.socket")
    async with sibling(folder, lambda: b"") as alone:
        assert await alone.ask() == Told([], 0)


@pytest.mark.parametrize("says", [b"", b"half of the num", b"all" + END])
async def test_one_that_tells_half_or_nothing_is_silent(folder: Path, says: bytes) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        writer.close()

    async with sibling(folder, lambda: b"") as first, await asyncio.start_unix_server(answer, folder / "1.socket"):
        assert await first.ask() == (Told([b"all"], 0) if says.endswith(END) else Told([], 1))


async def test_one_that_hangs_is_silent_and_waited_for_once(folder: Path) -> None:
    async with sibling(folder, lambda: b"") as first, sibling(folder, lambda: b"b"):
        with socket.socket(socket.AF_UNIX) as hanging:
            hanging.bind(str(folder / "9.socket"))
            hanging.listen()
            async with asyncio.timeout(60):
                assert await first.ask() == Told([b"b"], 1)


async def test_without_a_folder_or_with_one_that_cannot_be_it_is_alone(tmp_path: Path) -> None:
    for one in (Siblings(), Siblings(tmp_path / "gone" / "folder")):
        await one.open(lambda: b"")
        assert await one.ask() == Told((), 0)
        await one.close()


async def test_the_folder_is_theirs_alone_and_goes_with_them() -> None:
    with meeting_place(2):
        folder = Path(os.environ[FOLDER_VARIABLE])
        assert mode_of(folder) is None
        async with sibling(folder, lambda: b""):
            assert mode_of(folder) == 0o700
    assert mode_of(folder) is None


def mode_of(folder: Path) -> int | None:
    """Who may do what with a folder; None when there is none."""
    return folder.stat().st_mode & 0o777 if folder.exists() else None


def test_one_process_needs_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, "another service's")
    with meeting_place(1):
        assert FOLDER_VARIABLE not in os.environ
