"""`python -m bench.capacity`: measure, fit, predict what was not fitted, and write what was found."""

import datetime as dt
import sys
from functools import partial
from pathlib import Path

import msgspec
from cyclopts import App
from rich.console import Console

from bench.capacity.configurations import CONFIGURATIONS, RELAYED
from bench.capacity.disk import log_bytes_per_second
from bench.capacity.documentation import write_page
from bench.capacity.fit import fit_costs, worked_out
from bench.capacity.measure import Range, rounds
from bench.capacity.terminal import render
from bench.capacity.values import Results, read_results
from bench.capacity.verdict import failures
from bench.errors import BenchError
from bench.generators import choose
from bench.interrupting import end_as_interrupted
from bench.machine import describe_machine
from bench.options import Generator, Options
from bench.programs import install_k6, raise_open_files
from bench.servers import ROOT, Servers, make_folder
from bench.stage import Stage
from bench.terminal import wide_console

FOLDER = ROOT / ".bench"
COMMITTED = ROOT / "docs/capacity/results.json"
NEEDS = ("wrk", "h2load")

app = App(name="bench.capacity", help="What a hold costs, and how many machines carry how many.", version_flags=[])


@app.default
def run(
    *,
    rounds: int = 3,
    seconds: float = 4.0,
    generator: Generator | None = None,
    folder: Path = FOLDER,
    page: bool = False,
) -> None:
    """Measure, fit and predict; exit status 1 when a prediction is too far from what was measured.

    Parameters
    ----------
    rounds
        How often each configuration is measured, all in turn.
    seconds
        Length of each run.
    generator
        What sends the load: wrk (and h2load), or k6. Chosen by what is there.
    folder
        Where capacity.json goes, and the servers' data while they run.
    page
        Write docs/capacity.md and the results that it is made from, if the model holds.
    """
    console = wide_console()
    chosen = choose(generator, NEEDS)
    if chosen == "k6":
        install_k6()
    written = folder / "capacity.json"
    results = _measure(rounds, seconds, chosen, folder, console)
    _write(written, results)  # what was measured is kept, whatever comes of it
    results = worked_out(results)
    _write(written, results)
    console.print(str(written), highlight=False, soft_wrap=True)
    failed = _show(results, console)
    if page and not failed:
        _write(COMMITTED, results)
        write_page(ROOT, results)
    sys.exit(1 if failed else 0)


@app.command
def again(results: Path = FOLDER / "capacity.json") -> None:
    """Fit and predict once more what was measured before; exit status as of a run.

    Parameters
    ----------
    results
        The file that a run left.
    """
    sys.exit(1 if _show(worked_out(read_results(results)), wide_console()) else 0)


def _show(results: Results, console: Console) -> bool:
    """Print what was found; return whether anything is wrong with it."""
    console.print(render(results))
    failed = failures(results)
    for line in failed:
        console.print(line, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return bool(failed)


@app.command
def document(results: Path = COMMITTED) -> None:
    """Write the tables and the picture of docs/capacity.md from results, and keep these beside them.

    Parameters
    ----------
    results
        The file, best the one that is committed.
    """
    known = read_results(results)
    _write(COMMITTED, known)
    write_page(ROOT, known)


def _write(file: Path, results: Results) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def _measure(count: int, seconds: float, generator: Generator, folder: Path, console: Console) -> Results:
    raise_open_files()
    make_folder(folder)
    servers = Servers(folder)
    say = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    try:
        servers.start()
        machine = describe_machine(folder, servers.durability())
        stage = Stage(options=Options(seconds=seconds, pairs=count, generator=generator), servers=servers, say=say)
        measured = Range(stage, CONFIGURATIONS)
        relayed = [measured.run_relayed(each) for each in CONFIGURATIONS if each.name in RELAYED]
        runs = rounds(CONFIGURATIONS, count, measured.run, say)
        disk = log_bytes_per_second(folder)
    except BenchError as error:
        console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)
    finally:
        servers.stop()
    return Results(
        machine=machine,
        measured_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        generator=generator,
        rounds=count,
        seconds=seconds,
        disk_bytes_per_second=disk,
        configurations=list(CONFIGURATIONS),
        runs=runs,
        relayed=relayed,
        model=fit_costs(CONFIGURATIONS, [*relayed, *runs]),
        points=[],
    )


if __name__ == "__main__":
    end_as_interrupted()
    app()
