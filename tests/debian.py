"""Programs of Debian that some tests need: looked for, and installed where the tests are run by root."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")
UPDATE = ("apt-get", "update")
INSTALL_SECONDS_MAX = 600
ROOT_USER = 0
FOR_ADMINISTRATORS = ("/usr/sbin", "/sbin")


def find_program(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of a program, also of one that only administrators have in their PATH; None without one."""
    return shutil.which(name, path=os.pathsep.join([environment.get("PATH", ""), *FOR_ADMINISTRATORS]))


def install(packages: Sequence[str], lock: Path, is_there: Callable[[], bool]) -> bool:
    """Install packages, as root; one test process at a time. Return whether what is wanted is there now."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if shutil.which("apt-get") and not is_there():
            for command in (UPDATE, (*INSTALL, *packages)):
                subprocess.run(command, timeout=INSTALL_SECONDS_MAX, capture_output=True, check=False)
    return is_there()


def starts_what_is_installed() -> bool:
    """Tell whether Debian would start a server that is installed here: tests install none then."""
    return Path("/run/systemd/system").exists() and not Path("/usr/sbin/policy-rc.d").exists()
