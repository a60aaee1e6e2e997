"""Artillery and what is around it in load/: its settings, the making of events, one run of it to the end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.errors import CannotRun
from bench.programs import ROOT, run_program
from boxoffice.embedded.process import end, with_parent
from stress.settings import StormSettings, read_settings

LOAD = ROOT / "load"
NODE = ROOT / ".venv/bin/node"
ARTILLERY = LOAD / "node_modules/artillery/bin/run"
TELL_SETTINGS = """
import('./settings.js')
  .then(({ loadSettings }) => console.log(JSON.stringify(loadSettings(process.env))))
  .catch((error) => { console.error(error.message); process.exit(1) })
"""
PREPARE_SECONDS_MAX = 120.0
LATE_SECONDS_MAX = 120.0
POLL_SECONDS = 0.5
STOP_SECONDS_MAX = 5.0
LAST_WORDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How Artillery ended: its status, not 0 when a threshold of its own was missed, its words, and who arrived."""

    status: int
    last_words: Sequence[str]
    visitors: int


class _Aggregate(msgspec.Struct):
    counters: dict[str, int]


class _Output(msgspec.Struct):
    """What is read of the file that Artillery writes."""

    aggregate: _Aggregate


class Artillery:
    """Runs the programs of load/ against one target; all that they write goes into one folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        if not ARTILLERY.exists() or not NODE.exists():
            raise CannotRun("Artillery is not installed: `make stress` installs it")
        self.folder = folder
        self._environment = {
            "ARTILLERY_DISABLE_TELEMETRY": "true",
            "NODE_USE_SYSTEM_CA": "1",
            "STRESS_FOLDER": str(folder),
            **environment,
        }

    def settings(self) -> StormSettings:
        """Return the settings that the scenarios will have. Raises CannotRun when one is out of its bounds."""
        command = [str(NODE), "--eval", TELL_SETTINGS]
        told = run_program(command, seconds=PREPARE_SECONDS_MAX, folder=LOAD, environment=self._environment)
        return read_settings(told)

    def prepare(self, events: Path) -> None:
        """Have the events of the run made, and written to a file. Raises CannotRun."""
        command = [str(NODE), "prepare.js", str(events)]
        run_program(command, seconds=PREPARE_SECONDS_MAX, folder=LOAD, environment=self._environment)

    def run(
        self,
        scenario: str,
        *,
        config: str = "config.js",
        seconds: float,
        began: Callable[[int], None],
        on_progress: Callable[[float], None],
    ) -> Ended:
        """Run a scenario to its end, which is after about `seconds`; `began` hears its process. Raises CannotRun.

        Its words go to a file in the folder. Whatever interrupts this ends it too.
        """
        log = self.folder / f"{Path(scenario).stem}.log"
        command = [str(NODE), str(ARTILLERY), "run", "--config", config]
        written = self.folder / f"{Path(scenario).stem}.json"
        command += ["--output", str(written), scenario]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the program is the one that load/ pins
                [*with_parent("TERM"), *command],
                cwd=LOAD,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # the terminal's Ctrl-C is for the run, which stops all in order
            )
        try:
            began(process.pid)
            status = _wait(process, seconds, on_progress)
        finally:
            end(process, signal.SIGTERM, seconds_max=STOP_SECONDS_MAX)
        words = log.read_text(errors="replace").strip().splitlines()[-LAST_WORDS:]
        return Ended(status=status, last_words=words, visitors=_visitors(written))


def _visitors(written: Path) -> int:
    """Return how many visitors Artillery let in; none where it did not come so far as to write it down."""
    try:
        output = msgspec.json.decode(written.read_bytes(), type=_Output)
    except (OSError, msgspec.MsgspecError):
        return 0
    return output.aggregate.counters.get("vusers.created", 0)


def _wait(process: subprocess.Popen[bytes], seconds: float, on_progress: Callable[[float], None]) -> int:
    started = time.monotonic()
    while True:
        try:
            return process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - started
            on_progress(elapsed)
            if elapsed > seconds + LATE_SECONDS_MAX:
                raise CannotRun(f"Artillery did not end {LATE_SECONDS_MAX:.0f} s after its time") from None
