"""A disk that can be full: a file system of a fixed size for one process and what it starts, in memory.

The kernel itself refuses what does not fit (ENOSPC), for tables and for the log of changes alike, where a limit on the
size of files would refuse something else (EFBIG). A mount needs root, or a user namespace, in which any user is its
root: nothing else on the machine sees it, and it is gone with the process.
"""

import errno
import os
import shutil
import subprocess
from pathlib import Path

from bench.errors import CannotRun

MEGABYTES = 640
CHUNK_BYTES = 64 * 2**20
BLOCK_BYTES = 4096


def prefix_of_small_disk(folder: Path) -> list[str]:
    """Return the command prefix that gives a program a small disk at `folder`. Raises CannotRun where it cannot be."""
    unshare = shutil.which("unshare")
    if unshare is None:
        raise CannotRun("a full disk needs unshare, of util-linux, to mount a small one")
    mount = f'mount -t tmpfs -o size={MEGABYTES}m,mode=711 small "$0" && exec "$@"'
    prefix = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(folder)]
    tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise CannotRun(f"a full disk needs root or user namespaces, to mount a small one: {tried.stderr.strip()}")
    return prefix


def seen_by(process_id: int, folder: Path) -> Path:
    """Return the path by which we see a folder as that process sees it."""
    return Path(f"/proc/{process_id}/root") / folder.relative_to("/")


class Ballast:
    """A file that takes all that is left of a disk, and gives it back."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ballast"

    def fill(self) -> None:
        """Leave not one block. Repeatable: what was set free meanwhile is taken too."""
        with self._file.open("ab") as file:
            size, chunk = file.tell(), CHUNK_BYTES
            while chunk >= BLOCK_BYTES:
                try:
                    os.posix_fallocate(file.fileno(), size, chunk)
                    size += chunk
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    chunk //= 2

    def drop(self) -> None:
        """Give all of it back. Repeatable."""
        self._file.unlink(missing_ok=True)
