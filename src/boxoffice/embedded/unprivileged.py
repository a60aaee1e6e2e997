"""Who runs PostgreSQL: ourselves, or, since it refuses root, root under another name."""

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
    """Return how to run PostgreSQL here. Raises CannotStart when root finds neither way."""
    if os.geteuid() != 0:
        return Identity()
    namespace = _namespace_prefix()
    if namespace:
        return Identity(prefix=namespace)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise CannotStart("PostgreSQL does not run as root, and there is no user nobody") from error
    return Identity(user=nobody.pw_uid, group=nobody.pw_gid)


def _namespace_prefix() -> list[str]:
    """Return the prefix that runs a program as nobody in a user namespace, where its files are still root's."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    prefix = [unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603 - a fixed command
    return prefix if tried.returncode == 0 else []
