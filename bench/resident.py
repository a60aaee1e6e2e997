"""The resident memory of a process and its children, watched while something runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.processes import family, read_processes

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
    return sum(each.resident_megabytes for each in family(process_id, read_processes()))
