"""One drill, in the room: `python -m tests.balancer.inside BALANCER DRILL OPTIONS FOLDER`. Prints the trial as JSON."""

import asyncio
import sys
from pathlib import Path

import msgspec
import uvloop

from bench.programs import raise_open_files
from tests.balancer.balancers import WAYS, Balancer
from tests.balancer.drills import DRILLS, LEAVE_SECONDS, Drill
from tests.balancer.machines import HOLD_SECONDS, Machines
from tests.torture.results import Options, Trial
from tests.torture.trial import Trouble, rehearse


async def run_drill(balancer: Balancer, drill: Drill, options: Options, folder: Path) -> Trial:
    """Run one drill, from an empty folder to the last ticket sold."""
    machines = Machines(folder, balancer, LEAVE_SECONDS)
    try:
        await machines.start()
        trouble = Trouble(
            what=drill.what,
            happen=lambda: drill.happen(machines, options.fault_seconds),
            hold_seconds=HOLD_SECONDS,
            releases_may_repeat=balancer.repeats_releases,
        )
        return await rehearse(trouble, machines, options, seed=0, say=say)
    finally:
        await asyncio.to_thread(machines.stop)


def say(what: str) -> None:
    """Tell whoever waits what is going on."""
    sys.stderr.write(f"  {what}\n")
    sys.stderr.flush()


def main(balancer_name: str, drill_name: str, options: str, folder: str) -> None:
    """Run the drill of that name behind the balancer of that name."""
    (balancer,) = (each for each in WAYS if each.name == balancer_name)
    (drill,) = (each for each in DRILLS if each.name == drill_name)
    raise_open_files()
    trial = uvloop.run(run_drill(balancer, drill, msgspec.json.decode(options, type=Options), Path(folder)))
    sys.stdout.write(msgspec.json.encode(trial).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
