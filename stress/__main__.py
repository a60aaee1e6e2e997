"""`python -m stress`: storm the box office, compare two runs, or storm it with one number of shards after another."""

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from bench.errors import BenchError
from bench.interrupting import end_as_interrupted
from bench.programs import ROOT, raise_open_files
from bench.servers import make_folder
from bench.terminal import wide_console
from stress import comparison_page
from stress.errors import Unreadable
from stress.files import PAGE, RESULT, read_result, write_result
from stress.run import Run
from stress.settings import Options
from stress.shards import write_pictures
from stress.terminal import Shown, render, render_comparison
from stress.values import Result
from stress.words import failures

FOLDER = ROOT / ".stress"
CANNOT_RUN = 2
SHARDS = (1, 4, 16)


def _told(text: str, *, name: str | None = None, env_var: str | None = None) -> Parameter:
    """Return an option as the help tells it; none has a form that says no."""
    return Parameter(help=text, negative=(), name=name, env_var=env_var)


Quick = Annotated[bool, _told("The quick settings, and 10 s to pay: about a minute and a quarter in all.")]
Target = Annotated[str | None, _told("Address of a service that somebody runs, in place of one started for the run.")]
Token = Annotated[
    str | None, _told("Its admin token; ADMIN_TOKEN of the environment when not given.", env_var="ADMIN_TOKEN")
]
Workers = Annotated[int, _told("Service processes behind the port of the service that is started.")]
HoldSeconds = Annotated[int | None, _told("Time to pay in the service that is started: 60, or 10 when quick.")]
SettingsFile = Annotated[Path | None, _told("A file of the form of load/settings.json; what it says goes before that.")]
Changes = Annotated[
    list[str] | None, _told("One figure of the settings, as rates.rush=500; may be given several times.", name="--set")
]
Without = Annotated[bool, _told("Leave out measuring what Artillery can send at all.")]
Folder = Annotated[Path, _told("Where each run gets a folder of its own, with result.json and report.html.")]
Name = Annotated[str | None, _told("Name of that folder; the time when none is given.")]
Into = Annotated[Path, _told("Where the pictures and the table go.")]
Counts = Annotated[list[int] | None, _told("The numbers of shards; 1, 4 and 16 when none are given.")]

app = App(name="stress", help="Storms Boxoffice with Artillery. docs/stress-test.md says how.", version_flags=[])


@app.default
def run(
    *,
    quick: Quick = False,
    target: Target = None,
    admin_token: Token = None,
    workers: Workers = 1,
    hold_seconds: HoldSeconds = None,
    settings: SettingsFile = None,
    change: Changes = None,
    without_ceiling: Without = False,
    folder: Folder = FOLDER,
    name: Name = None,
) -> None:
    """Storm, and judge: exit status 1 when a threshold, a sum or the audit fails, 2 when there is no result."""
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


@app.command
def compare(first: Path, second: Path, *, page: Path = FOLDER / "comparison.html") -> None:
    """Compare two runs: a table here, and a page.

    Parameters
    ----------
    first
        Folder or result.json of a run.
    second
        The same of another one.
    page
        Where the page goes.
    """
    console = wide_console()
    try:
        one, other = read_result(first), read_result(second)
    except Unreadable as error:
        console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(CANNOT_RUN)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(comparison_page.render_comparison(one, other), encoding="utf-8")
    console.print(render_comparison(one, other))
    console.print(str(page), highlight=False, soft_wrap=True)


@app.command
def shards(
    counts: Counts = None,
    /,
    *,
    quick: Quick = False,
    workers: Workers = 1,
    change: Changes = None,
    into: Into = FOLDER / "shards",
) -> None:
    """Storm a hot date with one number of shards after another; write pictures, and a table beside the benchmark's."""
    console = wide_console()
    results = []
    for count in counts or SHARDS:
        changes = (*(change or ()), f"shards={count}")
        options = Options(quick=quick, workers=workers, changes=changes, name=f"{count} shards")
        results.append(storm(options, FOLDER / f"{count}-shards-{dt.datetime.now():%H%M%S}", console))
    for file in write_pictures(into, results):
        console.print(str(file), highlight=False, soft_wrap=True)
    sys.exit(1 if any(map(failures, results)) else 0)


if __name__ == "__main__":
    end_as_interrupted()
    app()
