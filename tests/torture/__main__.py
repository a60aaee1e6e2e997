"""`python -m tests.torture`: have faults happen under load, one or all, and say whether every answer was true."""

import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from bench.errors import CannotRun
from bench.interrupting import end_as_interrupted
from bench.machine import describe_machine
from bench.programs import raise_open_files
from bench.servers import ROOT
from bench.terminal import Shown, wide_console
from tests.torture.faults import FAULTS, Fault
from tests.torture.results import Counts, Options, Report, Result, Trial
from tests.torture.showing import render, render_names, render_page, write_markdown
from tests.torture.trial import Say, run_trial
from tests.torture.words import failures, outcome_of, total_of

FOLDER = ROOT / ".torture"
PAGE = ROOT / "docs" / "proof.md"

app = App(
    name="torture", help="Breaks what Boxoffice rests on while it sells. docs/proof.md says how.", version_flags=[]
)


@app.default
def run(
    *,
    only: Annotated[list[str] | None, Parameter(negative=())] = None,
    times: int = 1,
    per_second: float = Options().per_second,
    seconds: float = Options().fault_seconds,
    folder: Path = FOLDER,
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
) -> None:
    """Have faults happen; exit status 1 when anything was untrue, or a fault could not be made here.

    Parameters
    ----------
    only
        Name of a fault; may be given several times. Results of other faults are kept.
    times
        How often each fault happens, each time to a new box office.
    per_second
        Holds a second that buyers come for.
    seconds
        How long those faults last that last.
    folder
        Where results.json and results.html go, and the box office's data while it runs.
    list_
        Name the faults and do nothing else.
    """
    console = wide_console()
    if list_:
        return console.print(render_names())
    faults = _chosen_or_exit(only or [], console)
    folder = folder.resolve()
    options = Options(per_second=per_second, fault_seconds=seconds)
    found = _torture(faults, options, times, folder, console)
    sys.exit(_show(found, folder, console))


@app.command
def document(results: Path) -> None:
    """Write the table of a results.json into docs/proof.md, between its marks.

    Parameters
    ----------
    results
        The file, best one that is committed under docs/proof/.
    """
    write_markdown(PAGE, read_report(results))


def _chosen_or_exit(names: Sequence[str], console: Console) -> Sequence[Fault]:
    unknown = set(names) - {fault.name for fault in FAULTS}
    if unknown:
        console.print(f"there is no fault {', '.join(sorted(unknown))}; `--list` names them", highlight=False)
        sys.exit(1)
    return [fault for fault in FAULTS if not names or fault.name in names]


def _torture(faults: Sequence[Fault], options: Options, times: int, folder: Path, console: Console) -> Report:
    """Have each fault happen so many times; what is known so far is on disk after each of them. Return this run's."""
    raise_open_files()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # PostgreSQL of root may have to run as nobody, and to pass through here
    known = _known(folder)
    shown = Shown(console, len(faults) * times)
    with shown.live():
        for fault in faults:
            _put_into(known, _all_trials(fault, options, times, folder, shown))
            _write(folder, known)
    names = {fault.name for fault in faults}
    return Report(machine=known.machine, results=[each for each in known.results if each.name in names])


def _all_trials(fault: Fault, options: Options, times: int, folder: Path, shown: Shown) -> Result:
    measured_at = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
    result = Result(name=fault.name, what=fault.what, options=options, measured_at=measured_at)
    for number in range(1, times + 1):
        shown.begin(f"{fault.name} {number}/{times}")
        try:
            trial = _one(fault, options, folder, number, shown.say)
        except CannotRun as error:
            result.not_run = str(error)
            shown.end(f"NOT RUN: {error}")
        else:
            result.trials.append(trial)
            shown.end(outcome_of(trial))
    return result


def _one(fault: Fault, options: Options, folder: Path, seed: int, say: Say) -> Trial:
    """Run one trial in a folder of its own. Whatever ends it early is a finding; the other trials go on."""
    place = Path(tempfile.mkdtemp(prefix="data-", dir=folder))
    place.chmod(0o711)
    try:
        return uvloop.run(run_trial(fault, options, place, seed=seed, say=say))
    except CannotRun:
        raise
    except Exception as error:
        return Trial(
            did="nothing",
            before=0.0,
            during=None,
            silence_seconds=0.0,
            recovery_seconds=None,
            counts=Counts(),
            untrue=[f"the trial ended: {error!r}"],
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _put_into(report: Report, result: Result) -> None:
    order = [fault.name for fault in FAULTS]
    kept = [each for each in report.results if each.name != result.name and each.name in order]
    report.results = sorted([*kept, result], key=lambda each: order.index(each.name))


def _known(folder: Path) -> Report:
    """Return what earlier runs on this machine left; nothing of another machine."""
    machine = describe_machine(folder, {})
    try:
        report = read_report(folder / "results.json")
    except (OSError, msgspec.MsgspecError):
        return Report(machine=machine)
    same = (report.machine.processor, report.machine.processors) == (machine.processor, machine.processors)
    return Report(machine=machine, results=report.results if same else [])


def read_report(file: Path) -> Report:
    """Read what a run wrote."""
    return msgspec.json.decode(file.read_bytes(), type=Report)


def _write(folder: Path, report: Report) -> None:
    (folder / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    (folder / "results.html").write_text(render_page(report), encoding="utf-8")


def _show(found: Report, folder: Path, console: Console) -> int:
    """Print what was found; return the exit status."""
    console.print(render(found))
    console.print(f"{folder / 'results.html'}\n{folder / 'results.json'}", highlight=False, soft_wrap=True)
    console.print(total_of(found), highlight=False, soft_wrap=True)
    failed = failures(found)
    for line in failed:
        console.print(line, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return 1 if failed else 0


if __name__ == "__main__":
    end_as_interrupted()
    app()
