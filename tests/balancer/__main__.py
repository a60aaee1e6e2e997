"""`python -m tests.balancer`: have services behind each balancer restarted, cut off and slowed down, and count."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.interrupting import end_as_interrupted
from bench.programs import raise_open_files
from bench.servers import ROOT
from bench.terminal import wide_console
from tests.balancer.balancers import PACKAGES, WAYS, Balancer
from tests.balancer.drills import DRILLS, Drill, findings, noticed
from tests.balancer.room import cannot_enter, enter
from tests.debian import ROOT_USER, find_program, install, starts_what_is_installed
from tests.torture.results import Counts, Options, Trial

FOLDER = ROOT / ".balancer"
COLUMNS = ("balancer", "drill", "before", "meanwhile", "silent", "holds", "payments", "releases", "failed", "untrue")
TRIAL_SECONDS_MAX = 600
NOBODY_HURRIES = (20.0,)

app = App(name="balancer", help="Drills behind the shipped balancers. docs/deployment.md says what.", version_flags=[])


@app.default
def run(
    *,
    only: Annotated[list[str] | None, Parameter(negative=())] = None,
    per_second: float = 620.0,
    seconds: float = Options().fault_seconds,
    folder: Path = FOLDER,
) -> None:
    """Run every drill behind every balancer; exit status 1 when one failed, or could not be run here.

    Parameters
    ----------
    only
        Part of `balancer drill`; may be given several times.
    per_second
        Holds a second that buyers come for.
    seconds
        How long a host is cut off, or slow.
    folder
        Where results.json goes, and everybody's data while they run.
    """
    console = wide_console()
    chosen = chosen_or_exit(only or (), console)
    problem = _prepare()
    if problem:
        console.print(f"NOT RUN: {problem}", style="bold red", highlight=False)
        sys.exit(1)
    raise_open_files()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # PostgreSQL of root may have to run as nobody, and to pass through here
    options = Options(per_second=per_second, fault_seconds=seconds, patience_seconds=NOBODY_HURRIES)
    trials = {_title(*pair): _one(*pair, options, folder.resolve(), console) for pair in chosen}
    (folder / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(trials), indent=1) + b"\n")
    sys.exit(_show(chosen, trials, console))


def chosen_or_exit(only: Sequence[str], console: Console) -> Sequence[tuple[Balancer, Drill]]:
    """Return the drills whose titles hold one of these parts, or all when none is named.

    Ends the program with exit status 1 and a list of the titles where a part fits none: what was not run did not pass.
    """
    pairs = [(balancer, drill) for balancer in WAYS for drill in DRILLS]
    titles = [_title(*pair) for pair in pairs]
    unknown = [part for part in only if not any(part in title for title in titles)]
    if unknown:
        told = f"no drill fits {', '.join(map(repr, unknown))}; there are {', '.join(titles)}"
        console.print(told, style="bold red", highlight=False, markup=False)
        sys.exit(1)
    return [pair for pair in pairs if not only or any(part in _title(*pair) for part in only)]


def _prepare() -> str | None:
    """Install what is missing, where we may. Return why nothing can be run here."""

    def missing() -> list[str]:
        return [name for name in PACKAGES if find_program(name) is None]

    if missing() and os.geteuid() == ROOT_USER and not starts_what_is_installed():
        lock = Path(tempfile.gettempdir()) / "boxoffice-balancers.lock"
        install([PACKAGES[name] for name in missing()], lock, lambda: not missing())
    if missing():
        return f"apt-get install {' '.join(PACKAGES[name] for name in missing())}"
    return cannot_enter()


def _title(balancer: Balancer, drill: Drill) -> str:
    return f"{balancer.name} {drill.name}"


def _one(balancer: Balancer, drill: Drill, options: Options, folder: Path, console: Console) -> Trial:
    """Run one drill in a room and a folder of its own. Whatever ends it early is a finding."""
    console.print(f"{_title(balancer, drill)}: {drill.what}", highlight=False)
    place = Path(tempfile.mkdtemp(prefix="data-", dir=folder))
    place.chmod(0o711)
    told = [balancer.name, drill.name, msgspec.json.encode(options).decode(), str(place)]
    command = enter([sys.executable, "-m", "tests.balancer.inside", *told])
    try:
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=TRIAL_SECONDS_MAX, check=False)
        return msgspec.json.decode(ended.stdout, type=Trial)
    except (msgspec.MsgspecError, subprocess.TimeoutExpired) as error:
        untrue = [f"the drill ended: {error!r}"]
        return Trial(
            did="nothing",
            before=0,
            during=None,
            silence_seconds=0,
            recovery_seconds=None,
            counts=Counts(),
            untrue=untrue,
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _show(chosen: Sequence[tuple[Balancer, Drill]], trials: Mapping[str, Trial], console: Console) -> int:
    """Print the table and what was found; return the exit status."""
    table = Table(title="Behind balancers", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place, column in enumerate(COLUMNS):
        table.add_column(column, justify="left" if place < 2 else "right")
    found = []
    for balancer, drill in chosen:
        trial = trials[_title(balancer, drill)]
        table.add_row(*cells(balancer, drill, trial))
        found += [f"{_title(balancer, drill)}: {each}" for each in findings(drill, trial.counts, trial.untrue)]
    console.print(table)
    for line in found:
        console.print(line, style="bold red", highlight=False, markup=False, soft_wrap=True)
    failed = len({line.partition(":")[0] for line in found})
    console.print(f"{len(chosen) - failed} passed, {failed} failed", highlight=False)
    return 1 if found else 0


def cells(balancer: Balancer, drill: Drill, trial: Trial) -> list[str]:
    """Return a row of the table: holds a second before and meanwhile, the longest time without any, and counts."""
    counts = trial.counts
    meanwhile = "-" if trial.during is None else f"{trial.during:,.0f}"
    numbers = (counts.holds, counts.payments, counts.releases, noticed(counts), len(trial.untrue))
    return [
        balancer.name,
        drill.name,
        f"{trial.before:,.0f}",
        meanwhile,
        f"{trial.silence_seconds:.1f} s",
        *(f"{number:,}" for number in numbers),
    ]


if __name__ == "__main__":
    end_as_interrupted()
    app()
