"""The data folder: where the embedded servers live, and what they tell everybody else.

lock         held by the one launcher that uses the folder, for as long as it lives
urls.env     DATABASE_URL and REDIS_URL, while that launcher lives
admin-token  the token of the admin routes, unless the environment gives one
postgres/    valkey/
"""

import fcntl
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

import msgspec

from boxoffice.embedded.keepsakes import kept_secret, write_private
from boxoffice.embedded.process import wait_until
from boxoffice.errors import CannotStart
from boxoffice.settings import Settings

LOCK_SECONDS_MAX = 0.5
URL_NAMES = ("DATABASE_URL", "REDIS_URL")


class DataFolder:
    """The data folder at `path`; made when it is first needed. Each thing in it is for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.urls_file = path / "urls.env"
        self.token_file = path / "admin-token"
        self._lock: int | None = None

    def make(self) -> None:
        """Make the folder unless it is there. Raises CannotStart when it cannot be used."""
        try:
            # Others may pass through: PostgreSQL of root may have to run as nobody.
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
            owner = self.path.stat().st_uid
        except OSError as error:
            raise CannotStart(f"the data folder {self.path} cannot be made: {error.strerror}") from error
        if owner != os.geteuid():
            raise CannotStart(f"the data folder {self.path} belongs to another user")

    def lock(self) -> None:
        """Take the folder until `unlock` or the end of this process. Raises CannotStart when it is taken."""
        self.make()
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        # A command that asks `is_alive` holds the lock for a moment: that is no reason to give up.
        if not wait_until(lambda: _try_lock(descriptor, fcntl.LOCK_EX), seconds_max=LOCK_SECONDS_MAX):
            os.close(descriptor)
            raise CannotStart(f"another `boxoffice run` already uses the data folder {self.path}")
        self._lock = descriptor

    def unlock(self) -> None:
        """Let the folder go. Repeatable."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_alive(self) -> bool:
        """Tell whether a launcher uses the folder now."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDONLY)
        except OSError:
            return False
        try:
            return not _try_lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def write_urls(self, urls: Mapping[str, str]) -> None:
        """Tell the URLs, at one stroke, in lines that a shell can read too."""
        write_private(self.urls_file, "".join(f"{name}={shlex.quote(url)}\n" for name, url in urls.items()))

    def read_urls(self) -> Mapping[str, str]:
        """Return the URLs of the launcher that lives; nothing when none does, whatever a killed one left behind."""
        if not self.is_alive():
            return {}
        try:
            lines = self.urls_file.read_text().splitlines()
        except OSError:
            return {}
        told = dict(line.split("=", 1) for line in lines if "=" in line)
        return {name: "".join(shlex.split(told[name])) for name in URL_NAMES if name in told}

    def forget_urls(self) -> None:
        """Remove the URLs. Repeatable."""
        self.urls_file.unlink(missing_ok=True)

    def admin_token(self) -> str:
        """Return the kept token; made when there is none."""
        self.make()
        return kept_secret(self.token_file)


def resolve_urls(settings: Settings) -> Settings:
    """Fill in the URLs of the launcher that lives on the same data folder, where none are set."""
    told = DataFolder(settings.data_path).read_urls()
    return msgspec.structs.replace(
        settings,
        database_url=settings.database_url or told.get("DATABASE_URL"),
        redis_url=settings.redis_url or told.get("REDIS_URL"),
    )


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
