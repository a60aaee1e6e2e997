"""What happens to the four services while they sell: by name, what is done, and what buyers may notice of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.balancer.machines import Machines
from tests.torture.results import Counts
from tests.waiting import pass_time

LEAVE_SECONDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill. `harmless`: no buyer may notice it. `is_control`: buyers must notice it, or nothing is proved."""

    name: str
    what: str
    happen: Callable[[Machines, float], Awaitable[str]]
    harmless: bool = False
    is_control: bool = False


async def restart_all(machines: Machines, _seconds: float) -> str:
    """Restart one service after the other."""
    for web in machines.web:
        await machines.restart(web)
    return f"{len(machines.web)} services restarted, one after the other"


async def cut_one_off(machines: Machines, seconds: float) -> str:
    """Pull the cable of one host, and put it in again."""
    host = machines.web[1].host
    machines.room.cut_off(host)
    await pass_time(seconds)
    machines.room.join(host)
    return f"{host} was cut off for {seconds:g} s"


async def slow_one_down(machines: Machines, seconds: float) -> str:
    """Have the line of one host carry little for a while."""
    host = machines.web[2].host
    machines.room.slow_down(host)
    await pass_time(seconds)
    machines.room.speed_up(host)
    return f"the line of {host} was slow for {seconds:g} s"


async def kill_all(machines: Machines, _seconds: float) -> str:
    """Kill one service after the other, as a machine that loses power would."""
    for web in machines.web:
        await machines.kill(web)
    return f"{len(machines.web)} services killed and started again, one after the other"


DRILLS = (
    Drill(name="rolling-restart", what="all four services are restarted in turn", happen=restart_all, harmless=True),
    Drill(name="host-cut-off", what="one host of four is cut off", happen=cut_one_off),
    Drill(name="host-slow", what="one host of four is slow", happen=slow_one_down),
    Drill(
        name="killed-in-turn",
        what="control: all four services are killed in turn",
        happen=kill_all,
        is_control=True,
    ),
)


def noticed(counts: Counts) -> int:
    """Return how many requests of buyers failed: were not answered, or were answered that they must come again."""
    return counts.busy + counts.busy_later + counts.no_answer


def findings(drill: Drill, counts: Counts, untrue: list[str]) -> list[str]:
    """Return everything by which a drill has failed. A control fails when nothing was noticed."""
    failed = noticed(counts)
    if drill.harmless and failed:
        return [*untrue, f"{failed} requests failed, though nobody should notice"]
    if drill.is_control and not failed:
        return [*untrue, "nobody noticed: then the drill beside it proves nothing"]
    return untrue
