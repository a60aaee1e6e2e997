"""The processes of this machine, as /proc tells of them: who started whom, what each has used. Empty without /proc."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Used(NamedTuple):
    """What one process has used: time of the processors with that of its ended children, and memory that it holds."""

    parent: int
    processor_seconds: float
    resident_megabytes: float


def read_processes() -> Mapping[int, Used]:
    """Look at every process once."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        found[int(entry.name)] = used_by(state)
    return found


def used_by(state: Sequence[str]) -> Used:
    """Read the fields of /proc/PID/stat that follow the name: its threads are in it, and its ended children apart."""
    ticks = sum(map(int, state[11:15]))
    return Used(int(state[1]), ticks / TICKS_PER_SECOND, int(state[21]) * PAGE_BYTES / 2**20)


def family(process_id: int, processes: Mapping[int, Used]) -> Sequence[Used]:
    """Return a process and all below it."""
    children = defaultdict(list)
    for each, used in processes.items():
        children[used.parent].append(each)
    members = [process_id]
    for member in members:
        members += children[member]
    return [processes[member] for member in members if member in processes]


def machine_busy_seconds() -> float | None:
    """Return the time for which the processors of this machine have been busy, all together; None without /proc."""
    states = _machine_states()
    return None if states is None else sum(states.values())


def machine_program_seconds() -> float | None:
    """Return what of that went to programs and to other machines, not to interrupts; None without /proc.

    A kernel that does not account for interrupts by themselves has their time in that of the processes they fall into.
    """
    states = _machine_states()
    return None if states is None else sum(states[name] for name in ("user", "nice", "system", "steal"))


def _machine_states() -> Mapping[str, float] | None:
    """Return for how long the processors have been busy with what."""
    try:
        fields = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, interrupts, soft, steal = (
        int(field) / TICKS_PER_SECOND for field in fields[:8]
    )
    return {"user": user, "nice": nice, "system": system, "interrupts": interrupts, "soft": soft, "steal": steal}
