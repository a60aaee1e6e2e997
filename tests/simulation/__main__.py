"""`python -m tests.simulation`: play many seeds, judge each, and make the first failure small."""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from cyclopts import App
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench.interrupting import end_as_interrupted
from bench.terminal import wide_console
from tests.conftest import Service
from tests.simulation.defects import DEFECTS, with_defect
from tests.simulation.operations import Scenario
from tests.simulation.servers import running_servers
from tests.simulation.shrinking import shrink
from tests.simulation.simulation import Result, first_failure, play_to_the_end
from tests.simulation.stage import Stage, open_stage, services_of_stage
from tests.simulation.tally import Tally
from tests.simulation.workload import scenario_of

FAULTS_SHOWN_MAX = 5
ATTEMPTS = 3
"""How often a smaller scenario is played before it counts as one that does not fail."""

app = App(name="simulation", help="Plays simulations. docs/proof.md says what they are.", version_flags=[])


@app.default
def play(
    *,
    seeds: int = 20,
    operations: int = 500,
    seed: int | None = None,
    first: int = 0,
    at_once: int = 4,
) -> None:
    """Play seeds; exit status 1 when one was not clean.

    Parameters
    ----------
    seeds
        How many seeds.
    operations
        Operations of each.
    seed
        Play this one only.
    first
        The first seed.
    at_once
        Seeds that are played at the same time, on the same services.
    """
    console = wide_console()
    chosen = range(first, first + seeds) if seed is None else [seed]
    scenarios = [scenario_of(one, operations) for one in chosen]
    with ExitStack() as at_end:
        servers = at_end.enter_context(running_servers())
        services = at_end.enter_context(services_of_stage(servers.database_url, servers.redis_url, servers.folder))
        began_at = time.monotonic()
        tally = asyncio.run(_play_all(console, servers.database_url, services, scenarios, at_once))
        tally.show(console, time.monotonic() - began_at)
        failed = [scenario for scenario in scenarios if scenario.seed in tally.failed]
        for scenario in failed:
            _tell(console, scenario, tally.failed[scenario.seed])
        if failed:
            _shrink(console, servers.database_url, services, failed[0])
    sys.exit(1 if failed else 0)


@app.command
def defects(*, only: str = "", seeds: int = 10, operations: int = 300) -> None:
    """Play on services with one defect after the other; exit status 1 when one was not found.

    Parameters
    ----------
    only
        Words that stand in the names of the defects to play.
    seeds
        How many seeds a defect may survive.
    operations
        Operations of each.
    """
    console = wide_console()
    names, missed = [name for name in DEFECTS if only in name], 0
    with running_servers() as servers:
        for name in names:
            with (
                with_defect(name, servers.database_url, servers.folder) as environment,
                services_of_stage(servers.database_url, servers.redis_url, servers.folder, environment) as services,
            ):
                scenarios = [scenario_of(seed, operations) for seed in range(seeds)]
                found = asyncio.run(_first_failure_on(servers.database_url, services, scenarios))
            missed += found is None
            console.print(f"{name}: " + ("NOT FOUND" if found is None else f"found by seed {found.scenario.seed}"))
            if found is not None:
                console.print(f"    {found.audit.faults[0]}", markup=False, highlight=False)
    console.print(f"{len(names) - missed} of {len(names)} defects found.")
    sys.exit(0 if names and not missed else 1)


async def _first_failure_on(
    database_url: str, services: Sequence[Service], scenarios: Sequence[Scenario]
) -> Result | None:
    async with open_stage(database_url, services) as stage:
        return await first_failure(stage, scenarios)


async def _play_all(
    console: Console, database_url: str, services: Sequence[Service], scenarios: Sequence[Scenario], at_once: int
) -> Tally:
    tally, places = Tally(), asyncio.Semaphore(at_once)
    progress = Progress(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, disable=not console.is_terminal,
    )  # fmt: skip
    bar = progress.add_task("seeds", total=len(scenarios))

    async def play_one(stage: Stage, scenario: Scenario) -> None:
        async with places:
            tally.add(await play_to_the_end(stage, scenario))
        words = f"{tally.seeds - len(tally.failed)} of {tally.seeds} seeds clean, {tally.unknown} outcomes unknown"
        progress.update(bar, completed=tally.seeds, description=words)
        if not console.is_terminal and (tally.seeds % 10 == 0 or tally.seeds == len(scenarios)):
            console.print(words)

    with progress:
        async with open_stage(database_url, services) as stage, asyncio.TaskGroup() as tasks:
            for scenario in scenarios:
                tasks.create_task(play_one(stage, scenario))
    return tally


def _tell(console: Console, scenario: Scenario, faults: Sequence[str]) -> None:
    console.print(f"\nSeed {scenario.seed} is not clean. To repeat it:", style="bold red")
    console.print(f"    make simulate SEED={scenario.seed} OPERATIONS={len(scenario.operations)}")
    for fault in faults[:FAULTS_SHOWN_MAX]:
        console.print(f"  - {fault}", markup=False, highlight=False, soft_wrap=True)
    if len(faults) > FAULTS_SHOWN_MAX:
        console.print(f"  and {len(faults) - FAULTS_SHOWN_MAX} more")


def _shrink(console: Console, database_url: str, services: Sequence[Service], scenario: Scenario) -> None:
    """Show the smallest part of a scenario that fails too."""
    found: dict[int, Sequence[str]] = {}

    async def faults_of(smaller: Scenario) -> Sequence[str]:
        async with open_stage(database_url, services) as stage:
            return (await play_to_the_end(stage, smaller)).audit.faults

    def fails(smaller: Scenario) -> bool:
        for _ in range(ATTEMPTS):
            if faults := asyncio.run(faults_of(smaller)):
                found[len(smaller.operations)] = faults
                return True
        return False

    console.print(f"\nMaking seed {scenario.seed} smaller ...")
    smallest = shrink(scenario, fails)
    if len(smallest.operations) not in found:
        console.print("It did not fail again: what fails is a race that is seldom lost.")
        return
    console.print(f"{len(smallest.operations)} operations of {smallest.clients} clients still fail:")
    console.print(f"  {smallest.offer}, {smallest.dates} dates", markup=False, soft_wrap=True)
    for operation in smallest.operations:
        console.print(f"  {operation}", markup=False, soft_wrap=True)
    for fault in found[len(smallest.operations)][:FAULTS_SHOWN_MAX]:
        console.print(f"  - {fault}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    end_as_interrupted()
    app()
