"""The resident memory of a process and its children, watched while something runs."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INTERVAL_SECONDS = 0.2


class Peak:
    """The most that was seen so far."""

    megabytes = 0.0


@contextmanager
def watching_memory(process_id: int) -> Iterator[Peak]:
    """Watch until the context ends; shared pages count once for each process that has them."""
    peak, stop = Peak(), threading.Event()

    def watch() -> None:
        while True:
            peak.megabytes = max(peak.megabytes, resident_megabytes(process_id))
            if stop.wait(INTERVAL_SECONDS):
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def resident_megabytes(process_id: int) -> float:
    """Return the resident memory of a process and all below it."""
    children = defaultdict(list)
    pages = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        children[int(state[1])].append(int(entry.name))
        pages[int(entry.name)] = int(state[21])
    family = [process_id]
    for member in family:
        family += children[member]
    return sum(pages.get(member, 0) for member in family) * 4096 / 2**20
