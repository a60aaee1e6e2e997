"""What the machine is and does, as far as a figure depends on it."""

import os
import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

from bench.errors import CannotRun
from bench.programs import K6, PACKAGES, find_program
from bench.values import Machine
from boxoffice.errors import CannotStart

SYNCS = 200
MOUNTS = Path("/proc/mounts")


def filesystem_of(folder: Path) -> str:
    """Return the kind of file system that a folder lies on: that of the longest mount point above it."""
    return mounted_on(folder.resolve(), MOUNTS.read_text() if MOUNTS.exists() else "")


def mounted_on(folder: Path, mounts: str) -> str:
    """Find the folder in the text of /proc/mounts; the last of equals counts, for it hides the others."""
    found, depth = "unknown", -1
    for line in mounts.splitlines():
        _, place, kind, *_ = line.split()
        point = Path(place.replace("\\040", " "))
        if folder.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = kind, len(point.parts)
    return found


def describe_machine(folder: Path, durable: dict[str, str]) -> Machine:
    """Look at the machine; `durable` is what the database says about its own durability."""
    return Machine(
        processor=_processor(),
        processors=len(os.sched_getaffinity(0)),
        memory_gb=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        system=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        filesystem=filesystem_of(folder),
        sync_ms=round(_sync_ms(folder), 3),
        programs={name: _version(name) for name in ("pgbench", *PACKAGES, *(["k6"] if K6.exists() else []))},
        durable=durable,
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", information.read_text(), re.M) if information.exists() else None
    return found[1] if found else platform.machine()


def _sync_ms(folder: Path) -> float:
    """Measure what a commit waits for: one page written and synchronised."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        started = time.perf_counter()
        for _ in range(SYNCS):
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fdatasync(file.fileno())
        return (time.perf_counter() - started) / SYNCS * 1000


def _version(name: str) -> str:
    try:
        program = find_program(name)
    except (CannotRun, CannotStart) as error:
        return str(error)
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found by us
    return (told.stdout or told.stderr).strip().partition("\n")[0]
