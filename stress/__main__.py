"""`python -m stress`: storm the box office, compare two runs, or storm it with one number of shards after another."""

import datetime as dt
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from bench.errors import BenchError
from bench.programs import ROOT, raise_open_files
from bench.servers import make_folder
from bench.terminal import wide_console
from stress.files import PAGE, RESULT, write_result
from stress.run import Run
from stress.settings import Options
from stress.terminal import Shown, render
from stress.values import Result
from stress.words import failures

FOLDER = ROOT / ".stress"
CANNOT_RUN = 2
Several = Annotated[list[str] | None, Parameter(negative=())]
Flag = Annotated[bool, Parameter(negative=())]

app = App(name="stress", help="Storms Boxoffice with Artillery. docs/stress-test.md says how.", version_flags=[])


@app.default
def run(
    *,
    quick: Flag = False,
    target: str | None = None,
    admin_token: Annotated[str | None, Parameter(env_var="ADMIN_TOKEN")] = None,
    workers: int = 1,
    hold_seconds: int | None = None,
    settings: Path | None = None,
    change: Annotated[Several, Parameter(name="--set", negative=())] = None,
    without_ceiling: Flag = False,
    folder: Path = FOLDER,
    name: str | None = None,
) -> None:
    """Storm, and judge: exit status 1 when a threshold, a sum or the audit fails, 2 when there is no result.

    Parameters
    ----------
    quick
        The quick settings, and 10 s to pay: about a minute and a half in all.
    target
        Address of a service that somebody runs, in place of one that is started for the run.
    admin_token
        Its admin token. Without the option, ADMIN_TOKEN of the environment.
    workers
        Service processes behind the port of the service that is started.
    hold_seconds
        Time to pay in the service that is started: 60, or 10 when quick.
    settings
        A file of the form of load/settings.json; what it says goes before that.
    change
        One figure of the settings, as rates.rush=500; may be given several times.
    without_ceiling
        Leave out measuring what Artillery can send at all.
    folder
        Where each run gets a folder of its own, with result.json and report.html.
    name
        Name of that folder; the time when none is given.
    """
    options = Options(
        quick=quick,
        target=target,
        admin_token=admin_token,
        workers=workers,
        hold_seconds=hold_seconds,
        changes=tuple(change or ()),
        settings=settings,
        ceiling=not without_ceiling,
    )
    console = wide_console()
    place = folder.absolute() / (name or f"{dt.datetime.now():%Y-%m-%d-%H%M%S}")
    result = storm(options, place, console)
    sys.exit(1 if failures(result) else 0)


def storm(options: Options, folder: Path, console: Console) -> Result:
    """Run once, write the files, print the table. Exits when there is no result."""
    raise_open_files()
    make_folder(folder.parent)
    shown = Shown(console)
    try:
        with shown.live():
            result = Run(options, folder, shown).go()
    except BenchError as error:
        console.print(f"no result: {error}", style="bold red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(CANNOT_RUN)
    write_result(folder, result)
    console.print(render(result))
    console.print(f"{folder / PAGE}\n{folder / RESULT}", highlight=False, soft_wrap=True)
    return result


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Leave as Ctrl-C does: whatever was started is stopped on the way out."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    app()
