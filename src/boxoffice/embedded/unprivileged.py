"""Who runs PostgreSQL: ourselves, or, since it refuses root and users without a name, ourselves under another name."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from boxoffice.errors import CannotStart

NOBODY = 65_534


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How to start a program: a command prefix, or another user, or neither."""

    prefix: list[str] = field(default_factory=list)
    user: int | None = None
    group: int | None = None

    def own(self, folder: Path) -> None:
        """Give the folder and all in it to whom the programs run as. Does nothing unless we are root."""
        if os.geteuid() != 0:
            return
        user, group = self.user or 0, self.group or 0
        for file in (folder, *folder.rglob("*")):
            if file.lstat().st_uid != user:
                os.chown(file, user, group, follow_symlinks=False)


def choose_identity() -> Identity:
    """Return how to run PostgreSQL here. Raises CannotStart when it cannot be run by this user."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Identity()
    namespace = namespace_prefix()
    return Identity(prefix=namespace) if namespace else nobody()


def nobody() -> Identity:
    """Return the user nobody, whom only root can become. Raises CannotStart when that is impossible."""
    if os.geteuid() != 0:
        raise CannotStart("PostgreSQL does not run for a user without a name, and user namespaces are forbidden here")
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise CannotStart("PostgreSQL does not run as root, and there is no user nobody") from error
    return Identity(user=entry.pw_uid, group=entry.pw_gid)


def _has_name(user: int) -> bool:
    try:
        return bool(pwd.getpwuid(user).pw_name)
    except KeyError:
        return False


def namespace_prefix() -> list[str]:
    """Return the prefix that runs a program as nobody in a user namespace, with files that stay ours; or nothing."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    prefix = [unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603 - a fixed command
    return prefix if tried.returncode == 0 else []
