"""`python -m bench`: measure rows, one or all, and write what was found."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from bench.documentation import write_tables
from bench.errors import BenchError, CannotRun
from bench.generators import choose
from bench.interrupting import end_as_interrupted
from bench.machine import describe_machine
from bench.measuring import measure, put_into
from bench.options import Generator, Options
from bench.page import render_page
from bench.programs import install_k6, raise_open_files
from bench.rows import CurveRow, Row, all_rows, chosen
from bench.servers import ROOT, Servers, make_folder
from bench.terminal import Shown, outcome_of, render, render_names, wide_console
from bench.values import Machine, Report, read_report
from bench.words import BY_K6, failures

FOLDER = ROOT / ".bench"

app = App(name="bench", help="Measures Boxoffice beside its yardsticks. docs/benchmark.md says how.", version_flags=[])


@app.default
def run(
    *,
    only: Annotated[list[str] | None, Parameter(negative=())] = None,
    pairs: int = Options().pairs,
    seconds: float = Options().seconds,
    workers: int = Options().workers,
    connections: int = Options().connections,
    generator: Generator | None = None,
    folder: Path = FOLDER,
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
) -> None:
    """Measure everything, or some rows; exit status 1 when a row was untrue or could not be measured.

    Parameters
    ----------
    only
        Name of a row or a group (shows, others, curves); may be given several times. Results of other rows are kept.
    pairs
        Pairs of runs, yardstick and service in turn.
    seconds
        Length of each run.
    workers
        Service processes behind the port.
    connections
        Connections that reach the peak.
    generator
        What sends the load: wrk (and h2load), or k6, which is installed when it is missing. Chosen by what is there.
    folder
        Where results.json and results.html go, and the servers' data while they run.
    list_
        Name the rows and do nothing else.
    """
    console = wide_console()
    if list_:
        return console.print(render_names())
    rows = _chosen_or_exit(only or [], console)
    ready = _ready_generator(generator, rows, console)
    options = Options(pairs=pairs, seconds=seconds, workers=workers, connections=connections, generator=ready)
    found = _only(_measure_all(rows, options, folder, console), {row.name for row in rows})
    sys.exit(_show(found, folder, console))


def _chosen_or_exit(names: Sequence[str], console: Console) -> Sequence[Row | CurveRow]:
    try:
        return chosen(names)
    except KeyError as error:
        console.print(f"there is no row or group {error}; `python -m bench --list` names them", highlight=False)
        sys.exit(1)


def _ready_generator(wanted: Generator | None, rows: Sequence[Row | CurveRow], console: Console) -> Generator:
    """Choose what sends the load, and install it where that can be done; without it, rows say what is missing."""
    generator = choose(wanted, {program for row in rows for program in row.needs})
    if generator == "k6":
        console.print(BY_K6, style="yellow", highlight=False)
        try:
            install_k6()
        except CannotRun as error:
            console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
    return generator


def _show(found: Report, folder: Path, console: Console) -> int:
    """Print what was measured; return the exit status."""
    console.print(render(found))
    console.print(f"{folder / 'results.html'}\n{folder / 'results.json'}", highlight=False, soft_wrap=True)
    failed = failures(found)
    for line in failed:
        console.print(line, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return 1 if failed else 0


@app.command
def document(results: Path) -> None:
    """Write the tables of a results.json into docs/benchmark.md, between its marks.

    Parameters
    ----------
    results
        The file, best one that is committed under docs/benchmark/.
    """
    write_tables(ROOT / "docs" / "benchmark.md", read_report(results))


def _only(report: Report, names: set[str]) -> Report:
    """Return the part of a report that this run measured: the terminal shows no more, the files show all."""
    return Report(
        machine=report.machine,
        comparisons=[row for row in report.comparisons if row.name in names],
        curves=[curve for curve in report.curves if curve.name in names],
    )


def _measure_all(rows: Sequence[Row | CurveRow], options: Options, folder: Path, console: Console) -> Report:
    """Measure rows; what is known so far is on disk after each of them."""
    raise_open_files()
    make_folder(folder)
    servers = Servers(folder)
    shown = Shown(console, len(rows))
    try:
        servers.start()
        report = _known(folder, describe_machine(folder, servers.durability()))
        order = [row.name for row in all_rows()]
        with shown.live():
            for row in rows:
                shown.begin(row.name)
                result = measure(row, options, servers, shown.say)
                put_into(report, result, order)
                _write(folder, report)
                shown.end(outcome_of(result))
        return report
    except BenchError as error:
        console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)
    finally:
        servers.stop()


def _known(folder: Path, machine: Machine) -> Report:
    """Return what earlier runs on this machine left; nothing of another machine."""
    try:
        report = read_report(folder / "results.json")
    except (OSError, msgspec.MsgspecError):
        return Report(machine=machine)
    same = (report.machine.processor, report.machine.processors) == (machine.processor, machine.processors)
    report.machine = machine
    return report if same else Report(machine=machine)


def _write(folder: Path, report: Report) -> None:
    (folder / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    (folder / "results.html").write_text(render_page(report), encoding="utf-8")


if __name__ == "__main__":
    end_as_interrupted()
    app()
